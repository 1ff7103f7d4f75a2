/**
 * The search for one pattern: does it match a text, and where first. Made of the pattern's data, beside it.
 */
import { once } from "../base/once.ts";
import { foldText } from "../language/folding.ts";
import { normalizePath } from "../language/path-text.ts";
import type { Clause } from "./clause.ts";
import type { Pattern } from "./pattern.ts";
import { requiredClauses } from "./required-clauses.ts";
import { TreeSearch } from "./tree-search.ts";

/** In UTF-16 code units, end exclusive. */
export type Match = readonly [start: number, end: number];

export interface PatternSearch {
	/** What a text must hold for the pattern to match it; none: any text may. */
	readonly clauses: readonly Clause[];
	/** Operations that a search in a text of this length takes, at most: by the pattern and the length alone. */
	cost(length: number): number;
	/** Literals with which every match begins, or ends; null where there are none. */
	readonly entry: Clause | null;
	/** Cheaper than to ask where. `places` are those behind the literals of `entry`, in a long text. */
	matches(subject: Subject, places?: readonly number[]): boolean;
	/** The leftmost match. Null: there is none. */
	find(subject: Subject, places?: readonly number[]): Match | null;
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
		case "regex":
			return regexSearch(pattern);
		case "glob":
			return globSearch(pattern);
	}
}

function regexSearch({ tree }: Pattern): PatternSearch {
	const search = once(() => new TreeSearch(tree));
	return {
		clauses: requiredClauses(tree, "text"),
		get entry() {
			const { entry } = search();
			return entry.kind === "literals" ? entry.literals : null;
		},
		cost: (length) => search().cost(length),
		matches: ({ text }, places) => search().begin(text, "any", places) >= 0,
		find: ({ text }, places) => {
			const start = search().begin(text, "leftmost", places);
			return start < 0 ? null : [start, search().end(text, start)];
		},
	};
}

function globSearch({ tree, style }: Pattern): PatternSearch {
	const search = once(() => new TreeSearch(tree));
	const onPath = style === "path";
	const matches = ({ text, path }: Subject): boolean => search().begin(onPath ? path : text, "any", undefined) >= 0;
	return {
		clauses: requiredClauses(tree, onPath ? "segment" : "text"),
		entry: null,
		cost: (length) => search().cost(length),
		matches,
		find: (subject) => (matches(subject) ? [0, subject.text.length] : null),
	};
}

function substringSearch({ text, tree, caseSensitive }: Pattern): PatternSearch {
	const needle = foldText(text);
	const startIn = (subject: Subject): number =>
		caseSensitive ? subject.text.indexOf(text) : subject.folded.indexOf(needle);
	return {
		clauses: requiredClauses(tree, "text"),
		entry: null,
		cost: (length) => length,
		matches: (subject) => startIn(subject) >= 0,
		find: (subject) => {
			const start = startIn(subject);
			return start < 0 ? null : [start, start + text.length];
		},
	};
}
