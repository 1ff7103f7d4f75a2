/**
 * Reads a glob of the dialect: `*`, `**`, `?`, `[..]`, `[!..]`, `{a,b}` and `\` before a punctuation character.
 *
 * Style `text`: `*` and `?` cross everything, `/` is a character like any other. Style `path`: they stop at `/`, `**` as a
 * whole segment crosses any number of segments, and the text is a normalised path (path-text.ts). A leading dot is
 * nothing special in either. What other globs have beside that is refused.
 */
import { err, ok, type Result } from "../base/result.ts";
import { expandBraces, type Mark } from "./glob-braces.ts";
import { type PatternFault, PatternRefused } from "./pattern-fault.ts";
import { ANY_RUNE, complement, foldRunes, NO_RUNE, NOT_SLASH, type RuneSet, runes, union } from "./rune-set.ts";
import { any, choice, one, type SyntaxNode, sequence } from "./syntax.ts";

export type GlobStyle = "path" | "text";

const GLOB_LENGTH_MAX = 1_000;

/** The tree matches whole texts only: it begins with a start and ends with an end assertion. */
export function readGlob(source: string, style: GlobStyle, insensitive: boolean): Result<SyntaxNode, PatternFault> {
	try {
		refuseForeign(source);
		const fold = insensitive ? foldRunes : (set: RuneSet): RuneSet => set;
		const options = expandBraces(source).map((marks) => {
			if (style === "path") refuseUnreachable(marks);
			return new GlobReader(marks, style, fold).read();
		});
		return ok(sequence([{ kind: "assert", what: "start" }, choice(options), { kind: "assert", what: "end" }]));
	} catch (thrown) {
		if (thrown instanceof PatternRefused) return err(thrown.fault);
		throw thrown;
	}
}

/** A glob without any special character. */
export const isPlainName = (glob: string): boolean => !/[*?[\]{}()|\\!]/.test(glob);

