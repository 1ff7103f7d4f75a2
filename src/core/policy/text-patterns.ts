/**
 * The patterns of all tests of `conditions`, as one set: a text is read once for all of them, and a test whose literals are not
 * in it costs a look at a list.
 */
import type { Pattern } from "../match/pattern.ts";
import { compilePatternSet, type IdRange, type PatternSet } from "../match/pattern-set.ts";
import { LOOK_WORK, PASS_WORK } from "./call-work.ts";
import type { CompiledTest } from "./rules.ts";

export class TextPatterns {
	readonly #set: PatternSet;
	readonly #rangeOf = new Map<readonly Pattern[], IdRange>();
	/** By text of this call, the patterns that may match it, in their order. */
	readonly #possible = new Map<string, readonly number[]>();

	constructor(tests: readonly CompiledTest[]) {
		const all: Pattern[] = [];
		for (const { predicate } of tests) {
			if (predicate.kind !== "text" && predicate.kind !== "email") continue;
			this.#rangeOf.set(predicate.patterns, { from: all.length, to: all.length + predicate.patterns.length });
			all.push(...predicate.patterns);
		}
		this.#set = compilePatternSet(all);
	}

	/** Does one of the `patterns`, which are those of a test, match? `spend` is told of the operations before they are made. */
	matchesAny(patterns: readonly Pattern[], text: string, spend: (work: number) => void): boolean {
		const range = this.#rangeOf.get(patterns);
		if (range === undefined) throw new Error("patterns of a test that is not known");
		let possible = this.#possible.get(text);
		if (possible === undefined) {
			spend(text.length * PASS_WORK);
			possible = this.#read(text);
		}
		for (let index = firstFrom(possible, range.from); index < possible.length; index++) {
			const id = possible[index] as number;
			if (id >= range.to) return false;
			spend(this.#set.costOf(text, id) + LOOK_WORK);
			if (this.#set.matchesAny(text, { from: id, to: id + 1 })) return true;
		}
		return false;
	}

	/** Forgets the texts of the call before. */
	clear(): void {
		this.#possible.clear();
	}

	#read(text: string): readonly number[] {
		const { ids, count } = this.#set.candidates(text);
		const possible = [...this.#set.always, ...ids.subarray(0, count)].sort((a, b) => a - b);
		this.#possible.set(text, possible);
		return possible;
	}
}

/** Where the first of the ascending `ids` is that is not less than `least`. */
function firstFrom(ids: readonly number[], least: number): number {
	let [low, high] = [0, ids.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((ids[middle] as number) < least) low = middle + 1;
		else high = middle;
	}
	return low;
}
