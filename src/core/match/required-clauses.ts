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
	const exact = eitherOf(options.map((option) => option.exact));
	const literals: string[] = [];
	for (const option of options) {
		const clauses = clausesOf(option);
		if (clauses.length === 0) return { exact, needs: [] };
		literals.push(...clauses.reduce((best, clause) => (worth(clause) > worth(best) ? clause : best)));
	}
	const clause = unique(literals);
	return { exact, needs: clause.length <= CLAUSE_MAX ? [clause] : [] };
}
