/** Splits a glob into characters and multiplies its braces out: `{a,b}/{c,d}` is four globs. */
import { PatternRefused } from "./pattern-fault.ts";

/** One character of a glob, where it stands, and whether a backslash made it mean itself. */
export interface Mark {
	readonly character: string;
	readonly offset: number;
	readonly literal: boolean;
}

const BRACE_DEPTH_MAX = 2;
const ALTERNATIVES_MAX = 64;

/** The alternatives of a glob in the order in which they are written; at most 64 of them. */
export function expandBraces(source: string): readonly (readonly Mark[])[] {
	const reader = new BraceReader(marksOf(source));
	return reader.read();
}

function marksOf(source: string): readonly Mark[] {
	const marks: Mark[] = [];
	for (let index = 0; index < source.length; ) {
		const offset = index;
		const literal = source.charAt(index) === "\\";
		if (literal) {
			index += 1;
			if (index === source.length)
				throw new PatternRefused(offset, "the glob ends with a lone backslash", "write `\\\\`");
			if (/^[\p{L}\p{N}]$/u.test(source.charAt(index))) {
				throw new PatternRefused(
					offset,
					`\`\\${source.charAt(index)}\` has no meaning in a glob`,
					"write `\\\\` for a backslash; `\\` goes before punctuation only",
				);
			}
		}
		const character = String.fromCodePoint(source.codePointAt(index) as number);
		marks.push({ character, offset, literal });
		index += character.length;
	}
	return marks;
}

class BraceReader {
	readonly #marks: readonly Mark[];
	#index = 0;

	constructor(marks: readonly Mark[]) {
		this.#marks = marks;
	}

	read(): readonly (readonly Mark[])[] {
		const globs = this.#run(0);
		const rest = this.#marks[this.#index];
		if (rest !== undefined)
			throw new PatternRefused(rest.offset, "`}` closes no brace", "write `\\}` for the brace itself");
		return globs;
	}

	/** Reads up to a `,` or `}` of the surrounding brace, or to the end. */
	#run(depth: number): readonly (readonly Mark[])[] {
		let globs: readonly (readonly Mark[])[] = [[]];
		for (let mark = this.#marks[this.#index]; mark !== undefined; mark = this.#marks[this.#index]) {
			if (this.#opensClass(mark)) globs = multiply(globs, [this.#class()], mark.offset);
			else if (!mark.literal && mark.character === "{") globs = multiply(globs, this.#brace(depth + 1), mark.offset);
			else if (!mark.literal && (mark.character === "}" || (depth > 0 && mark.character === ","))) return globs;
			else {
				globs = multiply(globs, [[mark]], mark.offset);
				this.#index += 1;
			}
		}
		return globs;
	}

	#brace(depth: number): readonly (readonly Mark[])[] {
		const open = this.#marks[this.#index] as Mark;
		if (depth > BRACE_DEPTH_MAX) {
			throw new PatternRefused(
				open.offset,
				`braces are nested deeper than ${BRACE_DEPTH_MAX}`,
				"write the alternatives out",
			);
		}
		const options: (readonly Mark[])[] = [];
		let branches = 0;
		do {
			this.#index += 1;
			const branch = this.#run(depth);
			if (branch.some(isRange)) {
				throw new PatternRefused(open.offset, "ranges such as `{1..9}` are not accepted", "write `[1-9]` or list them");
			}
			options.push(...branch);
			branches += 1;
		} while (this.#marks[this.#index]?.character === ",");
		if (this.#index >= this.#marks.length) {
			throw new PatternRefused(open.offset, "`{` is never closed", "write `\\{` for the brace itself");
		}
		this.#index += 1;
		if (branches < 2) {
			throw new PatternRefused(
				open.offset,
				"a brace needs two alternatives or more",
				"write them as in `{a,b}`, `*` for any text, or `\\{` for the brace itself",
			);
		}
		return options;
	}

	#opensClass(mark: Mark): boolean {
		return !mark.literal && mark.character === "[";
	}

	/** A class is taken whole, so that `{`, `}` and `,` in it mean themselves. */
	#class(): readonly Mark[] {
		const open = this.#marks[this.#index] as Mark;
		const start = this.#index;
		this.#index += 1;
		const sign = this.#marks[this.#index];
		if (sign !== undefined && !sign.literal && (sign.character === "!" || sign.character === "^")) this.#index += 1;
		for (let first = true; ; first = false) {
			const mark = this.#marks[this.#index];
			if (mark === undefined) {
				throw new PatternRefused(open.offset, "`[` is never closed", "write `\\[` for the bracket itself");
			}
			this.#index += 1;
			if (!first && !mark.literal && mark.character === "]") return this.#marks.slice(start, this.#index);
		}
	}
}

const isRange = (marks: readonly Mark[]): boolean =>
	marks.some((mark, index) => !mark.literal && mark.character === "." && marks[index + 1]?.character === ".") &&
	/^[\w-]+\.\.[\w-]+/.test(marks.map((mark) => mark.character).join(""));

function multiply(
	heads: readonly (readonly Mark[])[],
	tails: readonly (readonly Mark[])[],
	offset: number,
): readonly (readonly Mark[])[] {
	if (heads.length * tails.length > ALTERNATIVES_MAX) {
		throw new PatternRefused(
			offset,
			`the braces multiply to more than ${ALTERNATIVES_MAX} alternatives`,
			"split the glob into several",
		);
	}
	return heads.flatMap((head) => tails.map((tail) => [...head, ...tail]));
}
