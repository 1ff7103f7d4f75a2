/**
 * An automaton made deterministic as it is used: its states are the sets of positions that texts have led to. What was found out
 * is kept for later questions, up to a bound.
 */
import { type Automaton, EDGE } from "./automaton.ts";

/** A match is complete: whatever follows, the text is accepted. */
export const COMPLETE = -1;
const UNKNOWN = -2;

/** Positions and steps kept, in all, between two questions. */
const KEPT_MAX = 1_000_000;

type Side = ReturnType<Automaton["sideOf"]> | typeof EDGE;

interface Subset {
	/** Sorted. */
	readonly positions: readonly number[];
	readonly side: Side;
	readonly accepts: boolean;
	/** Edges that a step follows, at most. */
	readonly fanOut: number;
	/** By class. */
	readonly next: Int32Array;
}

export class SubsetStates {
	readonly automaton: Automaton;
	/** The state before a text; COMPLETE has no state. */
	readonly begin = 0;
	#subsets: Subset[] = [];
	#numbers = new Map<string, number>();
	#kept = 0;

	constructor(automaton: Automaton) {
		this.automaton = automaton;
		this.#number([], EDGE);
	}

	/** Makes room before a question; states of earlier ones mean nothing any more. */
	trim(): void {
		if (this.#kept < KEPT_MAX) return;
		this.#subsets = [];
		this.#numbers = new Map();
		this.#kept = 0;
		this.#number([], EDGE);
	}

	/** Numbers that are kept: what it takes in memory. */
	get size(): number {
		return this.#kept + this.automaton.size;
	}

	/** Is a text accepted? `runes`: its code points. */
	reads(runes: readonly number[]): boolean {
		this.trim();
		const { automaton } = this;
		let state = this.begin;
		for (const [index, rune] of runes.entries()) {
			if (this.#kept > KEPT_MAX) return this.#readsOn(state, runes.slice(index));
			state = this.next(state, automaton.alphabet.classOf(rune));
			if (state === COMPLETE) return true;
		}
		return this.accepts(state);
	}

	/** The same without keeping what is found out. */
	#readsOn(state: number, runes: readonly number[]): boolean {
		const { automaton } = this;
		let { positions, side } = this.#subsets[state] as Subset;
		for (const rune of runes) {
			const cls = automaton.alphabet.classOf(rune);
			const reached = automaton.step(positions, side, cls);
			if (reached === null) return true;
			positions = reached;
			side = automaton.sideOf(cls);
		}
		return automaton.ends(positions, side);
	}

	next(state: number, cls: number): number {
		const { positions, side, next } = this.#subsets[state] as Subset;
		const known = next[cls] as number;
		if (known !== UNKNOWN) return known;
		const reached = this.automaton.step(positions, side, cls);
		const to = reached === null ? COMPLETE : this.#number(reached, this.automaton.sideOf(cls));
		next[cls] = to;
		return to;
	}

	accepts(state: number): boolean {
		return (this.#subsets[state] as Subset).accepts;
	}

	fanOut(state: number): number {
		return (this.#subsets[state] as Subset).fanOut;
	}

	/** Is every text accepted from the one also accepted from the other, because its positions are among the other's? */
	isWithin(one: number, other: number): boolean {
		if (one === other) return true;
		const small = this.#subsets[one] as Subset;
		const large = this.#subsets[other] as Subset;
		if (small.side !== large.side || small.positions.length > large.positions.length) return false;
		let index = 0;
		for (const position of small.positions) {
			while (index < large.positions.length && (large.positions[index] as number) < position) index += 1;
			if (large.positions[index] !== position) return false;
		}
		return true;
	}

	#number(positions: readonly number[], side: Side): number {
		const key = `${side}:${positions.join()}`;
		const known = this.#numbers.get(key);
		if (known !== undefined) return known;
		const { alphabet, fanOut, firstOut } = this.automaton;
		this.#numbers.set(key, this.#subsets.length);
		this.#kept += positions.length + alphabet.size;
		this.#subsets.push({
			positions,
			side,
			accepts: this.automaton.ends(positions, side),
			fanOut: positions.reduce((sum, position) => sum + (fanOut[position] as number), firstOut),
			next: new Int32Array(alphabet.size).fill(UNKNOWN),
		});
		return this.#subsets.length - 1;
	}
}
