/** What calls of Python code say: one fact each, files and addresses that they name, and texts that they run. */
import type { Findings, Place } from "../fact.ts";
import { isSql } from "../sql/reader.ts";
import { isTame } from "../tame.ts";
import { accessOf } from "./access.ts";
import { attributesOf, type Call, type Has, methodOf, toldBy, valuesOf } from "./call.ts";
import { commandLine, isOfWindows } from "./command-line.ts";
import { Facts, type Span } from "./facts.ts";
import { hostOf } from "./hosts.ts";
import {
	CODES,
	FILES,
	HOSTNAMES,
	isCommon,
	isHandedOn,
	isProgramFile,
	isSending,
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

const CALLS_MAX = 2_000;

/** What is looked up is no message where it is but the machine's own name. */
const LOOKUPS = /^socket\.(?:gethostby\w+|getaddrinfo)$|\.connect$/u;
const SECRET_NAME = /(?:key|secret|token|passw|pwd|credential|auth|private|session|cookie|dsn)/iu;

/** Code that stands where no window shows it. */
const HIDDEN = /(?<![ \t])[ \t]{120,};\s*\w/u;
const TEMPLATES = /(?:Template|from_string|render_template_string)$/u;
/** A template that reaches for the classes of the program that fills it in. */
const WALKS = /__(?:class|mro|base|globals|subclasses|builtins|import)__/u;
const ENDLESS = /^while\s*\(?\s*(?:True|1)\b/u;
const WAITING = /\b(?:break|return|accept|recv|sleep|wait|waitpid|join|get|input|read|poll|select)\b/u;
const BEGINS_ANOTHER = /^os\.fork$|\b(?:Process|Thread)\(\)\.start$/u;
const LOGS = /^(?:print|logging|logger|log|self\.log\w*)\b|\.(?:debug|info|warning|error|format|join)$/u;
/** What a client of a cloud is asked for, but for what only reads or moves rows and files. */
const CLOUD_METHOD =
	/^boto3\.(?:client|resource)\(\)\.((?!(?:get|list|describe|head|upload|download|put_(?:item|object|record|metric)|scan|query|invoke|generate|send_message|batch)_?)[a-z]+_\w+)$/u;

/** An address that is not this machine's own. */
const ELSEWHERE = /^(?:https?|wss?|ftp):\/\/(?!localhost|127\.|0\.0\.0\.0|\[::1)[\w.-]/iu;

export class Calls {
	readonly #text: string;
	readonly #facts: Facts;
	/** Functions of the text that send what they are given. */
	readonly senders = new Set<string>();
	/** What the function that is being read is given was sent somewhere. */
	isPassing = false;
	#count = 0;
	#isFetching = false;
	#isProgramMade = false;
	#isEndless = false;
	/** Names of modules that the text itself writes. */
	readonly #written = new Set<string>();

	constructor(text: string, at: Place, to: Findings) {
		this.#text = text;
		this.#facts = new Facts(text.length, at, to);
	}

	/** Says that the text was read, and how well: what nothing is known of is no code of another kind. */
	end(nodes: number, errors: number): void {
		const isRead = nodes > 1 && errors * 8 < nodes;
		const whole = { from: 0, to: this.#text.length };
		if (isRead) this.#facts.call({ name: ["code"] }, whole);
		else if (errors > 0) this.opaque("unreadable", whole);
		const hidden = HIDDEN.exec(this.#text);
		if (hidden !== null) this.noted("hidden-by-spaces", { from: hidden.index, to: hidden.index + hidden[0].length });
	}

	opaque(why: string, span: Span): void {
		this.#facts.opaque(why, span);
	}

	imported(name: string, span: Span): void {
		// What was fetched was written to where it is imported from.
		if (this.#isFetching && this.#written.has(`${name}.py`)) this.noted("fetched-program", span);
		this.#facts.imported(name, span);
	}

	/** Reads a loop: one without an end, and without anything that it waits for, is known as such by what is called in it. */
	repeated<T>(loop: string, read: () => T): T {
		const before = this.#isEndless;
		this.#isEndless ||= ENDLESS.test(loop) && !WAITING.test(loop);
		const made = read();
		this.#isEndless = before;
		return made;
	}

	/** A name that is looked up while the code runs. */
	dynamic(owner: string, span: Span): void {
		const root = owner.split(".")[0] ?? owner;
		const isSystem = /^(?:builtins|os|sys|subprocess|posix|nt|ctypes|globals\(\)|vars\(\)|__import__|importlib)$/u.test(
			root,
		);
		if (isSystem) this.#facts.call({ name: ["dynamic"], args: [root] }, span);
	}

	/** Something of the text that is no call, by the name that rules ask for: ways around what a name says, files that are emptied. */
	noted(name: string, span: Span): void {
		this.#facts.call({ name: [name] }, span);
	}

	environment(key: Value, span: Span): Value {
		const isSecret = key.text === undefined || SECRET_NAME.test(key.text);
		this.#facts.call(
			{
				name: ["os.environ"],
				...(key.text === undefined ? {} : { args: [key.text] }),
				...(isSecret ? { reads: ["secret"] } : {}),
			},
			span,
		);
		return isSecret && key.text !== undefined ? { taint: SECRET } : UNKNOWN;
	}

	/** A function that is handed on with what it will be given: `Thread(target=os.system, args=("id",))`. */
	referred(name: string, args: readonly Value[], { from, to }: Span): void {
		const plain = name.replace(/^builtins\./u, "");
		if (isHandedOn(plain)) this.called({ names: [plain], receiver: UNKNOWN, args, keywords: new Map(), from, to });
	}

	/** Tells one call; gives where its result comes from. */
	called(call: Call): number {
		const { names, receiver, args } = call;
		const [name = "?"] = names;
		const isOwnAddress = LOOKUPS.test(name) && args[0]?.text === undefined;
		const told = isOwnAddress ? toldBy(call) & ~HOST : toldBy(call);
		let taint = told | receiver.taint;
		if (name === "os.environ.get" || name === "os.getenv" || name === "environ.get")
			return this.environment(args[0] ?? UNKNOWN, call).taint;
		if (HOSTNAMES.has(name)) taint |= HOST;
		this.#references(call);
		this.#sent(name, told, call);
		if (this.#isEndless && BEGINS_ANOTHER.test(name)) this.noted("fork-bomb", call);
		if (name.startsWith("<local>") || !isWorth(name)) return taint;
		if (++this.#count > CALLS_MAX) {
			this.opaque("too-many", call);
			return taint;
		}
		const has = attributesOf(call);
		const carried = taintNames(told | (receiver.taint & (FETCHED | DECODED)));
		if (carried.length > 0) has["carries"] = carried;
		taint |= this.#effects(name, call, has);
		if (name.endsWith("chmod")) this.#mode(args, has);
		this.#facts.call(has, call);
		const asked = CLOUD_METHOD.exec(name)?.[1];
		if (asked !== undefined) this.#facts.asked(asked, call);
		if (TEMPLATES.test(name) && WALKS.test(has["args"]?.[0] ?? "")) this.noted("__globals__", call);
		if ((taint & FETCHED) !== 0 || name.endsWith("urlretrieve")) this.#isFetching = true;
		if (this.#isFetching && this.#isProgramMade) this.noted("fetched-program", call);
		return taint;
	}

	/** Bits of a mode: who may change the file, and whether it runs. */
	#mode(args: readonly Value[], has: Has): void {
		const bits = args.findLast(({ number }) => number !== undefined)?.number ?? 0;
		const mode = [
			...((bits & 0o111) === 0 ? [] : ["execute"]),
			...((bits & 0o002) === 0 ? [] : ["world"]),
			...((bits & 0o6000) === 0 ? [] : ["rights"]),
		];
		if (mode.length > 0) has["mode"] = mode;
		if (mode.includes("execute")) this.#isProgramMade = true;
	}

	/** What was read goes to an address that is named beside it, or to a function of the text that sends. */
	#sent(name: string, told: number, call: Call): void {
		if ((told & GIVEN) !== 0 && (isSending(name) || this.senders.has(name))) this.isPassing = true;
		const carried = taintNames(told & (SECRET | FILE | HOST | OUTPUT));
		if (carried.length === 0 || LOGS.test(name)) return;
		const isAddressed = valuesOf(call).some(({ text }) => ELSEWHERE.test(text ?? ""));
		if (this.senders.has(name) || isAddressed) this.#facts.call({ name: ["sends"], carries: carried }, call);
	}

	/** Functions among the arguments, beside what they will be given. */
	#references(call: Call): void {
		const { args, keywords } = call;
		const given =
			keywords.get("args")?.items ?? args.flatMap((arg) => (arg.name === undefined ? (arg.items ?? [arg]) : []));
		for (const value of valuesOf(call)) if (value.name !== undefined) this.referred(value.name, given, call);
	}

	#effects(name: string, call: Call, has: Has): number {
		const { args, keywords } = call;
		const method = methodOf(name);
		const [first] = args;
		if (PROCESSES.has(name) || PROCESSES.has(`.${method}`) || runsProgram(method, first)) {
			this.#run(name, call, has);
			return OUTPUT;
		}
		if (CODES.has(name)) {
			this.#evaluated(name, first ?? keywords.get("stmt"), call, has);
			return 0;
		}
		if (FILES.has(name) || name.endsWith("Path().open")) return this.#opened(name, call, has);
		if (QUERIES.has(method)) {
			const text = first?.text ?? keywords.get("sql")?.text ?? keywords.get("query")?.text;
			if (text !== undefined && isSql(text.replaceAll(HOLE, "v"))) {
				has["shape"] = ["sql"];
				this.#facts.within("sql", text.replaceAll(HOLE, "v"), method, call);
			}
			return 0;
		}
		if (/^yaml\.load(?:_all)?$/u.test(name) && args[1]?.name !== undefined)
			has["keywords"] = [`Loader=${args[1].name}`];
		this.#places(name, method, call);
		return readsOf(name);
	}

	/** A text that is run as code. */
	#evaluated(name: string, code: Value | undefined, call: Call, has: Has): void {
		if (code?.text !== undefined && isWhole(code.text) && name !== "execfile")
			this.#facts.within("python", code.text, name, call);
		else if (!name.includes(".") || /code|stmt|source|script|payload|expr|cmd/iu.test(code?.name ?? ""))
			has["shape"] = ["dynamic"];
	}

	#opened(name: string, call: Call, has: Has): number {
		const { receiver, args, keywords } = call;
		const isMethod = name.endsWith("Path().open");
		const mode = keywords.get("mode")?.text ?? (isMethod ? args[0]?.text : args[1]?.text) ?? "r";
		const isWritten = /[wax+]/u.test(mode);
		has["mode"] = [isWritten ? "write" : "read", mode];
		const path = isMethod ? receiver.text : (args[0]?.text ?? keywords.get("file")?.text);
		if (isProgramFile(path ?? "") && isWritten) this.#isProgramMade = true;
		if (isWritten && path?.endsWith(".py") === true) this.#written.add(path.slice(path.lastIndexOf("/") + 1));
		// What starts from nothing leaves nothing of what somebody typed.
		const isEmptied = mode.startsWith("w") && /_history$/u.test(path ?? "");
		if (path !== undefined && path !== HOLE)
			this.#facts.path(path, isEmptied ? "empty" : isWritten ? "write" : "read", call);
		return /[wax]/u.test(mode) ? 0 : FILE;
	}

	/** Paths and addresses that a call names. */
	#places(name: string, method: string, call: Call): void {
		const host = hostOf(name, call);
		if (host !== undefined) this.#facts.host(host, call);
		const access = accessOf(name, method);
		const values = [...(call.receiver.name === "pathlib.Path()" ? [call.receiver] : []), ...valuesOf(call)];
		const isCopying = /^shutil\.(?:copy\w*|make_archive)$/u.test(name);
		for (const [place, { text }] of values.entries()) {
			if (text === undefined || text.length > 2_048 || text === HOLE) continue;
			if (/^[a-z][a-z0-9+.-]*:\/\//iu.test(text)) this.#facts.within("url", text.replaceAll(HOLE, "v"), method, call);
			else if (isCopying && !text.includes("\n"))
				this.#facts.path(text, place === (name.endsWith("archive") ? 2 : 0) ? "read" : "write", call);
			else if (access !== undefined && !text.includes("\n")) this.#facts.path(text, access, call);
			if (access === "write" && isProgramFile(text)) this.#isProgramMade = true;
		}
	}

	/** A command that is given to a shell, or a program with its arguments. */
	#run(name: string, call: Call, has: Has): void {
		const line = commandLine(call);
		if (line === undefined) {
			has["command"] = ["dynamic"];
			return;
		}
		const isHarmless = isTame(line, call.args[0]?.items !== undefined, isWhole(line));
		has["command"] = [isHarmless ? "harmless" : isWhole(line) ? "static" : "partial"];
		const text = line.replaceAll(HOLE, "$v");
		if (/\bchmod\s+(?:\S*\+\S*x|[0-7]*[1357])/u.test(text)) this.#isProgramMade = true;
		// Opened as a window would; `start` is of one system alone.
		if (name === "os.startfile") return;
		const isOfCmd = /^\s*start\s/iu.test(text);
		if (!isOfCmd) this.#facts.within("shell", text, name, call);
		if (isOfCmd || isOfWindows(text)) this.#facts.within("cmd", text, name, call);
	}
}

/** Names of which a rule may know something: not those of the text itself, nor of texts, lists and tables. */
function isWorth(name: string): boolean {
	if (!name.includes(".")) return FILES.has(name) || WORTH.test(name) || PROCESSES.has(name);
	if (name.startsWith("ast.")) return false;
	return (
		!isCommon(methodOf(name)) ||
		/^(?:os|shutil|subprocess|requests|socket|jsonpickle|boto3|google|redis|pymongo)\./u.test(name)
	);
}

const WORTH =
	/^(?:eval|exec|compile|execfile|input|raw_input|breakpoint|system|popen|Path|urlopen|get_ipython|run|call|setup|print|setattr|delattr|__pyarmor__)$/u;
