/**
 * What patterns read of a text, and the texts that are read as they are written: normalised paths, and names without anything
 * that nobody sees. On those all readings agree, which makes them the witnesses to look for.
 */

import { once } from "../base/once.ts";
import { NO_WIDTH, visibleName } from "../base/unseen.ts";
import { isPlainName } from "./glob-reader.ts";
import { type Language, ofTrees, type PatternLanguage, type Reading } from "./language.ts";
import { normalizePath } from "./path-text.ts";
import { complement, foldRunes, NOT_SLASH, type RuneSet, runes, SPACE, union } from "./rune-set.ts";
import { any, choice, literal, one, type SyntaxNode, sequence } from "./syntax.ts";

/** What a pattern looks at when it is asked about a text: it matches if it matches one of them. */
export function readsOf(reading: Reading, text: string): readonly string[] {
	switch (reading) {
		case "text":
			return [text];
		case "path":
			return [normalizePath(text)];
		case "name":
			return [text, visibleName(text)];
	}
}

/** The texts that are read as they are; null: all are. */
export function normalTexts(reading: Reading): PatternLanguage | null {
	switch (reading) {
		case "text":
			return null;
		case "path":
			return normalPaths();
		case "name":
			return visibleNames();
	}
}

/** Names as the lists of a policy have them (name-globs.ts). */
export function languageOfNames(list: {
	readonly caseSensitive: boolean;
	readonly globs: readonly { readonly text: string; readonly tree: SyntaxNode }[];
}): Language {
	if (list.caseSensitive)
		return ofTrees(
			"text",
			list.globs.map(({ tree }) => tree),
		);
	// A plain name is compared as a person sees it; a glob says itself what it wants to see.
	const trees = list.globs.map(({ text, tree }) =>
		isPlainName(text) ? whole(literal(visibleName(text), foldRunes)) : tree,
	);
	return ofTrees("name", trees);
}

const whole = (tree: SyntaxNode): SyntaxNode =>
	sequence([{ kind: "assert", what: "start" }, tree, { kind: "assert", what: "end" }]);

const optional = (item: SyntaxNode): SyntaxNode => ({ kind: "repeat", item, min: 0, max: 1, greedy: true });
const repeated = (item: SyntaxNode): SyntaxNode => ({ kind: "repeat", item, min: 0, max: null, greedy: true });

/** No segment is empty or `.`, and `..` is at the beginning of a relative path alone. */
const normalPaths = once((): PatternLanguage => {
	const slash = one(runes(0x2f));
	const dot = one(runes(0x2e));
	const plain = one(complement(union(runes(0x2e), runes(0x2f))));
	const segment = choice([
		sequence([plain, any(NOT_SLASH)]),
		sequence([dot, plain, any(NOT_SLASH)]),
		sequence([dot, dot, any(NOT_SLASH, 1)]),
	]);
	const upward = sequence([dot, dot, repeated(sequence([slash, dot, dot]))]);
	const below = repeated(sequence([slash, segment]));
	return ofTrees("text", [
		whole(choice([optional(slash), sequence([optional(slash), segment, below]), sequence([upward, below])])),
	]);
});

const FULL_WIDTH: RuneSet = [0xff01, 0xff5e];

const visibleNames = once((): PatternLanguage => {
	const unseen = union(NO_WIDTH, FULL_WIDTH);
	const inner = complement(unseen);
	const outer = complement(union(unseen, SPACE));
	return ofTrees("text", [whole(optional(choice([one(outer), sequence([one(outer), any(inner), one(outer)])])))]);
});
