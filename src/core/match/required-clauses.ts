/**
 * What a pattern cannot match without: the filter in front of the engine.
 *
 * A clause is a list of literals of which one must be in every text with a match; a text that lacks one whole clause needs no
 * engine at all. Looking for literals is some hundred times cheaper.
 */
import type { SyntaxNode } from "../language/syntax.ts";
import {
	bounded,
	CLAUSE_MAX,
	type Clause,
	eitherOf,
	fewRunes,
	isTelling,
	LITERAL_LENGTH_MAX,
	product,
	unique,
	usable,
	worth,
} from "./clause.ts";

/** Clauses of one pattern: further ones filter little that these let pass. */
const CLAUSES_MAX = 4;

/** What is known of the texts that a node matches. */
interface Knowledge {
	/** All texts it can match, if they are few. */
	readonly exact: Clause | null;
	/** Texts of which each begins, or ends, with one; null if nothing is known. */
	readonly begins: Clause | null;
	readonly ends: Clause | null;
	/** One literal of each of these is in every text it matches. */
	readonly needs: readonly Clause[];
}

/**
 * The clauses of a pattern, the most telling first; none if there is nothing to rely on.
 * `within: "segment"` keeps `/` out of them, for patterns that are matched on a normalised path.
 */
export function requiredClauses(node: SyntaxNode, within: "text" | "segment"): readonly Clause[] {
	const all = clausesOf(learn(node, within === "segment"));
	const telling = all.filter(isTelling);
	const byText = new Map((telling.length > 0 ? telling : all).map((clause) => [clause.join("\0"), clause]));
	const sorted = [...byText.values()].sort((a, b) => worth(b) - worth(a));
	return sorted
		.filter((clause, place) => !sorted.slice(0, place).some((other) => implies(other, clause)))
		.slice(0, CLAUSES_MAX)
		.map((clause) => unique(clause.map((literal) => literal.slice(0, LITERAL_LENGTH_MAX))));
}

/** Is one of the second in every text that has one of the first? */
const implies = (first: Clause, second: Clause): boolean =>
	first.every((literal) => second.some((part) => literal.includes(part)));

function learn(node: SyntaxNode, splitAtSlash: boolean): Knowledge {
	switch (node.kind) {
		case "empty":
		case "assert":
			return known([""], []);
		case "set":
			return known(fewRunes(node.set, splitAtSlash), []);
		case "sequence":
			return ofSequence(node.items.map((item) => learn(item, splitAtSlash)));
		case "choice":
			return ofChoice(node.options.map((option) => learn(option, splitAtSlash)));
		case "repeat": {
			const item = learn(node.item, splitAtSlash);
			if (node.min === 0) return known(node.max === 1 && item.exact ? bounded([...item.exact, ""]) : null, []);
			if (node.min === 1 && node.max === 1) return item;
			const [only] = item.exact ?? [];
			const isOneText = node.min === node.max && item.exact?.length === 1 && only !== undefined;
			const exact = isOneText ? bounded([only.repeat(node.min)]) : null;
			return { ...item, exact, needs: clausesOf(item) };
		}
	}
}

const known = (exact: Clause | null, needs: readonly Clause[]): Knowledge => ({
	exact,
	begins: exact,
	ends: exact,
	needs,
});

/** What is needed, and what it matches as a whole. */
function clausesOf({ exact, needs }: Pick<Knowledge, "exact" | "needs">): readonly Clause[] {
	const whole = usable(exact);
	return whole === null ? needs : [...needs, whole];
}

/** A run of items that are known exactly; into what comes before and after it, too, where that makes it rarer. */
function ofSequence(items: readonly Knowledge[]): Knowledge {
	let run: Clause = [""];
	/** The run without the end of an item that is not known exactly, with which it began. */
	let bare: Clause = [""];
	let begins: Clause | null = null;
	const needs: Clause[] = [];
	for (const item of items) {
		needs.push(...item.needs);
		const longer = item.exact === null ? null : bounded(product(run, item.exact));
		if (longer !== null) {
			run = longer;
			bare = bounded(product(bare, item.exact as Clause)) ?? run;
			continue;
		}
		const before = rarer(bare, run);
		const ended = item.begins === null ? before : rarer(bounded(product(before, item.begins)) ?? before, before);
		begins ??= ended;
		needs.push(...clausesOf({ exact: ended, needs: [] }));
		run = item.ends ?? [""];
		bare = [""];
	}
	if (begins === null) return known(run, needs);
	const ends = rarer(bare, run);
	return { exact: null, begins, ends, needs: clausesOf({ exact: ends, needs }) };
}

/** The other one where they are alike. */
const rarer = (one: Clause, other: Clause): Clause => (worth(one) > worth(other) ? one : other);

/** One clause: the best of each option together. */
function ofChoice(options: readonly Knowledge[]): Knowledge {
	const exact = eitherOf(options.map((option) => option.exact));
	const begins = eitherOf(options.map((option) => option.begins));
	const ends = eitherOf(options.map((option) => option.ends));
	const literals: string[] = [];
	for (const option of options) {
		const clauses = clausesOf(option);
		if (clauses.length === 0) return { exact, begins, ends, needs: [] };
		literals.push(...clauses.reduce((best, clause) => (worth(clause) > worth(best) ? clause : best)));
	}
	const clause = unique(literals);
	return { exact, begins, ends, needs: clause.length <= CLAUSE_MAX ? [clause] : [] };
}
