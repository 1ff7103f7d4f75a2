/** The search for one pattern's tree: where its leftmost match begins, by the shortest way that the tree allows, and where it ends. */
import { type Direction, positionGraph } from "../language/position-graph.ts";
import type { SyntaxNode } from "../language/syntax.ts";
import { type MatchEntry, matchEntry } from "./match-entry.ts";
import { OrderedSteps } from "./ordered-steps.ts";
import { PositionSteps } from "./position-steps.ts";
import { StateSearch } from "./state-search.ts";

/** Operations for each character of a text: what keeps 100 KB below 50 ms. */
export const COST_MAX = 300;

/** In UTF-16 code units, end exclusive. */
export type Match = readonly [start: number, end: number];

export class TreeSearch {
	readonly entry: MatchEntry;
	readonly #tree: SyntaxNode;
	#backward: StateSearch | null = null;
	#forward: StateSearch | null = null;
	#end: StateSearch | null = null;

	constructor(tree: SyntaxNode) {
		this.#tree = tree;
		this.entry = matchEntry(tree);
	}

	/** Characters that were read, in all. */
	get read(): number {
		return (this.#backward?.read ?? 0) + (this.#forward?.read ?? 0) + (this.#end?.read ?? 0);
	}

	/** Operations that one search takes, at most: by the pattern and the length of the text alone. */
	cost(length: number): number {
		const { entry } = this;
		const isForward = entry.kind === "tied" && entry.side === "begin" && this.#isQuickForward;
		const search = isForward ? this.#forwards : this.#backwards;
		return length * search.cost <= SHORT_WORK ? length * search.cost : length * search.longCost;
	}

	/**
	 * Where the leftmost match begins, or with `any` some match; -1: there is none. `places` are those behind the literals of
	 * the entry, all of them: where they are known, the rest of the text is not read.
	 */
	begin(text: string, want: "leftmost" | "any", places: readonly number[] | undefined): number {
		const { entry } = this;
		switch (entry.kind) {
			case "tied":
				if (entry.side === "end") return this.#fromEnd(text, want, text.length);
				return this.#isQuickForward ? this.#atBeginning(text) : this.#fromEnd(text, want, null);
			case "literals":
				if (places === undefined) return this.#fromEnd(text, want, null);
				if (entry.side === "end") return this.#endingAt(text, want, places);
				if (!this.#isQuickForward) return this.#fromEnd(text, want, null);
				return this.#beginningAt(text, want, { places, length: longest(entry.literals) });
			case "anywhere":
				return this.#fromEnd(text, want, null);
		}
	}

	/** The leftmost match. Null: there is none. */
	find(text: string, places: readonly number[] | undefined): Match | null {
		const near = places === undefined ? null : this.#nearBeginning(text, places);
		if (near !== null) return near;
		const start = this.begin(text, "leftmost", places);
		return start < 0 ? null : [start, this.end(text, start)];
	}

	/** Where the match ends that begins at `start`; where it is longer than what is read of it, the end of that. */
	end(text: string, start: number): number {
		const search = this.#ends;
		const reach = start + Math.max(END_LENGTH_MIN, Math.ceil(END_WORK_MAX / search.cost));
		const to = reach < text.length ? boundary(text, reach) : text.length;
		const found = search.find(text, { from: start, to, want: "last", settledFrom: start });
		return found < 0 ? to : found;
	}

	/**
	 * The leftmost match, if it begins at one of the first places and shows soon: nothing behind it is read then. Null: it is to
	 * be looked for.
	 */
	#nearBeginning(text: string, places: readonly number[]): Match | null {
		const { entry } = this;
		if (entry.kind !== "literals" || entry.side !== "begin") return null;
		const [first = ""] = entry.literals;
		if (entry.literals.some(({ length }) => length !== first.length)) return null;
		const search = this.#ends;
		for (let index = 0; index < Math.min(places.length, NEAR_PLACES_MAX); index++) {
			const start = (places[index] as number) - first.length;
			if (boundary(text, start) !== start) continue;
			const reading = { from: start, to: text.length, want: "any", settledFrom: start } as const;
			const found = search.find(text, { ...reading, slowStepsMax: NEAR_SLOW_STEPS_MAX });
			if (found >= 0) return [start, this.end(text, start)];
			if (search.gaveUp || search.stop - start > NEAR_LENGTH_MAX) return null;
		}
		return null;
	}

	#atBeginning(text: string): number {
		return this.#forwards.find(text, { from: 0, to: text.length, want: "any", settledFrom: 1 }) < 0 ? -1 : 0;
	}

