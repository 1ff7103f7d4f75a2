/** The facts of one text of Python, each of them once. */
import type { Findings, Language, Place } from "../fact.ts";
import { addHost, type NamedHost } from "../host-fact.ts";
import { attributesOfCall } from "../named-call.ts";
import { addPath } from "../path-reader.ts";
import { toolWords } from "../tool-words.ts";
import type { Has } from "./call.ts";
import { HOLE } from "./value.ts";

/** Where in a text something stands: UTF-16 units. */
export interface Span {
	readonly from: number;
	readonly to: number;
}

const NO_SETTINGS: ReadonlyMap<string, string> = new Map();

export class Facts {
	/** The text's length in UTF-16 units: what was decoded has another than its place. */
	readonly #length: number;
	readonly #at: Place;
	readonly #to: Findings;
	readonly #seen = new Set<string>();

	constructor(length: number, at: Place, to: Findings) {
		this.#length = length;
		this.#at = at;
		this.#to = to;
	}

	call(has: Has, span: Span): void {
		if (this.#isNew(JSON.stringify(has))) this.#to.add({ ...this.#place(span), kind: "call", has });
	}

	/** What a client of a cloud is asked for, as a tool of that name would do it. */
	asked(method: string, span: Span): void {
		const has = attributesOfCall(toolWords(method), undefined, NO_SETTINGS);
		if (this.#isNew(`asked ${method}`)) this.#to.add({ ...this.#place(span), kind: "tool", has });
	}

	imported(name: string, span: Span): void {
		if (this.#isNew(`import ${name}`))
			this.#to.add({ ...this.#place(span), kind: "import", has: { name: [name, name.split(".")[0] as string] } });
	}

	opaque(why: string, span: Span): void {
		if (this.#isNew(`opaque ${why}`))
			this.#to.add({ ...this.#place(span), kind: "opaque", has: { why: [why], language: ["python"] } });
	}

	path(path: string, access: string, span: Span): void {
		const text = path.replaceAll(HOLE, "x");
		if (this.#isNew(`path ${access} ${text}`)) addPath(text, access, this.#place(span), this.#to);
	}

	host(host: NamedHost, span: Span): void {
		if (this.#isNew(`host ${JSON.stringify(host)}`)) addHost(host, this.#place(span), this.#to);
	}

	/** Has a text within read as another language. */
	within(language: Language, text: string, via: string, span: Span): void {
		if (!this.#isNew(`${language} ${text}`)) return;
		const place = this.#place(span);
		this.#to.within(language, text, { ...place, via: [...place.via, via] });
	}

	#isNew(key: string): boolean {
		if (this.#seen.has(key)) return false;
		this.#seen.add(key);
		return true;
	}

	/** Of a text that was decoded only the place is known that it was decoded from. */
	#place({ from, to }: Span): Place {
		const { pointer, span, via } = this.#at;
		const isOwn = span[1] - span[0] === this.#length;
		return isOwn ? { pointer, span: [span[0] + from, span[0] + to], via } : this.#at;
	}
}
