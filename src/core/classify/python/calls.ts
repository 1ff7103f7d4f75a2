/** What calls of Python code say: one fact each, files and addresses that they name, and texts that they run. */
import type { Findings, Language, Place } from "../fact.ts";
import { addPath } from "../path-reader.ts";
import { isSql } from "../sql/reader.ts";
import {
	CODES,
	FILES,
	HOSTNAMES,
	isCommon,
	isHandedOn,
	isProgramFile,
	isSending,
	isTame,
	PROCESSES,
	QUERIES,
	readsOf,
	runsProgram,
} from "./names.ts";
import {
	DECODED,
	FETCHED,
	FILE,
	GIVEN,
	HOLE,
	HOST,
	isWhole,
	OUTPUT,
	SECRET,
	taintNames,
	UNKNOWN,
	type Value,
} from "./value.ts";

const TEXT_MAX = 300;
const CALLS_MAX = 2_000;

/** Keywords whose values say how something is asked, and not what is told. */
const ASKING: ReadonlySet<string> = new Set([
	"headers",
	"auth",
	"cert",
	"verify",
	"timeout",
	"env",
	"api_key",
	"token",
	"password",
	"passwd",
	"aws_secret_access_key",
	"aws_access_key_id",
	"aws_session_token",
	"proxies",
	"key",
	"dsn",
	"user",
	"username",
	"secret",
	"client_secret",
	"credentials",
	"credential",
	"access_token",
	"stream",
	"encoding",
]);

const SECRET_NAME = /(?:key|secret|token|passw|pwd|credential|auth|private|session|cookie|dsn)/iu;

