/**
 * Facts of JavaScript: what it calls, by the names that `require`, `import` and assignments lead to; commands, code, files and addresses that it
 * names. Without a syntax tree: names that are made while the code runs are followed only where constants make them.
 */
import type { Findings, Place } from "../fact.ts";
import { addPath } from "../path-reader.ts";
import { HOLE, lex, NAME, SIGN, TEXT, type Token } from "./lexer.ts";

const CALLS_MAX = 2_000;
/** In parts, for the core is held to ask for none of its own. */
const ENVIRONMENT = ["process", "env"].join(".");

const COMMANDS: ReadonlySet<string> = new Set(
	"exec execSync spawn spawnSync execFile execFileSync fork $ execa execaSync execaCommand execaCommandSync"
		.split(" ")
		.flatMap((name) => [`child_process.${name}`, `execa.${name}`, `shelljs.${name}`, `zx.${name}`]),
);
const KEYWORDS: ReadonlySet<string> = new Set(
	"if for while switch catch function return await typeof new of in do else case throw delete void yield async".split(
		" ",
	),
);

/** Reads JavaScript. */
export function readJavaScript(text: string, at: Place, to: Findings): void {
	new Script(text, at, to).read();
}

class Script {
	readonly #text: string;
	readonly #at: Place;
	readonly #to: Findings;
	readonly #tokens: readonly Token[];
	/** What a name was imported as, or is a text of. */
	readonly #names = new Map<string, string>();
	readonly #texts = new Map<string, string>();
	readonly #seen = new Set<string>();

	constructor(text: string, at: Place, to: Findings) {
		this.#text = text;
		this.#at = at;
		this.#to = to;
		this.#tokens = lex(text);
	}

