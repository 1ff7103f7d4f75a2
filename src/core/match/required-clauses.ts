/**
 * What a pattern cannot match without: the filter in front of the engine.
 *
 * A clause is a list of literals of which one must be in every text with a match; a text that lacks one whole clause needs no
 * engine at all. Looking for literals is some hundred times cheaper.
 */
import { foldText } from "../language/folding.ts";
import { contains, type RuneSet, sizeOf } from "../language/rune-set.ts";
import type { SyntaxNode } from "../language/syntax.ts";

/** Folded literals (folding.ts). */
export type Clause = readonly string[];

/** Clauses of one pattern: further ones filter little that these let pass. */
const CLAUSES_MAX = 4;

const SLASH = 0x2f;
const EXACT_MAX = 24;
const EXACT_LENGTH_MAX = 64;
const NEED_MAX = 48;
const RUNES_MAX = 12;
/** Of a longer literal its beginning is looked for: it is as rare, and the automaton smaller. */
const LITERAL_LENGTH_MAX = 16;
/** One letter is in nearly every text: it is looked for only where nothing longer is known. */
const TELLING_LENGTH = 2;

/** What is known of the texts that a node matches. */
interface Knowledge {
	/** All texts it can match, if they are few. */
	readonly exact: Clause | null;
	/** One literal of each of these is in every text it matches. */
	readonly needs: readonly Clause[];
}

/**
 * The clauses of a pattern, the most telling first; none if there is nothing to rely on.
 * `within: "segment"` keeps `/` out of them, for patterns that are matched on a normalised path.
 */
export function requiredClauses(node: SyntaxNode, within: "text" | "segment"): readonly Clause[] {
	const all = clausesOf(learn(node, within === "segment"));
	const telling = all.filter((clause) => clause.every((literal) => literal.length >= TELLING_LENGTH));
	const byText = new Map((telling.length > 0 ? telling : all).map((clause) => [clause.join("\0"), clause]));
	return [...byText.values()]
		.sort((a, b) => worth(b) - worth(a))
		.slice(0, CLAUSES_MAX)
		.map((clause) => unique(clause.map((literal) => literal.slice(0, LITERAL_LENGTH_MAX))));
}

function learn(node: SyntaxNode, splitAtSlash: boolean): Knowledge {
	switch (node.kind) {
		case "empty":
		case "assert":
			return { exact: [""], needs: [] };
		case "set":
			return { exact: fewRunes(node.set, splitAtSlash), needs: [] };
		case "sequence":
			return ofSequence(node.items, splitAtSlash);
		case "choice":
			return ofChoice(node.options.map((option) => learn(option, splitAtSlash)));
		case "repeat": {
			const item = learn(node.item, splitAtSlash);
			if (node.min === 0) {
				return { exact: node.max === 1 && item.exact ? bounded([...item.exact, ""]) : null, needs: [] };
			}
			if (node.min === 1 && node.max === 1) return item;
			const [only] = item.exact ?? [];
			const isOneText = node.min === node.max && item.exact?.length === 1 && only !== undefined;
			return { exact: isOneText ? bounded([only.repeat(node.min)]) : null, needs: clausesOf(item) };
		}
	}
}

/** What is needed, and what it matches as a whole. */
function clausesOf({ exact, needs }: Knowledge): readonly Clause[] {
	const whole = usable(exact);
	return whole === null ? needs : [...needs, whole];
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
	let run: Clause = [""];
	let isWhole = true;
	const needs: Clause[] = [];
	for (const item of items) {
		const known = learn(item, splitAtSlash);
		needs.push(...known.needs);
		const longer = known.exact === null ? null : bounded(product(run, known.exact));
		if (longer !== null) {
			run = longer;
			continue;
		}
		isWhole = false;
		needs.push(...clausesOf({ exact: run, needs: [] }));
		run = known.exact ?? [""];
	}
	return isWhole ? { exact: run, needs } : { exact: null, needs: clausesOf({ exact: run, needs }) };
}

/** One clause: the best of each option together. */
function ofChoice(options: readonly Knowledge[]): Knowledge {
	const exact = options.every((option) => option.exact !== null)
		? bounded(unique(options.flatMap((option) => option.exact ?? [])))
		: null;
	const literals: string[] = [];
	for (const option of options) {
		const clauses = clausesOf(option);
		if (clauses.length === 0) return { exact, needs: [] };
		literals.push(...clauses.reduce((best, clause) => (worth(clause) > worth(best) ? clause : best)));
	}
	const clause = unique(literals);
	return { exact, needs: clause.length <= NEED_MAX ? [clause] : [] };
}

const product = (left: Clause, right: Clause): string[] => {
	if (left.length * right.length > EXACT_MAX) return [];
	return unique(left.flatMap((head) => right.map((tail) => head + tail)));
};

/** Null where the list is too long to be worth its cost; an empty list stands for "too many" as well. */
const bounded = (texts: Clause): Clause | null =>
	texts.length === 0 || texts.length > EXACT_MAX || texts.some((text) => text.length > EXACT_LENGTH_MAX) ? null : texts;

const usable = (texts: Clause | null): Clause | null => (texts === null || texts.includes("") ? null : texts);

/** Longer is rarer; each further literal costs a search. */
const worth = (texts: Clause): number => Math.min(8, ...texts.map((text) => text.length)) * 8 - texts.length;

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
