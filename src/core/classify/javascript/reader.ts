/**
 * Facts of JavaScript: what it calls, by the names that `require`, `import` and assignments lead to; commands, code, statements, files and addresses
 * that it names. Without a syntax tree: names that are made while the code runs are followed only where constants make them.
 */
import { looksLikeSql } from "../detectors.ts";
import type { Findings, Place } from "../fact.ts";
import { addPath } from "../path-reader.ts";
import { isTame } from "../tame.ts";
import { type Arguments, argumentsOf, carriedIn, isInputGiven, isSecretName } from "./arguments.ts";
import {
	accessOf,
	BARE_COMMANDS,
	BECOMES_CODE,
	CODE,
	COMMANDS,
	CONNECTING,
	COPIED,
	LOOKING,
	SENDING,
	SHELLS,
	STATEMENT,
	STATEMENTS,
	VECTORS,
} from "./call-names.ts";
import { isGarbled } from "./garbled.ts";
import { HOLE, lex, NAME, TEXT, type Token } from "./lexer.ts";
import { ENVIRONMENT, Names } from "./names.ts";
import { readFetch, readHost, readService } from "./services.ts";

const CALLS_MAX = 2_000;

const KEYWORDS: ReadonlySet<string> = new Set(
	"if for while switch catch function return await typeof new of in do else case throw delete void yield async".split(
		" ",
	),
);

const GLOBALS = /^(?:self|global(?:This)?|window)$/u;

/** Reads JavaScript. */
export function readJavaScript(text: string, at: Place, to: Findings): void {
	new Script(text, at, to).read();
}

class Script {
	readonly #text: string;
	readonly #at: Place;
	readonly #to: Findings;
	readonly #tokens: readonly Token[];
	readonly #names: Names;
	readonly #seen = new Set<string>();
	#assignments = 0;
	/** A connection was opened: what is written to something later may be sent. */
	#isConnected = false;

	constructor(text: string, at: Place, to: Findings) {
		this.#text = text;
		this.#at = at;
		this.#to = to;
		this.#tokens = lex(text);
		this.#names = new Names(this.#tokens);
	}

