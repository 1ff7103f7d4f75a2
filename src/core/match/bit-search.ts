/**
 * Searches a text for a pattern. Sets of positions that were met before are remembered with where they lead, so that ordinary
 * texts cost a look-up a character; a text that leads to ever new ones costs a few operations on words, however hostile it is.
 *
 * The text is read from its end, so that the last start that is found is the leftmost.
 */
import type { SyntaxNode } from "../language/syntax.ts";
import { EDGE, LazyStates, UNKNOWN } from "./lazy-states.ts";

/** Characters read without a state, until states are forgotten: what they were made for is over. */
const FORGET_AFTER = 1_000_000;

/** Operations of a character that leads to a state that is known. */
const REMEMBERED_WORK = 4;

export class BitSearch {
	readonly #states: LazyStates;
	#longCost: number | null = null;
	/** Characters read without a state, since states were forgotten. */
	#slowSteps = 0;

	constructor(tree: SyntaxNode) {
		this.#states = new LazyStates(tree, "backward");
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

	/** Where the leftmost match begins, or with `any` some match; -1: there is none. */
	begin(text: string, want: "leftmost" | "any"): number {
		const states = this.#states;
		if (this.#slowSteps > FORGET_AFTER) {
			states.forget();
			this.#slowSteps = 0;
		}
		const { classes, width } = states;
		let { steps } = states;
		let state = states.begin(EDGE);
		let found = -1;
		for (let offset = text.length; ; ) {
			const rune = offset === 0 ? EDGE : runeBefore(text, offset);
			const symbol = rune === EDGE ? width - 1 : classes.of(rune);
			let step = steps[state + symbol] as number;
			if (step === UNKNOWN) {
				step = states.learn(state, symbol);
				steps = states.steps;
				if (step < 0) return this.#beginSlowly(text, offset, { want, found, state });
			}
			if ((step & 1) === 1) {
				found = offset;
				if (want === "any") return found;
			}
			if (offset === 0) return found;
			state = step >> 1;
			offset -= rune > 0xffff ? 2 : 1;
		}
	}

	/** The same from `start` downwards, without remembering what was seen: there was too much of it. */
	#beginSlowly(
		text: string,
		start: number,
		so: { readonly want: "leftmost" | "any"; readonly found: number; readonly state: number },
	): number {
		const states = this.#states;
		const from = states.walk(so.state);
		let now = from.now.slice();
		let next = new Int32Array(now.length);
		let { last } = from;
		let { found } = so;
		for (let offset = start; ; ) {
			const rune = offset === 0 ? EDGE : runeBefore(text, offset);
			if (states.accepts(now, last, rune)) {
				found = offset;
				if (so.want === "any") return found;
			}
			if (offset === 0) return found;
			states.advance(now, next, { last, rune });
			this.#slowSteps += 1;
			[now, next] = [next, now];
			last = rune;
			offset -= rune > 0xffff ? 2 : 1;
		}
	}
}

/** The code point that ends before `offset`; half a pair is itself. */
function runeBefore(text: string, offset: number): number {
	const unit = text.charCodeAt(offset - 1);
	if (unit < 0xdc00 || unit > 0xdfff || offset < 2) return unit;
	const lead = text.charCodeAt(offset - 2);
	return lead >= 0xd800 && lead <= 0xdbff ? ((lead - 0xd800) << 10) + unit - 0xdc00 + 0x10000 : unit;
}
