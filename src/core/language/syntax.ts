/** The tree of a pattern, whatever notation it was written in: what the readers make and the engines take. */
import { type RuneSet, runes } from "./rune-set.ts";

export type SyntaxNode =
	| { readonly kind: "empty" }
	/** One code point out of a set. */
	| { readonly kind: "set"; readonly set: RuneSet }
	| { readonly kind: "sequence"; readonly items: readonly SyntaxNode[] }
	/** The first alternative that leads to a match is preferred. */
	| { readonly kind: "choice"; readonly options: readonly SyntaxNode[] }
	| {
			readonly kind: "repeat";
			readonly item: SyntaxNode;
			readonly min: number;
			/** null: without bound. */
			readonly max: number | null;
			readonly greedy: boolean;
	  }
	| { readonly kind: "assert"; readonly what: "start" | "end" | "wordBoundary" | "notWordBoundary" };

export const EMPTY: SyntaxNode = { kind: "empty" };

export const one = (set: RuneSet): SyntaxNode => ({ kind: "set", set });

export const any = (set: RuneSet, min = 0): SyntaxNode => ({
	kind: "repeat",
	item: one(set),
	min,
	max: null,
	greedy: true,
});

export function sequence(items: readonly SyntaxNode[]): SyntaxNode {
	if (items.length === 0) return EMPTY;
	return items.length === 1 ? (items[0] as SyntaxNode) : { kind: "sequence", items };
}

export function choice(options: readonly SyntaxNode[]): SyntaxNode {
	return options.length === 1 ? (options[0] as SyntaxNode) : { kind: "choice", options };
}

/** A literal text, one code point after the other. */
export const literal = (text: string, fold: (set: RuneSet) => RuneSet): SyntaxNode =>
	sequence([...text].map((character) => one(fold(runes(character.codePointAt(0) as number)))));

/** How many steps the pattern has once its repetitions are written out; bounds memory and time per character of text. */
export function expandedSize(node: SyntaxNode): number {
	switch (node.kind) {
		case "empty":
			return 0;
		case "set":
		case "assert":
			return 1;
		case "sequence":
			return node.items.reduce((sum, item) => sum + expandedSize(item), 0);
		case "choice":
			return node.options.reduce((sum, option) => sum + expandedSize(option), 1);
		case "repeat":
			return 1 + expandedSize(node.item) * Math.max(1, node.max ?? node.min);
	}
}

/** The largest product of bounds of repetitions inside one another. */
export function nestedRepeats(node: SyntaxNode): number {
	switch (node.kind) {
		case "empty":
		case "set":
		case "assert":
			return 1;
		case "sequence":
			return node.items.reduce((most, item) => Math.max(most, nestedRepeats(item)), 1);
		case "choice":
			return node.options.reduce((most, option) => Math.max(most, nestedRepeats(option)), 1);
		case "repeat":
			return nestedRepeats(node.item) * Math.max(1, node.max ?? node.min);
	}
}
