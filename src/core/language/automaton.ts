/**
 * The texts in which one of several patterns is found, as a nondeterministic automaton.
 *
 * Its states are the positions of the patterns, each with what was read last as far as assertions ask for it, and two more:
 * nothing has begun, and a match is complete, after which anything may follow. A pattern for whole texts asks for both ends of
 * the text itself (`start` and `end` in its tree), so that it is found in them in no other way.
 */
import { Alphabet } from "./alphabet.ts";
import { GUARDS, type PositionGraph } from "./position-graph.ts";
import { type RuneSet, WORD } from "./rune-set.ts";

/** Beside a place between two characters: an end of the text, a character, a word character. */
export const EDGE = 0;
const OTHER = 1;
const WORDLIKE = 2;
type Side = typeof EDGE | typeof OTHER | typeof WORDLIKE;

interface Ways {
	readonly guard: number;
	readonly targets: readonly number[];
}

/** Moves kept of one automaton. */
const MOVES_MAX = 200_000;

export class Automaton {
	readonly alphabet: Alphabet;
	/** Number of positions; positions are numbered from 0. */
	readonly positions: number;
	/** Were edges left out of a pattern, because there were too many? Then nothing can be said of it. */
	readonly isCut: boolean;
	/** The state before a text. */
	readonly begin: number;
	/** Edges that go out from a position, at most. */
	readonly fanOut: readonly number[];
	/** Edges that lead to where a match can begin, and one more. */
	readonly firstOut: number;
	readonly #sides: number;
	/** By position: its set's number in the alphabet. */
	readonly #sets: readonly number[];
	readonly #wordSet: number | null;
	readonly #first: readonly Ways[];
	/** By position. */
	readonly #follow: readonly (readonly Ways[])[];
	/** By position: guards under which a match is complete behind it. */
	readonly #last: readonly (readonly number[])[];
	/** Guards under which a match is complete with nothing read. */
	readonly #empty: readonly number[];
	/** Can a match begin behind a character? */
	readonly #beginsAnywhere: boolean;
	/** By state and class. */
	readonly #moves = new Map<number, readonly number[]>();
	#moved = 0;

	constructor(graphs: readonly PositionGraph[]) {
		const sets = new Distinct();
		const positions: number[] = [];
		const first: Ways[] = [];
		const follow: Ways[][] = [];
		const last: number[][] = [];
		const empty = new Set<number>();
		for (const graph of graphs) {
			const offset = positions.length;
			const moved = (list: readonly number[]): readonly number[] => list.map((position) => position + offset);
			for (const set of graph.sets) {
				positions.push(sets.number(set));
				follow.push([]);
				last.push([]);
			}
			for (const [guard, targets] of graph.first) first.push({ guard, targets: moved(targets) });
			for (const [guard, sources] of graph.last) for (const source of sources) last[source + offset]?.push(guard);
			for (const guard of graph.empty) empty.add(guard);
			for (const { guard, sources, targets } of graph.edges) {
				const ways = { guard, targets: moved(targets) };
				for (const source of sources) follow[source + offset]?.push(ways);
			}
		}
		this.#wordSet = asksForWords(graphs) ? sets.number(WORD) : null;
		this.#sides = this.#wordSet === null ? 2 : 3;
		this.alphabet = new Alphabet(sets.all);
		this.positions = positions.length;
		this.isCut = graphs.some(({ isCut }) => isCut);
		this.#sets = positions;
		this.#first = first;
		this.#follow = follow;
		this.#last = last;
		this.#empty = [...empty];
		this.#beginsAnywhere = [...first.map(({ guard }) => guard), ...empty].some((guard) => (guard & GUARDS.start) === 0);
		this.fanOut = follow.map((ways) => ways.reduce((sum, { targets }) => sum + targets.length, 1));
		this.firstOut = first.reduce((sum, { targets }) => sum + targets.length, 1);
		this.begin = this.#state(this.positions, EDGE);
	}

	/** The states that a character of a class leads to. */
	moves(state: number, cls: number): readonly number[] {
		const key = state * this.alphabet.size + cls;
		const known = this.#moves.get(key);
		if (known !== undefined) return known;
		const found = this.#movesOf(state, cls);
		if (this.#moves.size > MOVES_MAX) {
			this.#moves.clear();
			this.#moved = 0;
		}
		this.#moves.set(key, found);
		this.#moved += found.length + 1;
		return found;
	}

