/** Redirects of a command: what its input is, which files it writes, and facts of those that matter. */
import type { HereDoc, Redirection } from "unbash";
import { pathClasses } from "../path.ts";
import { hostClass, normalHost } from "../url.ts";
import type { Session, Spot } from "./session.ts";
import type { Words } from "./words.ts";

export interface Input {
	readonly kind: "none" | "pipe" | "file" | "here";
	/** Where it is constant. */
	readonly text: string | null;
	/** Encodings that were undone on the way to it. */
	readonly layers: readonly string[];
}

export const NO_INPUT: Input = { kind: "none", text: null, layers: [] };

export interface Redirected {
	readonly input: Input;
	/** Files and devices that it writes. */
	readonly outputs: readonly string[];
	/** One of them is emptied first. */
	readonly isEmptying: boolean;
	/** Network addresses; with `<` in front those that are only read. */
	readonly sends: readonly string[];
}

/** Not in the folder that was gone to. */
const ROOTED = /^(?:[/~$&\\]|[a-z]:)/i;
const MODES: Readonly<Record<string, string>> = {
	">": "write",
	">|": "write",
	"&>": "write",
	">&": "write",
	">>": "append",
	"&>>": "append",
	"<": "read",
	"<>": "both",
	"<&": "read",
};
const NETWORK = /^\/dev\/(?:tcp|udp)\/([^/]*)\/?(.*)$/;
/** What is read from these is typed. */
const TERMINAL = /^(?:\/dev\/(?:tty|pts\/|stdin|stderr|stdout|fd\/)|\$\(tty\)|`tty`)/;
const HARMLESS = /^\/dev\/(?:null|stdout|stderr|stdin|zero|tty|fd\/\d+)$/;

export class Redirects {
	readonly #session: Session;
	readonly #words: Words;

	constructor(session: Session, words: Words) {
		this.#session = session;
		this.#words = words;
	}

	/** `program` is as it is spelled; undefined: there is none. */
	read(redirects: readonly Redirection[], given: Input, program?: string): Redirected {
		let input = given;
		const outputs: string[] = [];
		const sends: string[] = [];
		let isEmptying = false;
		for (const each of redirects) {
			const descriptor = each.descriptor?.type === "FileDescriptor" ? each.descriptor.value : -1;
			if (each.type === "HereDoc") input = { kind: "here", text: this.#document(each), layers: [] };
			else if (each.target === undefined) continue;
			else if (each.type === "HereString") {
				const { text, isStatic } = this.#words.single(each.target);
				input = { kind: "here", text: isStatic ? `${text}\n` : null, layers: [] };
				if (descriptor > 2) this.#session.written.set(`/dev/fd/${descriptor}`, input.text);
			} else {
				const { text } = this.#words.single(each.target);
				if (/^(?:\d+|-|\d+-|&\d+)$/.test(text) && each.operator.endsWith("&")) {
					const host = this.#session.openHosts.get(text);
					if (host !== undefined) sends.push(each.operator === "<&" ? `<${host}` : host);
					continue;
				}
				const mode = MODES[each.operator] as string;
				if (mode !== "write" && mode !== "append" && text !== "" && !TERMINAL.test(text))
					input = {
						kind: "file",
						text: text === "/dev/null" ? "" : (this.#session.written.get(text) ?? null),
						layers: [],
					};
				if (HARMLESS.test(text) || text === "") continue;
				const { folder } = this.#session.scope;
				const path = folder === "" || ROOTED.test(text) ? text : `${folder}/${text}`;
				this.#file(path, mode, { spot: each, program }, sends);
				const host = NETWORK.exec(text)?.[1];
				if (host !== undefined && descriptor >= 0) this.#session.openHosts.set(String(descriptor), host);
				if (mode !== "read") outputs.push(text);
				if (mode === "write") isEmptying = true;
			}
		}
		return { input, outputs, isEmptying, sends };
	}

	#file(
		text: string,
		mode: string,
		{ spot, program }: { readonly spot: Spot; readonly program: string | undefined },
		sends: string[],
	): void {
		const network = NETWORK.exec(text);
		if (network !== null) {
			const [, host = "", port = ""] = network;
			sends.push(mode === "read" ? `<${host}` : host);
			const normal = normalHost(host);
			this.#session.add("host", spot, {
				host: [normal],
				port: [port],
				scheme: ["tcp"],
				class: [hostClass(normal)],
				program: ["/dev/tcp"],
			});
			this.#session.add("redirect", spot, { mode: [mode], path: [text], pathclass: ["network"] });
			return;
		}
		const has = { mode: [mode], path: [text], pathclass: pathClasses(text) };
		this.#session.add("redirect", spot, program === undefined ? has : { ...has, program: [program] });
	}

	#document({ body, delimiter }: HereDoc): string | null {
		if (body.parts === undefined || delimiter?.quoted === true) return body.text;
		const { text, isStatic } = this.#words.joined(body.parts);
		return isStatic ? text : null;
	}
}
