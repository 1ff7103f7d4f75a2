/** One pattern, read and ready to be compiled into a set. */
import { err, ok, type Result } from "../base/result.ts";
import { type GlobStyle, readGlob } from "../language/glob-reader.ts";
import type { PatternFault } from "../language/pattern-fault.ts";
import { readRegex } from "../language/regex-reader.ts";
import { foldRunes, type RuneSet } from "../language/rune-set.ts";
import { expandedSize, literal, type SyntaxNode } from "../language/syntax.ts";
import { COST_MAX, searchIn } from "./tree-search.ts";

export type PatternKind = "substring" | "regex" | "glob";

/** What an author writes. */
export interface PatternSource {
	readonly kind: PatternKind;
	readonly text: string;
	readonly caseSensitive: boolean;
	/** For globs; of no consequence for the others. */
	readonly style: GlobStyle;
}

export interface Pattern extends PatternSource {
	readonly tree: SyntaxNode;
}

const PATTERN_LENGTH_MAX = 1_000;
/** Steps of a pattern with its repetitions written out. */
const PATTERN_SIZE_MAX = 5_000;

const SMALL_SIZE_MAX = 50;

const CONTROL = /\p{Cc}/u;

export function readPattern(source: PatternSource): Result<Pattern, PatternFault> {
	const refusal = refusedText(source.text);
	if (refusal !== null) return err(refusal);
	const tree = readTree(source);
	if (!tree.ok) return tree;
	const size = expandedSize(tree.value);
	if (size > PATTERN_SIZE_MAX) {
		return err({
			offset: 0,
			message: `the pattern has ${size} steps once its repetitions are written out, at most ${PATTERN_SIZE_MAX} are accepted`,
			help: "use `*` or `+` in place of large bounds",
		});
	}
	// A small pattern cannot be slow: its cost is at most some operations for each step.
	if (size > SMALL_SIZE_MAX && searchIn(tree.value, "backward").cost > COST_MAX) {
		return err({
			offset: 0,
			message: "the pattern would take too long on a long text: its repetitions keep too many places open at once",
			help: "write `*` or `+` for a repetition with a large bound, lower the bounds, or do not put optional parts inside repeated ones",
		});
	}
	return ok({ ...source, tree: tree.value });
}

function readTree(source: PatternSource): Result<SyntaxNode, PatternFault> {
	switch (source.kind) {
		case "substring":
			return ok(literal(source.text, source.caseSensitive ? (set: RuneSet) => set : foldRunes));
		case "regex":
			return readRegex(source.text, !source.caseSensitive);
		case "glob":
			return readGlob(source.text, source.style, !source.caseSensitive);
	}
}

function refusedText(text: string): PatternFault | null {
	if (text === "")
		return {
			offset: 0,
			message: "the pattern is empty",
			help: "write what to look for: an empty pattern would match everything",
		};
	if (text.length > PATTERN_LENGTH_MAX) {
		return {
			offset: PATTERN_LENGTH_MAX,
			message: `the pattern is longer than ${PATTERN_LENGTH_MAX} characters`,
			help: "split it into several: a rule takes a list",
		};
	}
	if (!text.isWellFormed()) return { offset: 0, message: "the pattern holds half a surrogate pair", help: "retype it" };
	const control = CONTROL.exec(text);
	if (control === null) return null;
	return {
		offset: control.index,
		message: `the pattern holds the control character U+${control[0].charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`,
		help: "use single quotes: in double quotes YAML reads `\\b` as a backspace; in a regex write `\\n` or `\\t`",
	};
}
