/**
 * The sets of positions that texts have led to, and where each class of characters leads from them: a deterministic automaton
 * that is made as it is used, and bounded. What it has no room for is stepped one by one.
 */
import { type Direction, GUARDS } from "../language/position-graph.ts";
import { REMEMBERED, type Remembering } from "./remembered-states.ts";
import { isWord, RuneClasses } from "./rune-classes.ts";
import type { Steps } from "./steps.ts";

/** Steps that are remembered for one pattern. A text that leads to more is read without them. */
const STEPS_MAX = 8_192;
const STATES_AT_FIRST = 8;
/** Of a state beside its set of positions, in numbers of four bytes; and of such a set: as it is, and as the text it is known by. */
const STATE_SIZE = 50;
const WORD_SIZE = 3;

/** A step that is not known yet. */
export const UNKNOWN = -1;

/** What the state is taken from where a match is complete before the step. */
export const ACCEPTING = -2;

/** Beyond the text: what is read before its beginning and behind its end. */
export const EDGE = -1;

export class LazyStates implements Remembering {
	readonly classes: RuneClasses;
	/** Operations that one character can take where no state is remembered; infinite for a pattern that must not be searched for. */
	readonly cost: number;
	/** Steps of one state: one for each class, and one for the edge of the text. */
	readonly width: number;
	/** States below have no position: nothing has begun. */
	readonly idleBelow: number;
	/**
	 * `steps[state + class]`: the state that a character leads to, or `ACCEPTING` less it if a match is complete before the
	 * character. States are multiples of `width`. A new array each time it grows.
	 */
	steps = new Int32Array(0);
	readonly #isForward: boolean;
	readonly #by: Steps;
	/** By class: the positions that read it. */
	readonly #reads: readonly Int32Array[];
	/** By what is before the text, as in `IDLE`. */
	#begin: readonly number[] = [];
	readonly #states = new Map<string, number>();
	/** By state: its positions, and the character that was read last or one like it. */
	readonly #now: Int32Array[] = [];
	readonly #last: number[] = [];
	readonly #remembered: typeof REMEMBERED;

	constructor(steps: Steps, direction: Direction, remembered = REMEMBERED) {
		this.#remembered = remembered;
		this.#isForward = direction === "forward";
		this.#by = steps;
		this.classes = new RuneClasses(steps.sets, (rune) => steps.reading(rune).join());
		this.#reads = this.classes.likes.map((rune) => steps.reading(rune));
		this.cost = steps.cost;
		this.width = this.#reads.length + 1;
		this.idleBelow = IDLE.length * this.width;
		this.forget();
	}

	forget(): void {
		this.#remembered.remove(this);
		this.#states.clear();
		this.#now.length = 0;
		this.#last.length = 0;
		this.steps = new Int32Array(STATES_AT_FIRST * this.width).fill(UNKNOWN);
		for (const last of IDLE) this.#state(this.#none(), last);
		this.#begin = IDLE.map((last) => this.#state(this.#by.begin(), last) as number);
	}

	/** The state before a text is read, behind a character or the edge. */
	begin(last: number): number {
		return this.#begin[last === EDGE ? 0 : isWord(last) ? 1 : 2] as number;
	}

	/** Finds out a step; `UNKNOWN` where there is no room for the state that it leads to. */
	learn(state: number, symbol: number): number {
		const rune = this.classes.likes[symbol] ?? EDGE;
		const { now, last } = this.walk(state);
		const accepts = this.accepts(now, last, rune);
		const to = rune === EDGE ? state : this.#stateAfter(now, last, rune);
		if (to === null) return UNKNOWN;
		const step = accepts ? ACCEPTING - to : to;
		this.steps[state + symbol] = step;
		return step;
	}

	/** What a state stands for, to step on from it without states. */
	walk(state: number): { readonly now: Int32Array; readonly last: number } {
		const index = state / this.width;
		return { now: this.#now[index] as Int32Array, last: this.#last[index] as number };
	}

	/** Is a match complete between two characters? */
	accepts(now: Int32Array, last: number, rune: number): boolean {
		return this.#by.accepts(now, this.guards(last, rune));
	}

	advance(now: Int32Array, next: Int32Array, { last, rune }: { last: number; rune: number }): void {
		const reads = this.#reads[this.classes.of(rune)] as Int32Array;
		this.#by.advance(now, next, { holds: this.guards(last, rune), reads });
	}

	/** Are all states that any text can lead to few enough to be remembered? Depends on the pattern alone. */
	isClosed(): boolean {
		if (!Number.isFinite(this.cost)) return false;
		this.forget();
		for (let state = 0; state < this.#now.length * this.width; state += this.width) {
			for (let symbol = 0; symbol < this.width; symbol++) {
				if (this.steps[state + symbol] !== UNKNOWN || this.learn(state, symbol) !== UNKNOWN) continue;
				this.forget();
				return false;
			}
		}
		return true;
	}

	#none(): Int32Array {
		return new Int32Array(this.#by.words);
	}

	#stateAfter(now: Int32Array, last: number, rune: number): number | null {
		const next = this.#none();
		this.advance(now, next, { last, rune });
		const before = this.#states.size;
		const state = this.#state(next, rune);
		if (this.#states.size > before) this.#remembered.add(this, STATE_SIZE + this.width + WORD_SIZE * this.#by.words);
		return state;
	}

	/** Null: there are too many already. */
	#state(now: Int32Array, last: number): number | null {
		const key = `${sideOf(last)}${now.join()}`;
		const known = this.#states.get(key);
		if (known !== undefined) return known;
		if (this.#now.length * this.#reads.length >= STEPS_MAX) return null;
		const state = this.#now.length * this.width;
		if (state + this.width > this.steps.length) {
			const longer = new Int32Array(2 * this.steps.length).fill(UNKNOWN);
			longer.set(this.steps);
			this.steps = longer;
		}
		this.#states.set(key, state);
		this.#now.push(now);
		this.#last.push(last);
		return state;
	}

	/** What holds between the character that was read last and the next one. */
	guards(last: number, rune: number): number {
		const [before, after] = this.#isForward ? [last, rune] : [rune, last];
		const edges = (before === EDGE ? GUARDS.start : 0) | (after === EDGE ? GUARDS.end : 0);
		return edges | (isWord(before) === isWord(after) ? GUARDS.notWordBoundary : GUARDS.wordBoundary);
	}
}

const sideOf = (rune: number): string => (rune === EDGE ? "e" : isWord(rune) ? "w" : "n");

/** One character of each side; the states in which nothing has begun are in this order. */
const IDLE: readonly number[] = [EDGE, 0x61, 0x20];