/** Code that stands where no window shows it. */
const HIDDEN = /[ \t]{120,};\s*\w/u;
/** A template that reaches for the classes of the program that fills it in. */
const WALKS = /__(?:class|mro|base|globals|subclasses|builtins|import)__/u;
const LOGS = /^(?:print|logging|logger|log|self\.log\w*)\b|\.(?:debug|info|warning|error|format|join)$/u;
/** An address that is not this machine's own. */
const ELSEWHERE = /^(?:https?|wss?|ftp):\/\/(?!localhost|127\.|0\.0\.0\.0|\[::1)[\w.-]/iu;

export class Calls {
	readonly #text: string;
	readonly #at: Place;
	readonly #to: Findings;
	readonly #seen = new Set<string>();
	/** Functions of the text that send what they are given. */
	readonly senders = new Set<string>();
	/** What the function that is being read is given was sent somewhere. */
	isPassing = false;
	#count = 0;
	#isFetching = false;
	#isProgramMade = false;

	constructor(text: string, at: Place, to: Findings) {
		this.#text = text;
		this.#at = at;
		this.#to = to;
	}

	/** Says that the text was read, and how well: what nothing is known of is no code of another kind. */
	end(nodes: number, errors: number): void {
		const isRead = nodes > 1 && errors * 8 < nodes;
		if (isRead) this.#add({ name: ["code"] }, 0, this.#text.length);
		const hidden = HIDDEN.exec(this.#text);
		if (hidden !== null) this.escaped("hidden-by-spaces", hidden.index, hidden.index + hidden[0].length);
		else if (errors > 0) this.opaque("unreadable", 0, this.#text.length);
	}

	opaque(why: string, from: number, to: number): void {
		if (this.#isNew(`opaque ${why}`))
			this.#to.add({ ...this.#place(from, to), kind: "opaque", has: { why: [why], language: ["python"] } });
	}

	imported(name: string, from: number, to: number): void {
		if (this.#isNew(`import ${name}`))
			this.#to.add({ ...this.#place(from, to), kind: "import", has: { name: [name, name.split(".")[0] as string] } });
	}

	/** A name that is looked up while the code runs. */
	dynamic(owner: string, from: number, to: number): void {
		const root = owner.split(".")[0] ?? owner;
		const isSystem = /^(?:builtins|os|sys|subprocess|posix|nt|ctypes|globals\(\)|vars\(\)|__import__|importlib)$/u.test(
			root,
		);
		if (isSystem) this.#add({ name: ["dynamic"], args: [root] }, from, to);
	}

	/** `().__class__.__bases__[0].__subclasses__()`, `__reduce__`: ways around what a name says. */
	escaped(name: string, from: number, to: number): void {
		this.#add({ name: [name] }, from, to);
	}

	environment(key: Value, from: number, to: number): Value {
		const isSecret = key.text === undefined || SECRET_NAME.test(key.text);
		this.#add(
			{
				name: ["os.environ"],
				...(key.text === undefined ? {} : { args: [key.text] }),
				...(isSecret ? { reads: ["secret"] } : {}),
			},
			from,
			to,
		);
		return isSecret && key.text !== undefined ? { taint: SECRET } : UNKNOWN;
	}

	/** A function that is handed on with what it will be given: `Thread(target=os.system, args=("id",))`. */
	referred(name: string, args: readonly Value[], from: number, to: number): void {
		const plain = name.replace(/^builtins\./u, "");
		if (isHandedOn(plain)) this.called([plain], UNKNOWN, args, new Map(), from, to);
	}

	/** Tells one call; gives where its result comes from. */
	called(
		names: readonly string[],
		receiver: Value,
		args: readonly Value[],
		keywords: ReadonlyMap<string, Value>,
		from: number,
		to: number,
	): number {
		let told = 0;
		for (const value of args) told |= value.taint;
		for (const [keyword, value] of keywords) if (!ASKING.has(keyword)) told |= value.taint;
		const [name = "?"] = names;
		let taint = told | receiver.taint;
		if (name === "os.environ.get" || name === "os.getenv" || name === "environ.get")
			return this.environment(args[0] ?? UNKNOWN, from, to).taint;
		if (HOSTNAMES.has(name)) taint |= HOST;
		this.#references(args, keywords, from, to);
		this.#sent(name, told, args, keywords, from, to);
		if (name.startsWith("<local>") || !this.#isWorth(name)) return taint;
		if (++this.#count > CALLS_MAX) {
			this.opaque("too-many", from, to);
			return taint;
		}
		const has: Record<string, readonly string[]> = { name: names.flatMap(spellings) };
		const texts = args.flatMap(textOf);
		if (/(?:Template|from_string|render_template_string)$/u.test(name) && WALKS.test(texts[0] ?? ""))
			this.escaped("__globals__", from, to);
		if (texts.length > 0) has["args"] = texts;
		const named = [...keywords].flatMap(([keyword, value]) =>
			value.entries === undefined
				? [`${keyword}=${textOf(value)[0] ?? value.name ?? ""}`]
				: [...value.entries.keys()].slice(0, 16).map((key) => `${keyword}=${key}`),
		);
		if (named.length > 0) has["keywords"] = [...named, ...keywords.keys()];
		const carried = taintNames(told | (receiver.taint & (FETCHED | DECODED)));
		if (carried.length > 0) has["carries"] = carried;
		taint |= this.#effects(name, receiver, args, keywords, has, from, to);
		this.#add(has, from, to);
		if ((taint & FETCHED) !== 0 || name.endsWith("urlretrieve")) this.#isFetching = true;
		if (name.endsWith("chmod") && this.#isExecutable(args, has)) this.#isProgramMade = true;
		if (this.#isFetching && this.#isProgramMade) this.escaped("fetched-program", from, to);
		return taint;
	}

	/** Bits of a mode: who may change the file, and whether it runs. */
	#isExecutable(args: readonly Value[], has: Record<string, readonly string[]>): boolean {
		const bits = args.findLast(({ number }) => number !== undefined)?.number ?? 0;
		const mode = [
			...((bits & 0o111) === 0 ? [] : ["execute"]),
			...((bits & 0o002) === 0 ? [] : ["world"]),
			...((bits & 0o6000) === 0 ? [] : ["rights"]),
		];
		if (mode.length > 0) has["mode"] = mode;
		return mode.includes("execute");
	}

	/** What was read goes to an address that is named beside it, or to a function of the text that sends. */
	#sent(
		name: string,
		told: number,
		args: readonly Value[],
		keywords: ReadonlyMap<string, Value>,
		from: number,
		to: number,
	): void {
		if ((told & GIVEN) !== 0 && (isSending(name) || this.senders.has(name))) this.isPassing = true;
		const carried = taintNames(told & (SECRET | FILE | HOST | OUTPUT));
		if (carried.length === 0 || LOGS.test(name)) return;
		const isAddressed = [...args, ...keywords.values()].some(({ text }) => ELSEWHERE.test(text ?? ""));
		if (this.senders.has(name) || isAddressed) this.#add({ name: ["sends"], carries: carried }, from, to);
	}

	/** Functions among the arguments, beside what they will be given. */
	#references(args: readonly Value[], keywords: ReadonlyMap<string, Value>, from: number, to: number): void {
		const given =
			keywords.get("args")?.items ?? args.flatMap((arg) => (arg.name === undefined ? (arg.items ?? [arg]) : []));
		for (const value of [...args, ...keywords.values()])
			if (value.name !== undefined) this.referred(value.name, given, from, to);
	}

	/** Names of which a rule may know something: not those of the text itself, nor of texts, lists and tables. */
	#isWorth(name: string): boolean {
		const dot = name.lastIndexOf(".");
		if (dot < 0)
			return (
				FILES.has(name) ||
				/^(?:eval|exec|compile|execfile|input|raw_input|breakpoint|system|popen|Path|urlopen|get_ipython|run|call|setup|print|setattr|delattr)$/u.test(
					name,
				) ||
				PROCESSES.has(name)
			);
		return (
			!isCommon(name.slice(dot + 1)) ||
			/^(?:os|shutil|subprocess|requests|socket|jsonpickle|boto3|google|redis|pymongo)\./u.test(name)
		);
	}

	#effects(
		name: string,
		receiver: Value,
		args: readonly Value[],
		keywords: ReadonlyMap<string, Value>,
		has: Record<string, readonly string[]>,
		from: number,
		to: number,
	): number {
		const method = name.slice(name.lastIndexOf(".") + 1);
		const [first] = args;
		if (PROCESSES.has(name) || PROCESSES.has(`.${method}`) || runsProgram(method, first)) {
			this.#run(name, args, keywords, has, from, to);
			return OUTPUT;
		}
		if (CODES.has(name)) {
			const code = first ?? keywords.get("stmt");
			if (code?.text !== undefined && isWhole(code.text) && name !== "execfile")
				this.#within("python", code.text, name, from, to);
			else if (!name.includes(".") || /code|stmt|source|script|payload|expr|cmd/iu.test(code?.name ?? ""))
				has["shape"] = ["dynamic"];
			return 0;
		}
		if (FILES.has(name) || name.endsWith("Path().open"))
			return this.#opened(name, receiver, args, keywords, has, from, to);
		if (QUERIES.has(method)) {
			const text = first?.text ?? keywords.get("sql")?.text ?? keywords.get("query")?.text;
			if (text !== undefined && isSql(text.replaceAll(HOLE, "v"))) {
				has["shape"] = ["sql"];
				this.#within("sql", text.replaceAll(HOLE, "v"), method, from, to);
			}
			return 0;
		}
		this.#places(name, method, receiver, args, keywords, from, to);
		return readsOf(name);
	}

	#opened(
		name: string,
		receiver: Value,
		args: readonly Value[],
		keywords: ReadonlyMap<string, Value>,
		has: Record<string, readonly string[]>,
		from: number,
		to: number,
	): number {
		const isMethod = name.endsWith("Path().open");
		const mode = keywords.get("mode")?.text ?? (isMethod ? args[0]?.text : args[1]?.text) ?? "r";
		has["mode"] = [/[wax+]/u.test(mode) ? "write" : "read", mode];
		const path = isMethod ? receiver.text : (args[0]?.text ?? keywords.get("file")?.text);
		if (isProgramFile(path ?? "") && /[wax+]/u.test(mode)) this.#isProgramMade = true;
		if (path !== undefined && path !== HOLE) this.#path(path, /[wax+]/u.test(mode) ? "write" : "read", from, to);
		return /[wax]/u.test(mode) ? 0 : FILE;
	}

	/** Paths and addresses that a call names. */
	#places(
		name: string,
		method: string,
		receiver: Value,
		args: readonly Value[],
		keywords: ReadonlyMap<string, Value>,
		from: number,
		to: number,
	): void {
		const access = accessOf(name, method);
		const values = [...(receiver.name === "pathlib.Path()" ? [receiver] : []), ...args, ...keywords.values()];
		for (const { text } of values) {
			if (text === undefined || text.length > 2_048 || text === HOLE) continue;
			if (/^[a-z][a-z0-9+.-]*:\/\//iu.test(text)) this.#within("url", text.replaceAll(HOLE, "v"), method, from, to);
			else if (access !== undefined && !text.includes("\n")) this.#path(text, access, from, to);
			if (access === "write" && isProgramFile(text)) this.#isProgramMade = true;
		}
	}

	#path(path: string, access: string, from: number, to: number): void {
		const text = path.replaceAll(HOLE, "x");
		if (this.#isNew(`path ${access} ${text}`)) addPath(text, access, this.#place(from, to), this.#to);
	}

	/** A command that is given to a shell, or a program with its arguments. */
	#run(
		name: string,
		args: readonly Value[],
		keywords: ReadonlyMap<string, Value>,
		has: Record<string, readonly string[]>,
		from: number,
		to: number,
	): void {
		const line = commandLine(name, args, keywords);
		if (line === undefined) {
			has["command"] = ["dynamic"];
			return;
		}
		const isHarmless = isTame(line, args[0]?.items !== undefined);
		has["command"] = [isHarmless ? "harmless" : isWhole(line) ? "static" : "partial"];
		const text = line.replaceAll(HOLE, "$v");
		if (/\bchmod\s+(?:\S*\+\S*x|[0-7]*[1357])/u.test(text)) this.#isProgramMade = true;
		const isWindows =
			/^\s*(?:cmd|powershell|pwsh|reg|schtasks|net|netsh|wmic|vssadmin|bcdedit|certutil|rundll32|taskkill|sc)(?:\.exe)?\s|[a-z]:\\|%\w+%/iu.test(
				text,
			);
		// Opened as a window would; `start` is of one system alone.
		if (name === "os.startfile") return;
		const isOfCmd = /^\s*start\s/iu.test(text);
		if (!isOfCmd) this.#within("shell", text, name, from, to);
		if (isOfCmd || isWindows) this.#within("cmd", text, name, from, to);
	}

	#within(language: Language, text: string, via: string, from: number, to: number): void {
		if (!this.#isNew(`${language} ${text}`)) return;
		const place = this.#place(from, to);
		this.#to.within(language, text, { ...place, via: [...place.via, via] });
	}

	#add(has: Record<string, readonly string[]>, from: number, to: number): void {
		if (this.#isNew(JSON.stringify(has))) this.#to.add({ ...this.#place(from, to), kind: "call", has });
	}

	#isNew(key: string): boolean {
		if (this.#seen.has(key)) return false;
		this.#seen.add(key);
		return true;
	}

	/** Of a text that was decoded only the place is known that it was decoded from. */
	#place(from: number, to: number): Place {
		const { pointer, span, via } = this.#at;
		const isOwn = span[1] - span[0] === this.#text.length;
		return isOwn ? { pointer, span: [span[0] + from, span[0] + to], via } : this.#at;
	}
}