	/** Numbers that are kept: edges, and moves that were found. */
	get size(): number {
		return this.fanOut.reduce((sum, each) => sum + each, this.firstOut + this.#moved);
	}

	/** Is the text accepted that ends here? */
	accepts(state: number): boolean {
		const place = Math.floor(state / this.#sides);
		return place > this.positions || this.#isComplete(place, this.#guards((state % this.#sides) as Side, EDGE));
	}

	/** What the next character has beside it once a character of a class was read. */
	sideOf(cls: number): Side {
		return this.#wordSet !== null && this.alphabet.isWithin(cls, this.#wordSet) ? WORDLIKE : OTHER;
	}

	/** Where a set of positions leads, and a match that begins before the character; null: a match is complete before it. */
	step(positions: readonly number[], side: Side, cls: number): readonly number[] | null {
		const holds = this.#guards(side, this.sideOf(cls));
		if (this.#isComplete(this.positions, holds)) return null;
		for (const position of positions) if (this.#isComplete(position, holds)) return null;
		const next = new Set<number>();
		this.#enter(this.#first, holds, cls, next);
		for (const position of positions) this.#enter(this.#follow[position] as readonly Ways[], holds, cls, next);
		return [...next].sort((a, b) => a - b);
	}

	/** Is a match complete at the end of a text that led to these positions? */
	ends(positions: readonly number[], side: Side): boolean {
		const holds = this.#guards(side, EDGE);
		return this.#isComplete(this.positions, holds) || positions.some((position) => this.#isComplete(position, holds));
	}

	#movesOf(state: number, cls: number): readonly number[] {
		const place = Math.floor(state / this.#sides);
		const side = this.sideOf(cls);
		const done = this.#state(this.positions + 1, side);
		if (place > this.positions) return [done];
		const holds = this.#guards((state % this.#sides) as Side, side);
		if (this.#isComplete(place, holds)) return [done];
		const next = new Set<number>();
		const begins = place === this.positions;
		this.#enter(begins ? this.#first : (this.#follow[place] as readonly Ways[]), holds, cls, next);
		const states = [...next].map((position) => this.#state(position, side));
		return begins && this.#beginsAnywhere ? [...states, this.#state(this.positions, side)] : states;
	}

	#enter(ways: readonly Ways[], holds: number, cls: number, into: Set<number>): void {
		for (const { guard, targets } of ways) {
			if ((guard & ~holds) !== 0) continue;
			for (const target of targets) if (this.alphabet.isWithin(cls, this.#sets[target] as number)) into.add(target);
		}
	}

	#isComplete(place: number, holds: number): boolean {
		const guards = place === this.positions ? this.#empty : (this.#last[place] as readonly number[]);
		return guards.some((guard) => (guard & ~holds) === 0);
	}

	#state(place: number, side: Side): number {
		return place * this.#sides + side;
	}

	#guards(before: Side, after: Side): number {
		const edges = (before === EDGE ? GUARDS.start : 0) | (after === EDGE ? GUARDS.end : 0);
		const isBoundary = (before === WORDLIKE) !== (after === WORDLIKE);
		return edges | (isBoundary ? GUARDS.wordBoundary : GUARDS.notWordBoundary);
	}
}

const WORD_GUARDS = GUARDS.wordBoundary | GUARDS.notWordBoundary;

const asksForWords = (graphs: readonly PositionGraph[]): boolean =>
	graphs.some(({ first, last, empty, edges }) =>
		[...first.keys(), ...last.keys(), ...empty, ...edges.map(({ guard }) => guard)].some(
			(guard) => (guard & WORD_GUARDS) !== 0,
		),
	);

/** Sets by what they hold. */
class Distinct {
	readonly all: RuneSet[] = [];
	readonly #numbers = new Map<string, number>();

	number(set: RuneSet): number {
		const key = set.join();
		const known = this.#numbers.get(key);
		if (known !== undefined) return known;
		this.#numbers.set(key, this.all.length);
		this.all.push(set);
		return this.all.length - 1;
	}
}
