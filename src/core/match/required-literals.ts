/**
 * Literals without which a pattern cannot match: the filter in front of the engine.
 *
 * A text in which none of them occurs needs no engine at all; looking for a literal is some hundred times cheaper.
 */
import { foldText } from "../language/folding.ts";
import { contains, type RuneSet, sizeOf } from "../language/rune-set.ts";
import type { SyntaxNode } from "../language/syntax.ts";

const SLASH = 0x2f;
const EXACT_MAX = 24;
const EXACT_LENGTH_MAX = 64;
const NEED_MAX = 48;
const RUNES_MAX = 12;

/** What is known of the texts that a node matches; all strings are folded (folding.ts). */
interface Knowledge {
	/** All texts it can match, if they are few. */
	readonly exact: readonly string[] | null;
	/** At least one of these occurs in every text it matches; null if nothing is known. */
	readonly need: readonly string[] | null;
}

/**
 * The literals of which one must occur, folded, in every text with a match; null if there are none to rely on.
 * `within: "segment"` keeps `/` out of them, for patterns that are matched on a normalised path.
 */
export function requiredLiterals(node: SyntaxNode, within: "text" | "segment"): readonly string[] | null {
	const known = learn(node, within === "segment");
	return better(known.need, usable(known.exact));
}

function learn(node: SyntaxNode, splitAtSlash: boolean): Knowledge {
	switch (node.kind) {
		case "empty":
		case "assert":
			return { exact: [""], need: null };
		case "set":
			return { exact: fewRunes(node.set, splitAtSlash), need: null };
		case "sequence":
			return ofSequence(node.items, splitAtSlash);
		case "choice":
			return ofChoice(node.options.map((option) => learn(option, splitAtSlash)));
		case "repeat": {
			const item = learn(node.item, splitAtSlash);
			if (node.min === 0) {
				return { exact: node.max === 1 && item.exact ? bounded([...item.exact, ""]) : null, need: null };
			}
			if (node.min === 1 && node.max === 1) return item;
			if (node.min === node.max && item.exact?.length === 1) {
				return {
					exact: bounded([(item.exact[0] as string).repeat(node.min)]),
					need: better(item.need, usable(item.exact)),
				};
			}
			return { exact: null, need: better(item.need, usable(item.exact)) };
		}
	}
}

function fewRunes(set: RuneSet, splitAtSlash: boolean): readonly string[] | null {
	if (sizeOf(set) > RUNES_MAX || (splitAtSlash && contains(set, SLASH))) return null;
	const texts: string[] = [];
	for (let at = 0; at < set.length; at += 2) {
		for (let rune = set[at] as number; rune <= (set[at + 1] as number); rune++) {
			texts.push(foldText(String.fromCodePoint(rune)));
		}
	}
	return unique(texts);
}

function ofSequence(items: readonly SyntaxNode[], splitAtSlash: boolean): Knowledge {
	let run: readonly string[] = [""];
	let whole = true;
	let need: readonly string[] | null = null;
	for (const item of items) {
		const known = learn(item, splitAtSlash);
		const longer = known.exact === null ? null : bounded(product(run, known.exact));
		need = better(need, known.need);
		if (longer !== null) {
			run = longer;
			continue;
		}
		whole = false;
		need = better(need, usable(run));
		run = known.exact ?? [""];
	}
	return whole ? { exact: run, need } : { exact: null, need: better(need, usable(run)) };
}

function ofChoice(options: readonly Knowledge[]): Knowledge {
	const exact = options.every((option) => option.exact !== null)
		? bounded(unique(options.flatMap((option) => option.exact ?? [])))
		: null;
	const needs: string[] = [];
	for (const option of options) {
		const best = better(option.need, usable(option.exact));
		if (best === null) return { exact, need: null };
		needs.push(...best);
	}
	const all = unique(needs);
	return { exact, need: all.length <= NEED_MAX ? all : null };
}

const product = (left: readonly string[], right: readonly string[]): string[] => {
	if (left.length * right.length > EXACT_MAX) return [];
	return unique(left.flatMap((head) => right.map((tail) => head + tail)));
};

/** Null where the list is too long to be worth its cost; an empty list stands for "too many" as well. */
const bounded = (texts: readonly string[]): readonly string[] | null =>
	texts.length === 0 || texts.length > EXACT_MAX || texts.some((text) => text.length > EXACT_LENGTH_MAX) ? null : texts;

const usable = (texts: readonly string[] | null): readonly string[] | null =>
	texts === null || texts.includes("") ? null : texts;

function better(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
	if (a === null || b === null) return a ?? b;
	return worth(b) > worth(a) ? b : a;
}

/** Longer is rarer; each further literal costs a search. */
const worth = (texts: readonly string[]): number => Math.min(8, ...texts.map((text) => text.length)) * 8 - texts.length;

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
