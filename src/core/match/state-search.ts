/**
 * Searches a text for a pattern, in one direction. Sets of positions that were met before are remembered with where they lead,
 * so that ordinary texts cost a look-up a character; a text that leads to ever new ones costs a few operations on words,
 * however hostile it is.
 *
 * A text that is read from its end shows where matches begin, and the last that is found is the leftmost; one that is read
 * from its beginning shows where they end.
 */
import type { Direction } from "../language/position-graph.ts";
import { ACCEPTING, EDGE, LazyStates, UNKNOWN } from "./lazy-states.ts";
import { REMEMBERED } from "./remembered-states.ts";
import { UNIT_MAX } from "./rune-classes.ts";
import type { Steps } from "./steps.ts";

/** Characters read without a state, until states are forgotten: what they were made for is over. */
const FORGET_AFTER = 1_000_000;

/** Operations of a character that leads to a state that is known. */
const REMEMBERED_WORK = 4;

/** What of a text is read: from one place up (or down) to another; beyond them is the text that is there. */
export interface Reading {
	readonly from: number;
	readonly to: number;
	/** Ends with the first match that is found; otherwise the last one counts. */
	readonly want: "any" | "last";
	/** Told of each match that is found, with what `complete` of the steps takes. */
	readonly onMatch?: (offset: number, now: Int32Array, holds: number) => void;
	/** Gives up after as many characters that lead to no state that is remembered; what it found out depends on earlier texts then. */
	readonly slowStepsMax?: number;
	/** Ends as soon as nothing has begun, from this place on; null: reads to the end. */
	readonly settledFrom: number | null;
}

export class StateSearch {
	/** Characters that were read, in all: what searches cost. */
	read = 0;
	/** Where the last reading ended, and whether it gave up there. */
	stop = 0;
	gaveUp = false;
	readonly #isForward: boolean;
	readonly #states: LazyStates;
	#longCost: number | null = null;
	/** Characters read without a state, since states were forgotten. */
	#slowSteps = 0;

	constructor(steps: Steps, direction: Direction, remembered = REMEMBERED) {
		this.#isForward = direction === "forward";
		this.#states = new LazyStates(steps, direction, remembered);
	}

	/** Operations on words that one character can take; infinite for a pattern that must not be searched for. */
	get cost(): number {
		return this.#states.cost;
	}

	/**
	 * The same for a long text: next to nothing where all states that any text can lead to are few enough to be remembered,
	 * which is found out here, once. Depends on the pattern alone.
	 */
	get longCost(): number {
		this.#longCost ??= this.#states.isClosed() ? REMEMBERED_WORK : this.cost;
		return this.#longCost;
	}

	/** Where a match begins (read backward) or ends (read forward); -1: there is none. */
	find(text: string, reading: Reading): number {
		const states = this.#states;
		if (this.#slowSteps > FORGET_AFTER) {
			states.forget();
			this.#slowSteps = 0;
		}
		this.gaveUp = false;
		const { classes, width, idleBelow } = states;
		const { ofUnit } = classes;
		const { from, to, want, settledFrom, onMatch } = reading;
		const isForward = this.#isForward;
		const by = isForward ? 1 : -1;
		const unitAt = isForward ? 0 : -1;
		let { steps } = states;
		let state = states.begin(isForward ? runeBefore(text, from) : runeAfter(text, from));
		let found = -1;
		let offset = from;
		for (;;) {
			// Nearly all steps are of this kind: known, by one small code unit, with no match complete before it.
			const known = steps;
			while (offset !== to) {
				const unit = text.charCodeAt(offset + unitAt);
				if (unit > UNIT_MAX) break;
				const next = known[state + (ofUnit[unit] as number)] as number;
				if (next < 0) break;
				state = next;
				offset += by;
				if (settledFrom !== null && state < idleBelow && (offset - settledFrom) * by >= 0) {
					this.read += Math.abs(offset - from);
					this.stop = offset;
					return found;
				}
			}
			const rune = isForward ? runeAfter(text, offset) : runeBefore(text, offset);
			const symbol = rune === EDGE ? width - 1 : classes.of(rune);
			let next = steps[state + symbol] as number;
			if (next === UNKNOWN) {
				next = states.learn(state, symbol);
				steps = states.steps;
				if (next === UNKNOWN) {
					this.read += Math.abs(offset - from);
					return this.#findSlowly(text, { ...reading, from: offset }, { found, state });
				}
			}
			if (next < UNKNOWN) {
				found = offset;
				if (want === "any") break;
				if (onMatch !== undefined) {
					const { now, last } = states.walk(state);
					onMatch(offset, now, states.guards(last, rune));
				}
				next = ACCEPTING - next;
			}
			if (offset === to || rune === EDGE) break;
			state = next;
			offset += rune > 0xffff ? 2 * by : by;
			if (state < idleBelow && settledFrom !== null && (offset - settledFrom) * by >= 0) break;
		}
		this.read += Math.abs(offset - from);
		this.stop = offset;
		return found;
	}

	/** The same without remembering what was seen: there was too much of it. */
	#findSlowly(text: string, reading: Reading, so: { readonly found: number; readonly state: number }): number {
		const states = this.#states;
		const { from, to, want, settledFrom, onMatch, slowStepsMax = Number.POSITIVE_INFINITY } = reading;
		const isForward = this.#isForward;
		const begin = states.walk(so.state);
		let now = begin.now.slice();
		let next = new Int32Array(now.length);
		let { last } = begin;
		let { found } = so;
		let offset = from;
		for (;;) {
			const rune = isForward ? runeAfter(text, offset) : runeBefore(text, offset);
			if (states.accepts(now, last, rune)) {
				found = offset;
				if (want === "any") break;
				onMatch?.(offset, now, states.guards(last, rune));
			}
			if (offset === to || rune === EDGE) break;
			if (Math.abs(offset - from) >= slowStepsMax) {
				this.gaveUp = true;
				break;
			}
			states.advance(now, next, { last, rune });
			this.#slowSteps += 1;
			[now, next] = [next, now];
			last = rune;
			const length = rune > 0xffff ? 2 : 1;
			offset += isForward ? length : -length;
			const isSettled = settledFrom !== null && (isForward ? offset >= settledFrom : offset <= settledFrom);
			if (isSettled && now.every((word) => word === 0)) break;
		}
		this.read += Math.abs(offset - from);
		this.stop = offset;
		return found;
	}
}

/** The code point that ends before `offset`; half a pair is itself. */
function runeBefore(text: string, offset: number): number {
	if (offset === 0) return EDGE;
	const unit = text.charCodeAt(offset - 1);
	if (unit < 0xdc00 || unit > 0xdfff || offset < 2) return unit;
	const lead = text.charCodeAt(offset - 2);
	return lead >= 0xd800 && lead <= 0xdbff ? ((lead - 0xd800) << 10) + unit - 0xdc00 + 0x10000 : unit;
}

/** The code point that begins at `offset`; half a pair is itself. */
function runeAfter(text: string, offset: number): number {
	if (offset >= text.length) return EDGE;
	const unit = text.charCodeAt(offset);
	if (unit < 0xd800 || unit > 0xdbff || offset + 1 >= text.length) return unit;
	const trail = text.charCodeAt(offset + 1);
	return trail >= 0xdc00 && trail <= 0xdfff ? ((unit - 0xd800) << 10) + trail - 0xdc00 + 0x10000 : unit;
}
