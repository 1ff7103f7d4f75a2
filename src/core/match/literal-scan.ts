/**
 * Which patterns can match a text, by the literals in it. The text is read once, however many patterns there are.
 *
 * Patterns share clauses, and each waits for the clause that fewest others wait for: those that cannot match cost nothing.
 */
import type { Clause } from "./clause.ts";
import { Lists, LiteralAutomaton } from "./literal-automaton.ts";

/** Patterns of which each has all its clauses in the text, in no order: `ids[0]` to `ids[count - 1]`. */
export interface Candidates {
	readonly count: number;
	readonly ids: Int32Array;
}

export class LiteralScan implements Candidates {
	count = 0;
	readonly ids: Int32Array;
	readonly #automaton: LiteralAutomaton;
	/** By clause: the patterns that wait for it; by pattern: all its clauses. */
	readonly #waiting: Lists;
	readonly #needed: Lists;
	/** By clause: the scan in which it was met last, so that nothing is cleared between scans. */
	readonly #metIn: Uint32Array;
	readonly #met: Int32Array;
	#scan = 0;

	/** `clauses` by pattern; one without clauses is never a candidate. */
	constructor(clauses: readonly (readonly Clause[])[]) {
		const shared = shareClauses(clauses);
		this.ids = new Int32Array(clauses.length);
		this.#needed = new Lists(shared.needed);
		this.#waiting = new Lists(waitingOf(shared.needed, shared.clauses.length));
		this.#metIn = new Uint32Array(shared.clauses.length);
		this.#met = new Int32Array(shared.clauses.length);
		this.#automaton = new LiteralAutomaton(shared.clauses);
	}

	/** Reads a text. What it gives holds until the next one. */
	read(text: string): Candidates {
		const { next, classOf, width } = this.#automaton;
		this.#scan = this.#scan === 0xffff_ffff ? this.#restart() : this.#scan + 1;
		let met = 0;
		let state = 0;
		for (let offset = 0; offset < text.length; offset++) {
			state = next[state + (classOf[text.charCodeAt(offset)] as number)] as number;
			if (state >= 0) continue;
			state = ~state;
			met = this.#meet(state / width, met);
		}
		this.count = 0;
		for (let index = 0; index < met; index++) this.#choose(this.#met[index] as number);
		return this;
	}

	#meet(place: number, before: number): number {
		const { first, items } = this.#automaton.clausesAt;
		const end = first[place + 1] as number;
		let met = before;
		for (let index = first[place] as number; index < end; index++) {
			const clause = items[index] as number;
			if (this.#metIn[clause] === this.#scan) continue;
			this.#metIn[clause] = this.#scan;
			this.#met[met] = clause;
			met += 1;
		}
		return met;
	}

	/** Of the patterns that wait for the clause those that lack no other. */
	#choose(clause: number): void {
		const { first, items } = this.#waiting;
		const end = first[clause + 1] as number;
		for (let index = first[clause] as number; index < end; index++) {
			const id = items[index] as number;
			if (!this.#areMet(id)) continue;
			this.ids[this.count] = id;
			this.count += 1;
		}
	}

	#areMet(id: number): boolean {
		const { first, items } = this.#needed;
		const end = first[id + 1] as number;
		for (let index = first[id] as number; index < end; index++) {
			if (this.#metIn[items[index] as number] !== this.#scan) return false;
		}
		return true;
	}

	#restart(): number {
		this.#metIn.fill(0);
		return 1;
	}
}

/** Each clause once, and by pattern which of them it needs. */
export function shareClauses(clauses: readonly (readonly Clause[])[]) {
	const places = new Map<string, number>();
	const all: Clause[] = [];
	const needed = clauses.map((own) =>
		own.map((clause) => {
			const name = clause.toSorted().join("\0");
			const place = places.get(name) ?? all.length;
			if (place === all.length) {
				places.set(name, place);
				all.push(clause);
			}
			return place;
		}),
	);
	return { clauses: all, needed };
}

/** By clause the patterns that wait for it: each for that of its clauses which fewest patterns need. */
function waitingOf(needed: readonly (readonly number[])[], clauses: number): number[][] {
	const needs = new Int32Array(clauses);
	for (const own of needed) for (const clause of own) needs[clause] = (needs[clause] as number) + 1;
	const waiting = Array.from({ length: clauses }, (): number[] => []);
	for (const [id, own] of needed.entries()) {
		if (own.length === 0) continue;
		const rarest = own.reduce((best, clause) => ((needs[clause] as number) < (needs[best] as number) ? clause : best));
		waiting[rarest]?.push(id);
	}
	return waiting;
}