	read(): void {
		let calls = 0;
		for (let at = 0; at < this.#tokens.length; at++) {
			const token = this.#token(at);
			if (token.kind !== NAME || KEYWORDS.has(token.text)) continue;
			if (token.text === "import") this.#imported(at);
			const before = this.#tokens[at - 1]?.text;
			if (before === "." || before === "?.") continue;
			if (this.#tokens[at + 1]?.text === "=" && this.#tokens[at + 2]?.text !== "=") this.#assigned(at);
			if (before === "function" || before === "class") continue;
			const { name, end } = this.#chain(at);
			if (name === ENVIRONMENT || name.startsWith(`${ENVIRONMENT}.`)) this.#environment(name, at, end);
			if (this.#tokens[end]?.text === "(" && ++calls <= CALLS_MAX) this.#called(name, at, end);
			else if (this.#tokens[end]?.kind === TEXT && COMMANDS.has(name)) this.#called(name, at, end - 1);
		}
		if (this.#tokens.length > 1) this.#add({ name: ["code"] }, 0, this.#text.length);
	}

	#token(at: number): Token {
		return this.#tokens[at] as Token;
	}

	/** `import { exec as run } from "child_process"`, `import fs from "fs"`, `import * as cp from "child_process"`. */
	#imported(at: number): void {
		let end = at + 1;
		while (
			end < this.#tokens.length &&
			end < at + 60 &&
			this.#token(end).kind !== TEXT &&
			this.#token(end).text !== "("
		)
			end++;
		const module = this.#tokens[end];
		if (module?.kind === TEXT) this.#bind(at + 1, end, moduleName(module.text));
	}

	/** `x = require("fs")`, `{ exec: run } = require("child_process")`, `s = "a" + "b"`, `f = fs.rmSync`. */
	#assigned(at: number): void {
		const name = this.#token(at).text;
		const value = at + 2;
		const { text, end } = this.#static(value);
		if (text !== undefined) {
			this.#texts.set(name, text);
			return;
		}
		if (this.#tokens[value]?.kind !== NAME) return;
		const chain = this.#chain(value);
		if (this.#tokens[chain.end]?.text !== "(") this.#names.set(name, chain.name);
		else if (end === value) this.#names.set(name, `${chain.name}()`);
	}

	/** Binds the names between two tokens to members of a module; a lone name, or one behind `*`, to the module itself. */
	#bind(from: number, to: number, module: string): void {
		let isMember = false;
		for (let at = from; at < to; at++) {
			const { kind, text } = this.#token(at);
			if (text === "{") isMember = true;
			else if (text === "}") isMember = false;
			if (kind !== NAME || text === "from" || text === "as" || text === "const" || text === "let" || text === "var")
				continue;
			const next = this.#tokens[at + 1]?.text;
			const alias = next === "as" || next === ":" ? this.#tokens[at + 2] : undefined;
			this.#names.set(alias?.text ?? text, isMember ? `${module}.${text}` : module);
			if (alias !== undefined) at += 2;
		}
	}

	/** `require("fs").promises.rm`, `fs["rm" + "Sync"]`, `window.eval`: the name and where it ends. */
	#chain(at: number): { readonly name: string; readonly end: number } {
		const first = this.#token(at).text;
		let name = this.#names.get(first) ?? first;
		let end = at + 1;
		if (first === "require" || first === "import") {
			const module = this.#tokens[end]?.text === "(" ? this.#static(end + 1) : undefined;
			if (module?.text !== undefined && this.#tokens[module.end]?.text === ")") {
				name = moduleName(module.text);
				end = module.end + 1;
				// `const { exec } = require("child_process")`
				if (this.#tokens[at - 1]?.text === "=" && this.#tokens[at - 2]?.text === "}") this.#bindBack(at - 2, name);
			}
		}
		for (let steps = 0; steps < 32; steps++) {
			const sign = this.#tokens[end]?.text;
			const next = this.#tokens[end + 1];
			if ((sign === "." || sign === "?.") && next?.kind === NAME) {
				name = `${name}.${next.text}`;
				end += 2;
			} else if (sign === "[") {
				const key = this.#static(end + 1);
				if (key.text === undefined || this.#tokens[key.end]?.text !== "]") break;
				name = `${name}.${key.text}`;
				end = key.end + 1;
			} else if (sign === "(" && name.endsWith(".require")) {
				const module = this.#static(end + 1);
				if (module.text === undefined) break;
				name = moduleName(module.text);
				end = module.end + 1;
			} else break;
		}
		return {
			name: name
				.replace(/^(?:global(?:This)?|window|self|process\.mainModule)\./u, "")
				.replace(/\.promises\./u, ".")
				.slice(0, 200),
			end,
		};
	}

	#bindBack(close: number, module: string): void {
		let open = close;
		while (open > 0 && close - open < 60 && this.#token(open).text !== "{") open--;
		this.#bind(open, close + 1, module);
	}

	/** Texts that are joined by `+`; undefined where anything else takes part. */
	#static(from: number): { readonly text: string | undefined; readonly end: number } {
		let text = "";
		let at = from;
		for (; at < from + 200; at += 2) {
			const token = this.#tokens[at];
			const part =
				token?.kind === TEXT
					? token.text
					: token?.kind === NAME && this.#tokens[at + 1]?.text !== "(" && this.#tokens[at + 1]?.text !== "."
						? this.#texts.get(token.text)
						: undefined;
			if (part === undefined) return { text: undefined, end: from };
			text += part;
			if (this.#tokens[at + 1]?.text !== "+" || text.length > 65_536) break;
		}
		return { text, end: at + 1 };
	}

	#called(name: string, at: number, open: number): void {
		const args: string[] = [];
		let isCarrying = "";
		let depth = 0;
		let end = open;
		for (; end < this.#tokens.length && end < open + 400; end++) {
			const { kind, text } = this.#token(end);
			if (kind === SIGN && (text === "(" || text === "[" || text === "{")) depth++;
			else if (kind === SIGN && (text === ")" || text === "]" || text === "}")) {
				if (--depth <= 0) break;
			} else if (kind === TEXT && args.length < 12) args.push(text);
			else if (kind === NAME && this.#texts.has(text) && args.length < 12) args.push(this.#texts.get(text) ?? "");
			else if (kind === NAME && /^(?:readFileSync|readFile|createReadStream)$/u.test(text)) isCarrying = "file";
			else if (kind === NAME && text === "env" && this.#tokens[end - 2]?.text === "process") isCarrying = "secret";
			else if (kind === NAME && /^(?:hostname|userInfo)$/u.test(text)) isCarrying = "host";
		}
		// `exec(line) { … }` makes a method.
		if (this.#tokens[end + 1]?.text === "{") return;
		const from = this.#token(at).from;
		const to = this.#tokens[Math.min(end, this.#tokens.length - 1)]?.to ?? this.#text.length;
		const dot = name.lastIndexOf(".");
		const has: Record<string, readonly string[]> = {
			name: [name, ...(dot < 0 ? [] : [name.slice(dot), `${name.slice(0, name.indexOf("."))}.`])],
		};
		if (args.length > 0) has["args"] = args.map((arg) => arg.slice(0, 300));
		if (isCarrying !== "") has["carries"] = [isCarrying];
		const whole = this.#static(open + 1);
		if (COMMANDS.has(name)) this.#run(whole.text, args, has, from, to);
		else if (
			(name === "eval" || name === "Function" || name.startsWith("vm.run")) &&
			whole.text !== undefined &&
			!whole.text.includes(HOLE)
		)
			this.#within("javascript", whole.text, name, from, to);
		else {
			const access = accessOf(name);
			for (const arg of args.slice(0, 2)) {
				if (/^[a-z][a-z0-9+.-]*:\/\//iu.test(arg)) this.#within("url", arg.replaceAll(HOLE, "v"), name, from, to);
				else if (access !== undefined && arg.length < 1_024 && !/^(?:utf-?8|ascii|base64|hex|[rwa]\+?)$/iu.test(arg))
					addPath(arg.replaceAll(HOLE, "x"), access, this.#place(from, to), this.#to);
			}
		}
		this.#add(has, from, to);
	}

	#run(
		first: string | undefined,
		args: readonly string[],
		has: Record<string, readonly string[]>,
		from: number,
		to: number,
	): void {
		const isVector = /\.(?:spawn|execFile|fork)/u.test(has["name"]?.[0] ?? "");
		const line =
			isVector && args.length > 0
				? args.map((arg) => (/^[\w@%+=:,./-]+$/u.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)).join(" ")
				: (first ?? args[0]);
		has["command"] = [line === undefined ? "dynamic" : "static"];
		if (line !== undefined) this.#within("shell", line.replaceAll(HOLE, "$v"), "child_process", from, to);
	}

	#environment(name: string, at: number, end: number): void {
		const key = name.slice(ENVIRONMENT.length + 1);
		const isSecret = /(?:key|secret|token|passw|pwd|credential|auth)/iu.test(key);
		this.#add(
			{ name: [ENVIRONMENT], ...(key === "" ? {} : { args: [key] }), ...(isSecret ? { reads: ["secret"] } : {}) },
			this.#token(at).from,
			this.#token(end - 1).to,
		);
	}

	#within(language: "shell" | "javascript" | "url", text: string, via: string, from: number, to: number): void {
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

const moduleName = (text: string): string => text.replace(/^node:/u, "").replace(/^fs\/promises$|^fs-extra$/u, "fs");

function accessOf(name: string): string | undefined {
	if (!/^(?:fs|Deno|Bun)\./u.test(name) && name !== "rimraf") return undefined;
	if (/rm|unlink|remove|rmdir|emptyDir/u.test(name)) return "delete";
	return /write|append|copy|rename|mkdir|chmod|chown|truncate|symlink|output/iu.test(name) ? "write" : "read";
}