	#fromEnd(text: string, want: "leftmost" | "any", settledFrom: number | null): number {
		const reading = { from: text.length, to: 0, want: wanted(want), settledFrom };
		return this.#backwards.find(text, reading);
	}

	/** Matches end at the places: from the last on, down to where nothing has begun. No character is read twice. */
	#endingAt(text: string, want: "leftmost" | "any", places: readonly number[]): number {
		const search = this.#backwards;
		let first = -1;
		let stop = text.length;
		for (let index = places.length - 1; index >= 0; index--) {
			const from = places[index] as number;
			if (from > stop) continue;
			const found = search.find(text, { from, to: 0, want: wanted(want), settledFrom: from });
			if (found >= 0) first = found;
			if (first >= 0 && want === "any") return first;
			stop = search.stop;
		}
		return first;
	}

	/** Matches begin up to `length` before the places: from the first on, up to where nothing has begun any more. */
	#beginningAt(
		text: string,
		want: "leftmost" | "any",
		{ places, length }: { readonly places: readonly number[]; readonly length: number },
	): number {
		const search = this.#forwards;
		let stop = 0;
		for (const place of places) {
			if (place <= stop) continue;
			const from = boundary(text, Math.max(stop, place - length));
			const end = search.find(text, { from, to: text.length, want: wanted(want), settledFrom: place });
			stop = search.stop;
			if (end < 0) continue;
			// The match is in the text that was read; where it begins shows when that is read backward.
			return want === "any"
				? from
				: this.#backwards.find(text, { from: stop, to: from, want: "last", settledFrom: null });
		}
		return -1;
	}

	/** A pattern is accepted for what it takes when a text is read backward; forward it can take more. */
	get #isQuickForward(): boolean {
		return this.#forwards.cost <= COST_MAX;
	}

	get #backwards(): StateSearch {
		this.#backward ??= searchIn(this.#tree, "backward");
		return this.#backward;
	}

	get #ends(): StateSearch {
		this.#end ??= new StateSearch(new OrderedSteps(this.#tree), "forward");
		return this.#end;
	}

	get #forwards(): StateSearch {
		this.#forward ??= searchIn(this.#tree, "forward");
		return this.#forward;
	}
}

/** The search for all matches, in one direction. */
export const searchIn = (tree: SyntaxNode, direction: Direction): StateSearch =>
	new StateSearch(new PositionSteps([positionGraph(tree, direction)]), direction);

/** Operations that the end of one match takes at most, and characters that are read for it at least. */
const END_WORK_MAX = 100_000;
const END_LENGTH_MIN = 16;

/** Places at which a match may begin that are tried one by one. */
const NEAR_PLACES_MAX = 4;
/** Characters from one of them on; no further place is tried beyond them. */
const NEAR_LENGTH_MAX = 2_000;
const NEAR_SLOW_STEPS_MAX = 500;

/** Beyond this many operations it is worth finding out whether they are really needed. */
const SHORT_WORK = 500_000;

const wanted = (want: "leftmost" | "any"): "any" | "last" => (want === "any" ? "any" : "last");

const longest = (literals: readonly string[]): number => Math.max(...literals.map((literal) => literal.length));

/** The place itself, or the one before it if it is inside a pair of surrogates. */
const boundary = (text: string, offset: number): number =>
	offset > 0 && /^[\udc00-\udfff]/.test(text.charAt(offset)) && /[\ud800-\udbff]/.test(text.charAt(offset - 1))
		? offset - 1
		: offset;