function refuseForeign(source: string): void {
	if (source === "") throw new PatternRefused(0, "the glob is empty", "write `*` for everything");
	if (source.length > GLOB_LENGTH_MAX) {
		throw new PatternRefused(
			GLOB_LENGTH_MAX,
			`the glob is longer than ${GLOB_LENGTH_MAX} characters`,
			"split it in two",
		);
	}
	if (/^!(?!\()/.test(source)) {
		throw new PatternRefused(
			0,
			"a leading `!` would match everything else",
			"use `unless:`, or `\\!` for the character",
		);
	}
	const posix = source.indexOf("[[:");
	if (posix >= 0)
		throw new PatternRefused(posix, "POSIX classes are not accepted", "list the characters, as in `[a-z]`");
}

/** What to write for the group that a sign begins. */
const EXTGLOB_HELP: Readonly<Record<string, string | undefined>> = {
	"@": "write `{a,b}`",
	"?": "write `{,a}`",
	"!": "say what must not match in `unless:`",
	"*": "use `regex:` for repetitions",
	"+": "use `regex:` for repetitions, or write `{a,b}` for one of several",
};

/** A normalised path has no empty, `.` or inner `..` segment: a glob that asks for one could never match. */
function refuseUnreachable(marks: readonly Mark[]): void {
	const text = marks.map((mark) => mark.character).join("");
	const hit = /\/\/|(?<=.)\/$|(?:^|\/)\.(?=\/|$)|\/\.\.(?=\/|$)/.exec(text);
	if (hit === null) return;
	const offset = marks[Math.min(hit.index, marks.length - 1)]?.offset ?? 0;
	throw new PatternRefused(
		offset,
		"paths are normalised before they are compared, so this can never match",
		"leave out `//`, `./`, `../` and a final `/`; write `dir/**` for everything below `dir`",
	);
}

class GlobReader {
	readonly #marks: readonly Mark[];
	readonly #style: GlobStyle;
	readonly #fold: (set: RuneSet) => RuneSet;
	#index = 0;

	constructor(marks: readonly Mark[], style: GlobStyle, fold: (set: RuneSet) => RuneSet) {
		this.#marks = marks;
		this.#style = style;
		this.#fold = fold;
	}

	read(): SyntaxNode {
		const items: SyntaxNode[] = [];
		while (this.#index < this.#marks.length) items.push(...this.#step(items));
		return sequence(items);
	}

	/** One or more nodes; may take back the `/` before a `/**` that ends the glob. */
	#step(before: SyntaxNode[]): readonly SyntaxNode[] {
		const mark = this.#marks[this.#index] as Mark;
		if (mark.literal) return this.#rune(mark);
		switch (mark.character) {
			case "*":
				return this.#stars(before);
			case "?":
				this.#index += 1;
				return [one(this.#style === "path" ? NOT_SLASH : ANY_RUNE)];
			case "[":
				return [one(this.#class(mark.offset))];
			case "]":
			case "(":
			case ")":
			case "|":
				this.#refuseExtended(mark);
				throw new PatternRefused(
					mark.offset,
					`\`${mark.character}\` has no meaning in a glob here`,
					`write \`\\${mark.character}\` for the character itself, or use \`regex:\``,
				);
			default:
				return this.#rune(mark);
		}
	}

	/** A group with a sign before it, as in `+(a|b)`. */
	#refuseExtended({ character, offset }: Mark): void {
		const sign = this.#marks.findLast((mark) => mark.offset < offset);
		const help = sign === undefined || sign.literal || character !== "(" ? undefined : EXTGLOB_HELP[sign.character];
		if (sign === undefined || help === undefined) return;
		throw new PatternRefused(sign.offset, "extended globs such as `+(a|b)` are not accepted", help);
	}

	#rune(mark: Mark): readonly SyntaxNode[] {
		this.#index += 1;
		return [one(this.#fold(runes(mark.character.codePointAt(0) as number)))];
	}

	#stars(before: SyntaxNode[]): readonly SyntaxNode[] {
		const start = this.#index;
		while (this.#is(this.#index, "*")) this.#index += 1;
		if (this.#style === "text") return [any(ANY_RUNE)];
		const opens = start === 0 || this.#isSlash(start - 1);
		const closes = this.#index === this.#marks.length || this.#isSlash(this.#index);
		if (!opens || !closes) return [any(NOT_SLASH)];
		if (this.#index - start !== 2) return [any(NOT_SLASH, 1)];
		return this.#segments(before);
	}

	/** `**` as a whole segment: alone, first (`**\/a`), last (`a/**`, which covers `a` too) or between (`a/**\/b`). */
	#segments(before: SyntaxNode[]): readonly SyntaxNode[] {
		const anything = any(ANY_RUNE);
		const slash = one(runes(0x2f));
		if (this.#index === this.#marks.length) {
			// After another `**/` the slash belongs to that one already.
			if (before.at(-1)?.kind !== "set") return [anything];
			before.pop();
			return [optional(sequence([slash, anything]))];
		}
		this.#index += 1;
		return [optional(sequence([anything, slash]))];
	}

	#class(offset: number): RuneSet {
		this.#index += 1;
		const negated = this.#is(this.#index, "!") || this.#is(this.#index, "^");
		if (negated) this.#index += 1;
		let set: RuneSet = NO_RUNE;
		if (negated && this.#is(this.#index, "]")) {
			const at = this.#marks[this.#index]?.offset ?? offset;
			throw new PatternRefused(at, "`]` closes an empty class here", "write `\\]` for the bracket itself");
		}
		for (let first = true; first || !this.#is(this.#index, "]"); first = false) {
			const low = this.#classRune(offset);
			const ranged = this.#is(this.#index, "-") && !this.#is(this.#index + 1, "]");
			if (ranged) this.#index += 1;
			const high = ranged ? this.#classRune(offset) : low;
			if (high < low) throw new PatternRefused(offset, "a range in the class ends below its start", "swap its ends");
			set = union(set, runes(low, high));
		}
		this.#index += 1;
		const folded = this.#fold(set);
		if (!negated) return folded;
		return complement(this.#style === "path" ? union(folded, runes(0x2f)) : folded);
	}

	#classRune(offset: number): number {
		const mark = this.#marks[this.#index];
		if (mark === undefined)
			throw new PatternRefused(offset, "`[` is never closed", "write `\\[` for the bracket itself");
		if (mark.character === "/" && this.#style === "path") {
			throw new PatternRefused(mark.offset, "a class cannot hold `/` in a path", "write the alternatives as `{a/b,c}`");
		}
		this.#index += 1;
		return mark.character.codePointAt(0) as number;
	}

	#is(index: number, character: string): boolean {
		const mark = this.#marks[index];
		return mark !== undefined && !mark.literal && mark.character === character;
	}

	#isSlash(index: number): boolean {
		return this.#marks[index]?.character === "/";
	}
}

const optional = (item: SyntaxNode): SyntaxNode => ({ kind: "repeat", item, min: 0, max: 1, greedy: true });
