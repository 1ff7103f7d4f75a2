/** What names of a script stand for: members of modules, texts that constants make, and what was read from files or secrets. */
import { table } from "../table.ts";
import { HOLE, NAME, TEXT, type Token } from "./lexer.ts";
import { joinedList, madeBy, type Static, stepsOf } from "./made.ts";

export interface Chain {
	readonly name: string;
	/** The token behind it. */
	readonly end: number;
	/** A member of a module was asked for by a text or by what lists members, rather than by its name. */
	readonly isVeiled: boolean;
}

/** In parts, for the core is held to ask for none of its own. */
export const ENVIRONMENT = ["process", "env"].join(".");

const STEPS_MAX = 32;
const TEXT_MAX = 65_536;
const DEPTH_MAX = 8;

/** Folders that calls and variables stand for, as a shell would write them. */
const FOLDERS = table<string>({
	[`${ENVIRONMENT}.HOME`]: "~",
	[`${ENVIRONMENT}.USERPROFILE`]: "~",
	[`${ENVIRONMENT}.APPDATA`]: "~/AppData/Roaming",
	[`${ENVIRONMENT}.LOCALAPPDATA`]: "~/AppData/Local",
	__dirname: ".",
});
const FOLDER_CALLS = table<string>({
	"os.homedir": "~",
	"os.tmpdir": "/tmp",
	[["process", "cwd"].join(".")]: ".",
});

export class Names {
	/** What a name was read from: `file`, `secret`, `host`. */
	readonly carried = new Map<string, string>();
	readonly #tokens: readonly Token[];
	readonly #members = new Map<string, string>();
	readonly #texts = new Map<string, string>();

	constructor(tokens: readonly Token[]) {
		this.#tokens = tokens;
	}

	token(at: number): Token {
		return this.#tokens[at] as Token;
	}

	textOf(name: string): string | undefined {
		return this.#texts.get(name);
	}

	/** `import { exec as run } from "child_process"`, `import fs from "fs"`, `import * as cp from "child_process"`. */
	imported(at: number): void {
		let end = at + 1;
		while (end < this.#tokens.length && end < at + 60) {
			const { kind, text } = this.token(end);
			if (kind === TEXT || text === "(") break;
			end++;
		}
		const module = this.#tokens[end];
		if (module?.kind === TEXT) this.#bind(at + 1, end, moduleName(module.text));
	}