/** How rules may ask for a call: by its whole name, by its method (`.unlink`), by its module (`boto3.`). */
function spellings(name: string): string[] {
	const plain = name.replace(/^\?\./u, "");
	const last = plain.lastIndexOf(".");
	if (last < 0) return name.startsWith("?.") ? [`.${plain}`] : [plain];
	const root = plain.slice(0, plain.indexOf(".") + 1);
	return [plain, plain.slice(last), root.includes("(") ? `${root.slice(0, root.indexOf("("))}.` : root];
}

function textOf(value: Value): string[] {
	const text = value.text ?? (value.number === undefined ? undefined : String(value.number));
	if (text !== undefined) return [text.replaceAll(HOLE, "{}").slice(0, TEXT_MAX)];
	return (value.items ?? [])
		.slice(0, 16)
		.flatMap((item) => (item.text === undefined ? [] : [item.text.replaceAll(HOLE, "{}").slice(0, TEXT_MAX)]));
}

function commandLine(name: string, args: readonly Value[], keywords: ReadonlyMap<string, Value>): string | undefined {
	const isSpread = /\.(?:execl|execle|execlp|execlpe|create_subprocess_exec)$|^os\.spawnl/u.test(name);
	if (isSpread) {
		const words = args.slice(/spawnl/u.test(name) ? 2 : name.endsWith("_exec") ? 0 : 1);
		return words.length === 0 ? args[0]?.text : words.map(quoted).join(" ");
	}
	const isVector = /^os\.(?:execv|spawnv|posix_spawn)/u.test(name);
	const value =
		keywords.get("args") ??
		keywords.get("cmd") ??
		keywords.get("command") ??
		(isVector ? args.find(({ items }) => items !== undefined) : args[0]);
	if (value === undefined) return undefined;
	if (value.text !== undefined) return value.text.replaceAll(HOLE, "").trim() === "" ? undefined : value.text;
	if (value.items === undefined || value.items.length === 0 || value.items[0]?.text === undefined) return undefined;
	return value.items.map(quoted).join(" ");
}

