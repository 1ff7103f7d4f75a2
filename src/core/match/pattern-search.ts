/**
 * The search for one pattern: does it match a text, and where first. Made of the pattern's data, beside it.
 *
 * Where a match ends, re2js says, on a piece of the text that is short enough.
 */
import { RE2JS } from "re2js";
import { foldText } from "../language/folding.ts";
import { expandedSize, type SyntaxNode } from "../language/syntax.ts";
import { BitSearch } from "./bit-search.ts";
import { normalizePath } from "./path-text.ts";
import type { Pattern } from "./pattern.ts";
import { toRe2 } from "./re2-syntax.ts";
import { type Clause, requiredClauses } from "./required-clauses.ts";

/** In UTF-16 code units, end exclusive. */
export type Match = readonly [start: number, end: number];

export interface PatternSearch {
	/** What a text must hold for the pattern to match it; none: any text may. */
	readonly clauses: readonly Clause[];
	/** Operations that a search in a text of this length takes, at most: by the pattern and the length alone. */
	cost(length: number): number;
	/** Cheaper than to ask where. */
	matches(subject: Subject): boolean;
	/** The leftmost match. Null: there is none. */
	find(subject: Subject): Match | null;
}

/** One text, with what several patterns need of it, made on demand. */
export class Subject {
	readonly text: string;
	#folded: string | null = null;
	#path: string | null = null;

	constructor(text: string) {
		this.text = text;
	}

	get folded(): string {
		this.#folded ??= foldText(this.text);
		return this.#folded;
	}

	get path(): string {
		this.#path ??= normalizePath(this.text);
		return this.#path;
	}
}

export function searchFor(pattern: Pattern): PatternSearch {
	switch (pattern.kind) {
		case "substring":
			return substringSearch(pattern);
		case "regex": {
			const search = once(() => new BitSearch(pattern.tree));
			const end = once(() => matchEnd(pattern.tree));
			return {
				clauses: requiredClauses(pattern.tree, "text"),
				cost: (length) => costOf(search(), length),
				matches: ({ text }) => search().begin(text, "any") >= 0,
				find: ({ text }) => {
					const start = search().begin(text, "leftmost");
					return start < 0 ? null : [start, end()(text, start)];
				},
			};
		}
		case "glob": {
			const search = once(() => new BitSearch(pattern.tree));
			const onPath = pattern.style === "path";
			const matches = (subject: Subject): boolean => search().begin(onPath ? subject.path : subject.text, "any") >= 0;
			return {
				clauses: requiredClauses(pattern.tree, onPath ? "segment" : "text"),
				cost: (length) => costOf(search(), length),
				matches,
				find: (subject) => (matches(subject) ? [0, subject.text.length] : null),
			};
		}
	}
}

function substringSearch({ text, tree, caseSensitive }: Pattern): PatternSearch {
	const needle = foldText(text);
	const startIn = (subject: Subject): number =>
		caseSensitive ? subject.text.indexOf(text) : subject.folded.indexOf(needle);
	return {
		clauses: requiredClauses(tree, "text"),
		cost: (length) => length,
		matches: (subject) => startIn(subject) >= 0,
		find: (subject) => {
			const start = startIn(subject);
			return start < 0 ? null : [start, start + text.length];
		},
	};
}

/** Beyond this many operations it is worth finding out whether they are really needed. */
const SHORT_WORK = 500_000;

const costOf = (search: BitSearch, length: number): number =>
	length * search.cost <= SHORT_WORK ? length * search.cost : length * search.longCost;

/** Steps of a pattern times characters that re2js reads at most for the end of one match. */
const END_WORK_MAX = 100_000;

function matchEnd(tree: SyntaxNode): (text: string, start: number) => number {
	const engine = RE2JS.compile(toRe2(tree), RE2JS.DOTALL);
	const reach = Math.max(16, Math.ceil(END_WORK_MAX / Math.max(1, expandedSize(tree))));
	return (text, start) => {
		const piece = text.slice(0, start + reach);
		const matcher = engine.matcher(piece);
		return matcher.find(start) && matcher.start() === start ? matcher.end() : piece.length;
	};
}

/** Made at the first use: most patterns of a set never see a text that could match them. */
function once<T>(make: () => T): () => T {
	let made: { readonly value: T } | null = null;
	return () => {
		made ??= { value: make() };
		return made.value;
	};
}