	read(): void {
		let calls = 0;
		for (let at = 0; at < this.#tokens.length; at++) {
			const token = this.#token(at);
			if (token.kind !== NAME || KEYWORDS.has(token.text)) continue;
			const before = this.#tokens[at - 1]?.text;
			const isMember = before === "." || before === "?.";
			if (isMember && this.#isAssigned(at)) this.#memberAssigned(at);
			if (isMember && !this.#isOfNoName(at)) continue;
			if (token.text === "import" && !isMember) this.#imported(at);
			if (!isMember && this.#isAssigned(at)) this.#assigned(at);
			if (before === "function" || before === "class") continue;
			const { name: spelled, end, isVeiled } = this.#names.chain(at);
			const called = spelled.slice(spelled.lastIndexOf(".") + 1);
			const name = this.#isBareCommand(spelled, end)
				? `child_process.${spelled}`
				: this.#isShell(called, end)
					? `child_process.${called}`
					: spelled;
			if (isVeiled && !LOOKING.test(name) && this.#tokens[end]?.text === "(")
				this.#add({ name: ["veiled"] }, token.from, this.#token(end).to);
			if (GLOBALS.test(token.text) && !isMember && this.#isDynamic(at, end))
				this.#add({ name: ["veiled"] }, token.from, token.to);
			if (name === ENVIRONMENT || name.startsWith(`${ENVIRONMENT}.`)) {
				this.#environment(name, at, end);
				if (before === "=" && this.#tokens[at - 2]?.text === "}") this.#names.secretsTaken(at - 2, isSecretName);
			}
			// `(0, eval)(…)`
			if (name === "eval" && this.#tokens[end]?.text === ")" && this.#tokens[end + 1]?.text === "(")
				this.#called(name, at, end + 1);
			if (this.#tokens[end]?.text === "(" && ++calls <= CALLS_MAX) this.#called(name, at, end);
			else if (this.#tokens[end]?.kind === TEXT && (COMMANDS.has(name) || STATEMENTS.test(name)))
				this.#called(name, at, end - 1);
		}
		if (this.#tokens.length > 1) this.#add({ name: ["code"] }, 0, this.#text.length);
		if (isGarbled(this.#text)) this.#add({ name: ["garbled"] }, 0, this.#text.length);
		if (calls <= CALLS_MAX && this.#assignments <= CALLS_MAX) return;
		const has = { why: ["too-many"], language: ["javascript"] };
		this.#to.add({ ...this.#place(0, this.#text.length), kind: "opaque", has });
	}

	#token(at: number): Token {
		return this.#tokens[at] as Token;
	}

	#imported(at: number): void {
		this.#names.imported(at);
		const from = this.#tokens[at + 1]?.text === "(" ? this.#tokens[at + 2] : undefined;
		if (/^(?:https?|data|blob):/u.test(from?.text ?? ""))
			this.#add({ name: ["import.remote"] }, this.#token(at).from, this.#token(at + 2).to);
	}

	/** `spawn("tool")` in a piece of code whose imports are not shown. */
	#isBareCommand(name: string, end: number): boolean {
		return BARE_COMMANDS.test(name) && this.#tokens[end + 1]?.kind === TEXT && !this.#text.includes(`function ${name}`);
	}

	/** `cp.spawn("sh", …)`, whatever `cp` is. */
	#isShell(method: string, end: number): boolean {
		return (
			BARE_COMMANDS.test(method) && SHELLS.test(this.#tokens[end + 1]?.text ?? "") && this.#tokens[end]?.text === "("
		);
	}

	/** `self[decode(x)](…)` */
	#isDynamic(at: number, end: number): boolean {
		if (end !== at + 1 || this.#tokens[end]?.text !== "[") return false;
		return this.#tokens
			.slice(end, end + 16)
			.some(({ text }, index, all) => text === "]" && all[index + 1]?.text === "(");
	}

	/** A member of what a call, a list or a text gives: `f().rm`. */
	#isOfNoName(at: number): boolean {
		const owner = this.#tokens[at - 2];
		return owner?.kind === TEXT || owner?.text === ")" || owner?.text === "]" || owner?.text === "}";
	}

	#isAssigned(at: number): boolean {
		return this.#tokens[at + 1]?.text === "=" && this.#tokens[at + 2]?.text !== "=";
	}

	#assigned(at: number): void {
		if (++this.#assignments > CALLS_MAX) return;
		const end = this.#statementEnd(at + 2);
		this.#names.assigned(at, end);
		const carried = carriedIn(this.#tokens, at + 2, end, this.#names);
		if (carried !== "") this.#names.carried.set(this.#token(at).text, carried);
		if (this.#token(at).text === "location") this.#memberAssigned(at);
	}

	/** `image.src = "https://…" + document.cookie`, `element.innerHTML = "<script>…"`. */
	#memberAssigned(at: number): void {
		if (++this.#assignments > CALLS_MAX) return;
		const member = this.#token(at).text;
		const end = this.#statementEnd(at + 2);
		const texts = this.#tokens.slice(at + 2, end).filter(({ kind }) => kind === TEXT);
		const from = this.#token(at).from;
		const to = this.#tokens[end - 1]?.to ?? this.#text.length;
		if (/^(?:src|href|action|location|background)$/u.test(member)) {
			const carries = carriedIn(this.#tokens, at + 2, end, this.#names);
			if (carries !== "" && texts.some(({ text }) => text.includes("//")))
				this.#add({ name: ["network.send"], carries: [carries] }, from, to);
		} else if (
			/^(?:innerHTML|outerHTML|srcdoc)$/u.test(member) &&
			texts.some(({ text }) => /<script|\son(?:error|load|click|mouseover)\s*=|javascript:/iu.test(text))
		)
			this.#add({ name: ["document.write.script"] }, from, to);
		else if (/^(?:__proto__|NODE_OPTIONS|shell)$/u.test(member) && this.#tokens[at - 2]?.text === "__proto__")
			this.#add({ name: ["prototype.polluted"] }, from, to);
	}

	/** The `;`, or the line's end where nothing goes on. */
	#statementEnd(from: number): number {
		let depth = 0;
		let at = from;
		for (; at < this.#tokens.length && at < from + 200; at++) {
			const { text, kind } = this.#token(at);
			if (kind === TEXT) continue;
			if (text === "(" || text === "[" || text === "{") depth++;
			else if (text === ")" || text === "]" || text === "}") depth--;
			if (depth < 0 || (depth === 0 && text === ";")) break;
		}
		return at;
	}

	#called(name: string, at: number, open: number): void {
		const given = argumentsOf(this.#tokens, open, this.#names);
		// `exec(line) { … }` makes a method.
		if (this.#tokens[given.end + 1]?.text === "{" && this.#tokens[given.end]?.text === ")") return;
		const from = this.#token(at).from;
		const to = this.#tokens[Math.min(given.end, this.#tokens.length - 1)]?.to ?? this.#text.length;
		const whole = this.#names.static(open + 1);
		if (COPIED.test(name) && given.texts.length === 0) return;
		if (CONNECTING.test(name)) this.#isConnected = true;
		const has = this.#factOf(name, given, this.#tokens[open + 1]?.kind === TEXT ? "" : whole.text);
		if (BECOMES_CODE.test(name) && isInputGiven(this.#tokens, open, given.end))
			this.#add({ name: ["input.to-code"] }, from, to);
		if (COMMANDS.has(name)) this.#run(whole.text, given.texts, has, from, to);
		else if (CODE.test(name) && whole.text !== undefined && !whole.text.includes(HOLE))
			this.#within("javascript", whole.text, name, from, to);
		else this.#named(name, whole.text, given, from, to);
		this.#add(has, from, to);
		readFetch(name, whole.text ?? given.texts[0], given, this.#place(from, to), this.#to);
		readService(name, given, this.#place(from, to), this.#to);
		readHost(name, given, this.#place(from, to), this.#to);
	}

	#factOf(name: string, { texts, keywords, carries }: Arguments, first: string | undefined): Record<string, string[]> {
		const dot = name.lastIndexOf(".");
		const names = [name, ...(dot < 0 ? [] : [name.slice(dot), `${name.slice(0, name.indexOf("."))}.`])];
		if (first !== undefined && /^set(?:Timeout|Interval)$/u.test(name)) names.push("timer.text");
		if (/^(?:https?|data|blob):/u.test(name)) names.push("import.remote");
		if (this.#isConnected && SENDING.test(name)) names.push("network.send");
		return {
			name: names,
			...(texts.length > 0 ? { args: texts.map((text) => text.slice(0, 300)) } : {}),
			...(keywords.length > 0 ? { keywords: [...keywords] } : {}),
			...(carries === "" ? {} : { carries: [carries] }),
		};
	}

	/** Files, addresses and statements that a call names. */
	#named(name: string, first: string | undefined, { texts }: Arguments, from: number, to: number): void {
		const access = accessOf(name);
		const named =
			first === undefined ? texts.slice(0, 2) : [first, ...texts.slice(0, 2).filter((text) => text !== first)];
		for (const text of named) {
			if (/^(?:[a-z][a-z0-9+.-]*:)?\/\/[\w.-]+\.\w/iu.test(text) && access === undefined)
				this.#within("url", text.replace(/^\/\//u, "https://").replaceAll(HOLE, "v"), name, from, to);
			else if (access !== undefined && text.length < 1_024 && !/^(?:utf-?8|ascii|base64|hex|[rwa]\+?)$/iu.test(text))
				addPath(text.replaceAll(HOLE, "x"), access, this.#place(from, to), this.#to);
			else if (STATEMENTS.test(name) && (looksLikeSql(text) || STATEMENT.test(text)))
				this.#within("sql", text.replaceAll(HOLE, "v"), name, from, to);
		}
		// A file that goes out as part of something else.
		if (/(?:sendMail|attach|append)$/u.test(name))
			for (const text of texts)
				if (/^[~/.]|^[A-Z]:\\/u.test(text)) addPath(text, "send", this.#place(from, to), this.#to);
	}

	#run(
		first: string | undefined,
		args: readonly string[],
		has: Record<string, readonly string[]>,
		from: number,
		to: number,
	): void {
		const isVector = VECTORS.test(has["name"]?.[0] ?? "");
		const line =
			isVector && args.length > 0
				? args.map((arg) => (/^[\w@%+=:,./-]+$/u.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)).join(" ")
				: (first ?? args[0]);
		// Of a shell's own options nothing is known here.
		const isTameOne = line !== undefined && isTame(line, isVector, !line.includes(HOLE)) && !this.#isOfShell(has);
		has["command"] = [line === undefined ? "dynamic" : isTameOne ? "harmless" : "static"];
		if (line !== undefined) this.#within("shell", line.replaceAll(HOLE, "$v"), "child_process", from, to);
	}

	/** `spawn(line, { shell: true })` */
	#isOfShell(has: Record<string, readonly string[]>): boolean {
		return has["keywords"]?.some((text) => text.startsWith("shell=") && text !== "shell=false") === true;
	}

	#environment(name: string, at: number, end: number): void {
		const key = name.slice(ENVIRONMENT.length + 1);
		this.#add(
			{
				name: [ENVIRONMENT],
				...(key === "" ? {} : { args: [key] }),
				...(isSecretName(key) ? { reads: ["secret"] } : {}),
			},
			this.#token(at).from,
			this.#token(end - 1).to,
		);
	}

	#within(language: "shell" | "javascript" | "url" | "sql", text: string, via: string, from: number, to: number): void {
		const place = this.#place(from, to);
		this.#to.within(language, text, { ...place, via: [...place.via, via] });
	}

	#add(has: Record<string, readonly string[]>, from: number, to: number): void {
		const key = JSON.stringify(has);
		if (this.#seen.has(key)) return;
		this.#seen.add(key);
		this.#to.add({ ...this.#place(from, to), kind: "call", has });
	}

	/** Of a text that was decoded only the place is known that it was decoded from. */
	#place(from: number, to: number): Place {
		const { pointer, span, via } = this.#at;
		return span[1] - span[0] === this.#text.length ? { pointer, span: [span[0] + from, span[0] + to], via } : this.#at;
	}
}
