/** One reading of a shell's text: where facts go, which place they have, what the shell knows, how much is left to do. */
import type { Fact, FactKind, Findings, Place } from "../fact.ts";
import { readWritten } from "../written-file.ts";
import { Entries } from "./entries.ts";
import { Scope } from "./scope.ts";

/** Commands of one text and of all that it has run; texts within texts. */
const STEPS_MAX = 2_000;
const DEPTH_MAX = 8;
/** Substitutions within substitutions. */
const NESTING_MAX = 64;
const DECODED_MAX = 1_000;

/** Texts of files in which nothing is looked for. */
const SHORT = 8;

/** The text that is being read. */
interface Frame {
	readonly text: string;
	/** Where the text begins in the leaf; null: it is not in it word for word. */
	readonly offset: number | null;
	readonly span: readonly [number, number];
	readonly isDecoded: boolean;
}

export interface Spot {
	readonly pos: number;
	readonly end: number;
}

export class Session {
	readonly to: Findings;
	readonly #at: Place;
	scope = new Scope();
	via: readonly string[];
	frame: Frame;
	/** Programs of all commands so far, in order. */
	readonly programs: string[] = [];
	/** Programs in the substitutions of the command that is being read. */
	substituted: string[] = [];
	/** Files that were fetched, and texts of files that were written. */
	readonly fetched = new Entries<true>();
	readonly written = new Entries<string | null>();
	/** Hosts that descriptors of the shell are open to. */
	readonly openHosts = new Entries<string>();
	/** Functions that are running. */
	readonly calls: string[] = [];
	#steps = 0;
	#depth = 0;
	#nesting = 0;

	constructor(text: string, at: Place, to: Findings) {
		const [start, end] = at.span;
		this.to = to;
		this.#at = at;
		this.via = at.via;
		this.frame = { text, offset: end - start === text.length ? start : null, span: at.span, isDecoded: false };
	}

	/** False from the first command that is too many on: that is said once. */
	step(): boolean {
		this.#steps += 1;
		if (this.#steps === STEPS_MAX + 1) this.opaque("too-long");
		return this.#steps <= STEPS_MAX;
	}

	get isSpent(): boolean {
		return this.#steps > STEPS_MAX;
	}

	place({ pos, end }: Spot): Place {
		const { offset, span } = this.frame;
		return { pointer: this.#at.pointer, span: offset === null ? span : [offset + pos, offset + end], via: this.via };
	}

	add(kind: FactKind, spot: Spot, has: Fact["has"]): void {
		const { pointer, span, via } = this.place(spot);
		const { isDecoded, text } = this.frame;
		if (!isDecoded) this.to.add({ kind, pointer, span, via, has });
		else this.to.add({ kind, pointer, span, via, has, decoded: text.slice(spot.pos, spot.end).slice(0, DECODED_MAX) });
	}

	/** A file that the text writes; null: what it is to hold is not known. */
	keep(path: string, text: string | null, spot: Spot): void {
		this.written.set(path, text);
		if (text !== null && text.length > SHORT) readWritten(path, text, this.place(spot), this.to, false);
	}

	opaque(why: string): void {
		this.add("opaque", WHOLE, { why: [why], language: ["shell"] });
	}

	/** With further steps on the way. */
	along(via: readonly string[], read: () => void): void {
		const before = this.via;
		this.via = [...before, ...via];
		read();
		this.via = before;
	}

	/** Reads a text that the shell makes of others. */
	nested(text: string, spot: Spot, via: readonly string[], isDecoded: boolean, read: (text: string) => void): void {
		if (this.#depth >= DEPTH_MAX) {
			this.opaque("too-deep");
			return;
		}
		const { frame } = this;
		const place = this.place(spot);
		this.#depth += 1;
		this.frame = { text, offset: null, span: place.span, isDecoded: isDecoded || frame.isDecoded };
		this.along(via, () => read(text));
		this.frame = frame;
		this.#depth -= 1;
	}

	/** One substitution further in, or out again; false where they are too deep. */
	nesting(step: 1 | -1): boolean {
		if (step > 0 && this.#nesting >= NESTING_MAX) {
			this.opaque("too-deep");
			return false;
		}
		this.#nesting += step;
		return true;
	}

	/** A subshell: what is set in it is forgotten. */
	subshell(read: () => void): void {
		const { scope } = this;
		this.scope = scope.child();
		read();
		this.scope = scope;
	}
}

const WHOLE: Spot = { pos: 0, end: 0 };
