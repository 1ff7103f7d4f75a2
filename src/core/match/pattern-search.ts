/**
 * The search for one pattern: does it match a text, and where first. Made of the pattern's data, beside it.
 */
import { once } from "../base/once.ts";
import { foldText } from "../language/folding.ts";
import { normalizePath } from "../language/path-text.ts";
import type { SyntaxNode } from "../language/syntax.ts";
import { type Clause, foldLetters, LITERAL_LENGTH_MAX, worth } from "./clause.ts";
import type { Pattern } from "./pattern.ts";
import { requiredClauses } from "./required-clauses.ts";
import { type Match, TreeSearch } from "./tree-search.ts";

export interface PatternSearch {
	/** What a text must hold for the pattern to match it; none: any text may. */
	readonly clauses: readonly Clause[];
	/** Literals with which every match begins, or ends; null where there are none. */
	readonly entry: Clause | null;
	/** What to search for together with other patterns of which little is known that a text must hold; null: it is not worth it. */
	readonly shared: SyntaxNode | null;
	/** Operations that a search in a text of this length takes, at most: by the pattern and the length alone. */
	cost(length: number): number;
	/** Cheaper than to ask where. `places` are those behind the literals of `entry`. */
	matches(subject: Subject, places?: readonly number[]): boolean;
	/** The leftmost match. Null: there is none. */
	find(subject: Subject, places?: readonly number[]): Match | null;
	/** Where the match ends that begins at `start`. */
	end(subject: Subject, start: number): number;
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

const KNOWN = new WeakMap<Pattern, PatternSearch>();

/** The same for a pattern each time: what a text needs for it is learnt once, also ahead of the set that it will be part of. */
export function searchFor(pattern: Pattern): PatternSearch {
	const known = KNOWN.get(pattern) ?? made(pattern);
	KNOWN.set(pattern, known);
	return known;
}

function made(pattern: Pattern): PatternSearch {
	switch (pattern.kind) {
		case "substring":
			return substringSearch(pattern);
		case "regex":
			return regexSearch(pattern);
		case "glob":
			return globSearch(pattern);
	}
}

function regexSearch({ tree }: Pattern): PatternSearch {
	const search = once(() => new TreeSearch(tree));
	const clauses = requiredClauses(tree, "text");
	const { entry } = search();
	return {
		clauses,
		shared: sharedOf(clauses, tree),
		entry: entry.kind === "literals" ? entry.literals : null,
		cost: (length) => search().cost(length),
		matches: ({ text }, places) => search().begin(text, "any", places) >= 0,
		find: ({ text }, places) => search().find(text, places),
		end: ({ text }, start) => search().end(text, start),
	};
}

function globSearch({ tree, style }: Pattern): PatternSearch {
	const search = once(() => new TreeSearch(tree));
	const onPath = style === "path";
	const matches = ({ text, path }: Subject): boolean => search().begin(onPath ? path : text, "any", undefined) >= 0;
	const clauses = requiredClauses(tree, onPath ? "segment" : "text");
	return {
		clauses,
		shared: onPath ? null : sharedOf(clauses, tree),
		entry: null,
		cost: (length) => search().cost(length),
		matches,
		find: (subject) => (matches(subject) ? [0, subject.text.length] : null),
		end: ({ text }) => text.length,
	};
}

function substringSearch({ text, tree, caseSensitive }: Pattern): PatternSearch {
	const needle = foldText(text);
	const { length } = text;
	const isAt = (subject: Subject, start: number): boolean =>
		caseSensitive
			? subject.text.startsWith(text, start)
			: foldText(subject.text.slice(start, start + length)) === needle;
	const startIn = (subject: Subject, places: readonly number[] | undefined): number => {
		if (places === undefined) return caseSensitive ? subject.text.indexOf(text) : subject.folded.indexOf(needle);
		const place = places.find((end) => isAt(subject, end - length));
		return place === undefined ? -1 : place - length;
	};
	return {
		clauses: requiredClauses(tree, "text"),
		shared: null,
		entry: length <= LITERAL_LENGTH_MAX ? [foldLetters(text)] : null,
		cost: (textLength) => textLength,
		matches: (subject, places) => startIn(subject, places) >= 0,
		find: (subject, places) => {
			const start = startIn(subject, places);
			return start < 0 ? null : [start, start + length];
		},
		end: (_, start) => start + length,
	};
}

/** Bits below which a clause is in nearly every text. */
const RARE_MIN = 7;

const sharedOf = ([best]: readonly Clause[], tree: SyntaxNode): SyntaxNode | null =>
	best === undefined || worth(best) < RARE_MIN ? tree : null;