	/** `x = require("fs")`, `{ exec: run } = require("child_process")`, `s = "a" + "b"`, `f = fs.rmSync`. */
	assigned(at: number, statementEnd: number): void {
		const name = this.token(at).text;
		let value = at + 2;
		// What makes functions of texts, whatever it was taken from.
		if (this.#tokens[statementEnd - 1]?.text === "constructor" && this.#tokens[statementEnd - 2]?.text === ".") {
			this.#members.set(name, "Function");
			return;
		}
		const { text } = this.static(value);
		if (text !== undefined) {
			this.#texts.set(name, text);
			return;
		}
		while (this.#tokens[value]?.text === "await" || this.#tokens[value]?.text === "new") value++;
		if (this.#tokens[value]?.kind !== NAME) return;
		let chain = this.chain(value);
		// `exec = promisify(child_process.exec)`
		if (/(?:^|\.)(?:promisify|bind)$/u.test(chain.name) && this.#tokens[chain.end + 1]?.kind === NAME)
			chain = this.chain(chain.end + 1);
		this.#members.set(name, this.#tokens[chain.end]?.text === "(" ? `${chain.name}()` : chain.name);
	}

	/** `require("fs").promises.rm`, `fs["rm" + "Sync"]`, `window.eval`: the name and where it ends; `.rm` of what has no name. */
	chain(at: number): Chain {
		const first = this.token(at).text;
		const isOfNoName = this.#tokens[at - 1]?.text === ".";
		let name = isOfNoName ? `.${first}` : (this.#members.get(first) ?? first);
		let end = at + 1;
		if (!isOfNoName && (first === "require" || first === "import")) {
			const module = this.#tokens[end]?.text === "(" ? this.static(end + 1) : undefined;
			if (module?.text !== undefined && this.#tokens[module.end]?.text === ")") {
				name = moduleName(module.text);
				end = module.end + 1;
				let before = at - 1;
				while (this.#tokens[before]?.text === "await" || this.#tokens[before]?.text === "(") before--;
				// `const { exec } = require("child_process")`
				if (this.#tokens[before]?.text === "=" && this.#tokens[before - 1]?.text === "}")
					this.#bindBack(before - 1, name);
			}
		}
		const chain = this.#steps(name, end);
		// `const { rm } = global["require"]("fs")`, `const { exec } = cp`
		if (!chain.name.includes(".") && chain.name !== first) {
			let before = at - 1;
			while (this.#tokens[before]?.text === "await" || this.#tokens[before]?.text === "(") before--;
			if (this.#tokens[before]?.text === "=" && this.#tokens[before - 1]?.text === "}")
				this.#bindBack(before - 1, chain.name);
		}
		return chain;
	}

	#steps(from: string, at: number): Chain {
		let name = from;
		let end = at;
		let isVeiled = false;
		for (let steps = 0; steps < STEPS_MAX; steps++) {
			const sign = this.#tokens[end]?.text;
			const next = this.#tokens[end + 1];
			if ((sign === "." || sign === "?.") && next?.kind === NAME) {
				name = `${name}.${next.text}`;
				end += 2;
			} else if (sign === "[") {
				const key = this.#key(end + 1);
				if (key.text === undefined || this.#tokens[key.end]?.text !== "]") break;
				isVeiled ||= MODULES.test(name);
				name = `${name}.${key.text}`;
				end = key.end + 1;
			} else if (sign === "(" && MIRRORS.test(name)) {
				const member = this.#mirrored(name, end);
				if (member === undefined) break;
				({ name, end } = member);
				isVeiled ||= MODULES.test(name.slice(0, name.lastIndexOf(".")));
			} else if (sign === "(" && name.endsWith(".require")) {
				const module = this.static(end + 1);
				if (module.text === undefined) break;
				name = moduleName(module.text);
				end = module.end + 1;
			} else break;
		}
		return {
			name: name
				.replace(/^(?:(?:global(?:This)?|window|top|process\.mainModule)\.|self\.(?!exec$))/u, "")
				.replace(/\.promises\./u, ".")
				.slice(0, 200),
			end,
			isVeiled,
		};
	}

	/** The text within brackets; of `Object.keys(o).find((name) => name === "exec")` what is looked for. */
	#key(at: number): Static {
		const key = this.static(at);
		if (key.text !== undefined || this.#tokens[at]?.text !== "Object") return key;
		const close = this.#closing(at - 1);
		return { text: this.#lookedFor(at, close), end: close };
	}

	/** `Reflect.get(o, "exec")`, `Object.entries(o).find(([name]) => name === "exec")[1]`: the member that it comes to. */
	#mirrored(mirror: string, open: number): Pick<Chain, "name" | "end"> | undefined {
		if (this.#tokens[open + 1]?.kind !== NAME) return undefined;
		const owner = this.chain(open + 1);
		const close = this.#closing(open);
		if (mirror.startsWith("Reflect.") || mirror.endsWith("Descriptor")) {
			const { text } = this.static(owner.end + 1);
			const isValue = this.#tokens[close + 2]?.text === "value";
			return text === undefined ? undefined : { name: `${owner.name}.${text}`, end: close + (isValue ? 3 : 1) };
		}
		let end = close + 1;
		while (this.#tokens[end]?.text === "." && this.#tokens[end + 2]?.text === "(") end = this.#closing(end + 2) + 1;
		const member = this.#lookedFor(close, end);
		while (this.#tokens[end]?.text === "[" && this.#tokens[end + 2]?.text === "]") end += 3;
		return member === undefined ? undefined : { name: `${owner.name}.${member}`, end };
	}

	/** The sign that closes the one at `open`. */
	#closing(open: number): number {
		let depth = 0;
		let at = open;
		for (; at < this.#tokens.length && at < open + 200; at++) {
			const { kind, text } = this.token(at);
			if (kind === TEXT) continue;
			if (text === "(" || text === "[" || text === "{") depth++;
			else if ((text === ")" || text === "]" || text === "}") && --depth === 0) break;
		}
		return at;
	}

	/** A text that something is compared to. */
	#lookedFor(from: number, to: number): string | undefined {
		for (let at = from; at < to; at++)
			if (this.#tokens[at]?.kind === TEXT && this.#tokens[at - 1]?.text === "=") return this.token(at).text;
		return undefined;
	}

	/** Binds the names between two tokens to members of a module; a lone name, or one behind `*`, to the module itself. */
	#bind(from: number, to: number, module: string): void {
		let isMember = false;
		for (let at = from; at < to; at++) {
			const { kind, text } = this.token(at);
			if (text === "{") isMember = true;
			else if (text === "}") isMember = false;
			if (kind !== NAME || /^(?:from|as|const|let|var)$/u.test(text)) continue;
			const next = this.#tokens[at + 1]?.text;
			const alias = next === "as" || next === ":" ? this.#tokens[at + 2] : undefined;
			this.#members.set(alias?.text ?? text, isMember ? `${module}.${text}` : module);
			if (alias !== undefined) at += 2;
		}
	}

	/** `{ TOKEN, PORT: port } = process.env`: which of them are kept from others. */
	secretsTaken(close: number, isSecret: (name: string) => boolean): void {
		for (let at = close - 1; at > 0 && close - at < 60 && this.token(at).text !== "{"; at--) {
			const { kind, text } = this.token(at);
			if (kind !== NAME || !isSecret(text)) continue;
			const alias = this.#tokens[at + 1]?.text === ":" ? this.#tokens[at + 2] : undefined;
			this.carried.set(alias?.text ?? text, "secret");
		}
	}

	#bindBack(close: number, module: string): void {
		let open = close;
		while (open > 0 && close - open < 60 && this.token(open).text !== "{") open--;
		this.#bind(open, close + 1, module);
	}

	/** Texts and folders that are joined by `+` or `path.join`; without a text where anything else takes part. */
	static(from: number, depth = 0): Static {
		let text = "";
		let at = from;
		for (let parts = 0; parts < 100; parts++) {
			const part = this.#part(at, depth);
			if (part.text === undefined) return { text: undefined, end: from };
			text += part.text;
			at = part.end;
			if (this.#tokens[at]?.text !== "+" || text.length > TEXT_MAX) break;
			at++;
		}
		return { text, end: at };
	}

	#part(at: number, depth: number): Static {
		return stepsOf(this.#first(at, depth), this.#tokens);
	}

	#first(at: number, depth: number): Static {
		const token = this.#tokens[at];
		const unknown = { text: undefined, end: at };
		if (token?.kind === TEXT) return { text: token.text, end: at + 1 };
		if (token?.text === "[" && depth < DEPTH_MAX)
			return joinedList(this.#tokens, at, (from) => this.static(from, depth + 1));
		if (token?.text === "new" && this.#tokens[at + 1]?.text === "Buffer") return this.#first(at + 1, depth);
		if (token?.kind !== NAME) return unknown;
		const next = this.#tokens[at + 1]?.text;
		const isText = this.#texts.has(token.text) && next === "." && this.#tokens[at + 3]?.text === "(";
		if (isText || (next !== "(" && next !== ".")) {
			const text = this.#texts.get(token.text) ?? FOLDERS[this.#members.get(token.text) ?? token.text];
			return { text, end: at + 1 };
		}
		if (token.text === "require" || token.text === "import" || depth >= DEPTH_MAX) return unknown;
		const { name, end } = this.chain(at);
		if (this.#tokens[end]?.text !== "(") return { text: FOLDERS[name], end };
		if (this.#tokens[end + 1]?.text === ")") return { text: FOLDER_CALLS[name], end: end + 2 };
		if (name === "path.join" || name === "path.resolve") return this.#joined(end + 1, depth + 1);
		if (name !== "Deno.env.get") return madeBy(name, this.#tokens, end, (from) => this.static(from, depth + 1));
		const variable = this.#tokens[end + 1]?.text ?? "";
		return { text: FOLDERS[`${ENVIRONMENT}.${variable}`], end: end + 3 };
	}

	#joined(from: number, depth: number): Static {
		const parts: string[] = [];
		let at = from;
		while (parts.length < 20) {
			const part = this.static(at, depth);
			// What nobody knows may be any folder.
			const end = part.text === undefined ? at + 1 : part.end;
			parts.push(part.text ?? HOLE);
			const sign = this.#tokens[end]?.text;
			at = end + 1;
			if (sign === ")") return { text: parts.join("/"), end: at };
			if (sign !== ",") break;
		}
		return { text: undefined, end: from };
	}
}

/** Modules of which nobody asks for a member by a text, unless it should not be seen. */
const MODULES = /^(?:child_process|os|fs|https?|net|dns|vm|module|worker_threads)$/u;
const MIRRORS = /^(?:Reflect\.get|Object\.(?:getOwnPropertyDescriptor|entries|values))$/u;

const moduleName = (text: string): string => text.replace(/^node:/u, "").replace(/^fs\/promises$|^fs-extra$/u, "fs");
