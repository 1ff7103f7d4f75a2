/**
 * A set of patterns, made ready to be searched for: which of them match a text, and where.
 *
 * P1  The time for a text is linear in its length, for every accepted pattern: nothing a user writes reaches an engine
 *     that backtracks.
 * P2  `candidates` leaves out no pattern that matches any part of the text.
 *
 * Two stages. Most patterns cannot match without certain literals, which one scan finds for all patterns; only what is left
 * is searched for (pattern-search.ts).
 */

import { type Candidates, LiteralScan } from "./literal-scan.ts";
import type { Pattern } from "./pattern.ts";
import { type PatternSearch, Subject, searchFor } from "./pattern-search.ts";
import { RestSearch } from "./rest-search.ts";

/**
 * Where a pattern matched first: UTF-16 code units, end exclusive. A glob matches a text as a whole. The end of a match that
 * is longer than some thousand characters is the end of the piece in which it was looked for.
 */
export interface PatternHit {
	/** Index of the pattern in the set. */
	readonly id: number;
	readonly start: number;
	readonly end: number;
}

/** Patterns that follow one another in a set: `from`, and on, up to but not including `to`. */
export interface IdRange {
	readonly from: number;
	readonly to: number;
}

export interface PatternSet {
	readonly size: number;
	/** Patterns without literals to look for: every text may match them. */
	readonly always: readonly number[];
	/**
	 * The other patterns that can match `text` or a part of it; those left out cannot. Normalised paths and globs are allowed
	 * for. What it costs depends on the text and on what is in it, not on how many patterns there are. Holds until the next call.
	 */
	candidates(text: string): Candidates;
	/** Says that these will be searched for in a text: what tells little of where it matches is searched for at once. */
	focus(text: string, ids: readonly number[]): void;
	/** Operations that a search for one pattern in a text takes, at most: by the pattern and the text alone. */
	costOf(text: string, id: number): number;
	/** Does one of these match? What `candidates` gave does not hold any more. */
	matchesAny(text: string, ids: IdRange): boolean;
	/** The leftmost match of one pattern. */
	find(text: string, id: number): PatternHit | null;
	/** All that match, by id, each with its leftmost match. */
	match(text: string): readonly PatternHit[];
}

export function compilePatternSet(patterns: readonly Pattern[]): PatternSet {
	return new FilteredSet(patterns.map(searchFor));
}

/** Up to this many patterns are searched for one by one: a scan is not worth it. */
const SINGLY_MAX = 2;

class FilteredSet implements PatternSet {
	readonly size: number;
	readonly always: readonly number[];
	readonly #searches: readonly PatternSearch[];
	readonly #literals: LiteralScan;
	readonly #rest: RestSearch;
	/** The text that was searched last: patterns are asked about it one after the other. */
	#subject = new Subject("");

	constructor(searches: readonly PatternSearch[]) {
		this.#searches = searches;
		this.#literals = new LiteralScan(searches);
		this.#rest = new RestSearch(searches.map(({ shared }) => shared));
		this.size = searches.length;
		this.always = searches.flatMap(({ clauses }, id) => (clauses.length === 0 ? [id] : []));
	}

	candidates(text: string): Candidates {
		return this.#literals.read(text);
	}

	focus(text: string, ids: readonly number[]): void {
		this.#rest.read(text, ids);
	}

	costOf({ length }: string, id: number): number {
		return this.#search(id).cost(length);
	}

	matchesAny(text: string, { from, to }: IdRange): boolean {
		const subject = this.#subjectOf(text);
		if (to - from <= SINGLY_MAX) {
			for (let id = from; id < to; id++) if (this.#search(id).matches(subject)) return true;
			return false;
		}
		const { ids, count } = this.candidates(text);
		for (let index = 0; index < count; index++) {
			const id = ids[index] as number;
			if (id >= from && id < to && this.#search(id).matches(subject, this.#literals.placesOf(id))) return true;
		}
		return this.always.some((id) => id >= from && id < to && this.#search(id).matches(subject));
	}

	find(text: string, id: number): PatternHit | null {
		const subject = this.#subjectOf(text);
		const search = this.#search(id);
		const begin = this.#rest.text === text ? this.#rest.beginOf(id) : undefined;
		if (begin !== undefined) return begin < 0 ? null : { id, start: begin, end: search.end(subject, begin) };
		const found = search.find(subject, this.#placesOf(text, id));
		return found === null ? null : { id, start: found[0], end: found[1] };
	}

	match(text: string): readonly PatternHit[] {
		const { ids, count } = this.candidates(text);
		if (count + this.always.length === 0) return NO_HITS;
		const all = [...this.always, ...ids.subarray(0, count)].sort(ascending);
		this.focus(text, all);
		return all.flatMap((id) => this.find(text, id) ?? []);
	}

	/** Known of the text that was read last. */
	#placesOf(text: string, id: number): readonly number[] | undefined {
		return this.#literals.text === text ? this.#literals.placesOf(id) : undefined;
	}

	#search(id: number): PatternSearch {
		return this.#searches[id] as PatternSearch;
	}

	#subjectOf(text: string): Subject {
		if (this.#subject.text !== text) this.#subject = new Subject(text);
		return this.#subject;
	}
}

const NO_HITS: readonly PatternHit[] = [];

const ascending = (a: number, b: number): number => a - b;