function quoted(value: Value): string {
	const text = value.text ?? (value.number === undefined ? HOLE : String(value.number));
	return /^[\w@%+=:,./-]+$/u.test(text.replaceAll(HOLE, "x")) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function accessOf(name: string, method: string): string | undefined {
	if (
		/^(?:os\.(?:remove|unlink|rmdir|removedirs|truncate)|shutil\.rmtree|send2trash\.send2trash)$/u.test(name) ||
		(name.includes("Path()") && /^(?:unlink|rmdir)$/u.test(method))
	)
		return "delete";
	if (
		/^(?:os\.(?:rename|replace|renames|link|symlink|mkdir|makedirs|chmod|chown)|shutil\.(?:copy|copy2|copyfile|copytree|move|chown))$/u.test(
			name,
		)
	)
		return "write";
	if (name.includes("Path()"))
		return /^(?:write_text|write_bytes|mkdir|touch|rename|replace|chmod|symlink_to)$/u.test(method) ? "write" : "read";
	if (/^(?:os\.(?:listdir|scandir|walk|stat|readlink)|glob\.i?glob|linecache\.getlines?)$/u.test(name)) return "read";
	if (
		/^(?:upload_file|upload_fileobj|upload_from_filename|storbinary|put|sftp|read_csv|read_table|read_json|read_excel|loadtxt|genfromtxt|load|ZipFile|fput_object)$/u.test(
			method,
		)
	)
		return "read";
	if (
		/^(?:to_csv|to_json|to_excel|to_parquet|to_pickle|savefig|save|savetxt|imwrite|extractall|download_file|download_to_filename|urlretrieve|fget_object)$/u.test(
			method,
		)
	)
		return "write";
	if (/^sqlite3\.connect$/u.test(name)) return "read";
	return undefined;
}
