/**
 * A set of patterns compiled once: which of them match a text, and where.
 *
 * P1  The time for a text is linear in its length, for every accepted pattern: nothing a user writes reaches an engine
 *     that backtracks.
 * P2  `candidates` leaves out no pattern that matches any part of the text.
 *
 * Two stages. Most patterns cannot match without one of a few literals, which one scan finds for all patterns; only
 * what is left is searched for (bit-search.ts). Where a match ends, re2js says, on a piece of the text that is short enough.
 */
import { RE2JS } from "re2js";
import { foldText } from "../language/folding.ts";
import { expandedSize, type SyntaxNode } from "../language/syntax.ts";
import { BitSearch } from "./bit-search.ts";
import { LiteralScan } from "./literal-scan.ts";
import { normalizePath } from "./path-text.ts";
import type { Pattern } from "./pattern.ts";
import { toRe2 } from "./re2-syntax.ts";
import { requiredLiterals } from "./required-literals.ts";

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

export interface PatternSet {
	readonly size: number;
	/**
	 * Those of `among` that can match `text` or a part of it, in the order given; the others cannot. One look at many texts
	 * joined by newlines tells which patterns to ask of each. Normalised paths and globs are allowed for.
	 */
	candidates(text: string, among: readonly number[]): readonly number[];
	/**
	 * The same for many small texts, prepared for `among` once: what one text costs depends on the text and on what occurs
	 * in it, not on how many patterns there are. In no order; the list holds until the next call.
	 */
	filter(among: readonly number[]): (text: string) => readonly number[];
	/** Operations that a search for one pattern in a text takes, at most: by the pattern and the text alone. */
	costOf(text: string, id: number): number;
	/** Does one match that `filter` named for the text? Cheaper than to ask where. */
	matches(text: string, id: number): boolean;
	/** Does one of them match? */
	matchesAny(text: string, ids: readonly number[]): boolean;
	/** The leftmost match of one pattern. */
	find(text: string, id: number): PatternHit | null;
	/** Those of `among` that match, in the order given, each with its leftmost match. */
	match(text: string, among: readonly number[]): readonly PatternHit[];
}

export function compilePatternSet(patterns: readonly Pattern[]): PatternSet {
	return new FilteredSet(patterns.map(compilePattern));
}

/** One text, with what several patterns need of it, made on demand. */
interface Subject {
	readonly text: string;
	readonly folded: string;
	readonly path: string;
}

interface Compiled {
	/** Folded literals of which one must occur; null: always a candidate. */
	readonly literals: readonly string[] | null;
	cost(length: number): number;
	matches(subject: Subject): boolean;
	/** Null: no match. */
	find(subject: Subject): readonly [start: number, end: number] | null;
}

class FilteredSet implements PatternSet {
	readonly size: number;
	readonly #patterns: readonly Compiled[];
	readonly #literals: LiteralScan;

	constructor(patterns: readonly Compiled[]) {
		this.#patterns = patterns;
		this.#literals = new LiteralScan(patterns.map(({ literals }, id) => ({ id, literals: literals ?? [] })));
		this.size = patterns.length;
	}

	candidates(text: string, among: readonly number[]): readonly number[] {
		const isWorthAScan = among.length > SINGLY_MAX;
		if (isWorthAScan) this.#literals.read(text);
		const folded = isWorthAScan ? "" : foldText(text);
		let found: number[] | null = null;
		for (let at = 0; at < among.length; at++) {
			const id = among[at] as number;
			const { literals } = this.#patterns[id] as Compiled;
			if (literals !== null && !(isWorthAScan ? this.#literals.occurs(id) : isPresent(literals, folded))) continue;
			found ??= [];
			found.push(id);
		}
		return found ?? NONE;
	}

	filter(among: readonly number[]): (text: string) => readonly number[] {
		if (among.length <= SINGLY_MAX) return (text) => this.candidates(text, among);
		const always = among.filter((id) => (this.#patterns[id] as Compiled).literals === null);
		const wanted = new Set(among);
		return (text) => {
			const occurring = this.#literals.read(text);
			if (occurring.length === 0) return always;
			return [...always, ...occurring.filter((id) => wanted.has(id))];
		};
	}

	costOf({ length }: string, id: number): number {
		return (this.#patterns[id] as Compiled).cost(length);
	}

	matches(text: string, id: number): boolean {
		return (this.#patterns[id] as Compiled).matches(new LazySubject(text));
	}

	matchesAny(text: string, ids: readonly number[]): boolean {
		const candidates = this.candidates(text, ids);
		if (candidates.length === 0) return false;
		const subject = new LazySubject(text);
		return candidates.some((id) => (this.#patterns[id] as Compiled).matches(subject));
	}

	find(text: string, id: number): PatternHit | null {
		const span = (this.#patterns[id] as Compiled).find(new LazySubject(text));
		return span === null ? null : { id, start: span[0], end: span[1] };
	}

	match(text: string, among: readonly number[]): readonly PatternHit[] {
		const candidates = this.candidates(text, among);
		if (candidates.length === 0) return NO_HITS;
		const subject = new LazySubject(text);
		const hits: PatternHit[] = [];
		for (const id of candidates) {
			const span = (this.#patterns[id] as Compiled).find(subject);
			if (span !== null) hits.push({ id, start: span[0], end: span[1] });
		}
		return hits;
	}
}

const NONE: readonly number[] = [];
const NO_HITS: readonly PatternHit[] = [];

/** Up to so many patterns are looked for one by one: the platform's own search is faster than a scan then. */
const SINGLY_MAX = 4;

const isPresent = (literals: readonly string[], folded: string): boolean =>
	literals.some((literal) => folded.includes(literal));

class LazySubject implements Subject {
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

function compilePattern(pattern: Pattern): Compiled {
	switch (pattern.kind) {
		case "substring":
			return compileSubstring(pattern.text, pattern.caseSensitive);
		case "regex": {
			const search = once(() => new BitSearch(pattern.tree));
			const end = once(() => matchEnd(pattern.tree));
			return {
				literals: requiredLiterals(pattern.tree, "text"),
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
				literals: requiredLiterals(pattern.tree, onPath ? "segment" : "text"),
				cost: (length) => costOf(search(), length),
				matches,
				find: (subject) => (matches(subject) ? [0, subject.text.length] : null),
			};
		}
	}
}

/** Beyond so many operations it is worth finding out whether they are really needed. */
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

function compileSubstring(text: string, caseSensitive: boolean): Compiled {
	const needle = foldText(text);
	const startIn = (subject: Subject): number =>
		caseSensitive ? subject.text.indexOf(text) : subject.folded.indexOf(needle);
	return {
		literals: [needle],
		cost: (length) => length,
		matches: (subject) => startIn(subject) >= 0,
		find: (subject) => {
			const start = startIn(subject);
			return start < 0 ? null : [start, start + text.length];
		},
	};
}
