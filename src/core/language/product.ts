/**
 * Automata that must accept a text and others that must not, read side by side, letter by letter.
 *
 * Those that must accept stay nondeterministic, for one way through them is enough; those that must not are followed in all their
 * ways, as sets of positions.
 */
import { isHalf, type Letter, lettersOf } from "./alphabet.ts";
import type { Automaton } from "./automaton.ts";
import { COMPLETE, type SubsetStates } from "./subset-states.ts";
import { Undecided, type Work } from "./work.ts";

/** Where reading a text has led. */
export interface Node {
	/** By automaton that must accept: its state. */
	readonly all: readonly number[];
	/** By automaton that must not: its state. */
	readonly none: readonly number[];
}

/** What a text must and must not be accepted by. */
export interface Automata {
	readonly all: readonly SubsetStates[];
	readonly none: readonly SubsetStates[];
}

export class Product {
	readonly begin: Node;
	/** The most readable first. */
	readonly letters: readonly Letter[];
	readonly #all: readonly Automaton[];
	readonly #none: readonly SubsetStates[];
	readonly #work: Work;

	/** Throws `Undecided`. */
	constructor({ all, none }: Automata, work: Work) {
		for (const states of none) states.trim();
		this.#all = all.map(({ automaton }) => automaton);
		this.#none = none;
		this.#work = work;
		this.begin = { all: all.map(({ automaton }) => automaton.begin), none: none.map((states) => states.begin) };
		this.letters = lettersOf([...all, ...none].map(({ automaton }) => automaton.alphabet));
		// One half could follow the other and be a character with it.
		if (this.letters.filter(isHalf).length > 1) throw new Undecided("a pattern tells halves of surrogate pairs apart");
	}

	/** Where one more letter leads; nowhere if no text that begins so can be accepted. Throws `Undecided`. */
	after({ all, none }: Node, { classes }: Letter): readonly Node[] {
		const refused: number[] = [];
		for (const [index, states] of this.#none.entries()) {
			const state = none[index] as number;
			this.#work.spend(states.fanOut(state));
			const next = states.next(state, classes[all.length + index] as number);
			if (next === COMPLETE) return [];
			refused.push(next);
		}
		let reached: readonly (readonly number[])[] = [[]];
		for (const [index, automaton] of this.#all.entries()) {
			const moves = automaton.moves(all[index] as number, classes[index] as number);
			reached = reached.flatMap((states) => moves.map((state) => [...states, state]));
			this.#work.spend(1 + reached.length);
		}
		return reached.map((states) => ({ all: states, none: refused }));
	}

	accepts({ all, none }: Node): boolean {
		return (
			this.#all.every((automaton, index) => automaton.accepts(all[index] as number)) &&
			!this.#none.some((states, index) => states.accepts(none[index] as number))
		);
	}

	/** Is whatever is accepted from the one accepted from the other, whose states must be those of the one where they must accept? */
	covers(other: Node, one: Node): boolean {
		this.#work.spend(this.#none.length);
		return this.#none.every((states, index) => states.isWithin(other.none[index] as number, one.none[index] as number));
	}
}
