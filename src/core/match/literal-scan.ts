/**
 * Which patterns can match a text, by the literals in it: Aho and Corasick, "Efficient string matching" (1975), as one dense
 * automaton for all patterns.
 *
 * Letters are folded by the automaton's own table of letter classes, so that the text is read once and never copied.
 * One step for each code unit, however many literals there are. Patterns share clauses, and each waits for the clause that
 * fewest others wait for: those that cannot match cost nothing.
 */
import { foldText } from "../language/folding.ts";
import type { Clause } from "./required-clauses.ts";

/** Patterns of which each has all its clauses in the text, in no order: `ids[0]` to `ids[count - 1]`. */
export interface Candidates {
	readonly count: number;
	readonly ids: Int32Array;
}

const CODE_UNITS = 65_536;

export class LiteralScan implements Candidates {
	count = 0;
	readonly ids: Int32Array;
	/** Class of a code unit; 0 for every letter of no literal. */
	readonly #classOf = new Uint16Array(CODE_UNITS);
	readonly #width: number;
	/** `next[state + class]`: the state after a letter, complemented if a literal ends there. States are multiples of `width`. */
	readonly #next: Int32Array;
	/** By state: the clauses of the literals that end there, or at a suffix of it. */
	readonly #clausesAt: Lists;
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
		const byLiteral = clausesByLiteral(shared.clauses);
		const width = classify([...byLiteral.keys()], this.#classOf);
		const { next, clausesAt } = automatonOf(byLiteral, width, this.#classOf);
		this.#width = width;
		this.#clausesAt = new Lists(clausesAt);
		this.#next = next.map((state) => ((clausesAt[state] ?? []).length > 0 ? ~(state * width) : state * width));
	}

	/** Reads a text. What it gives holds until the next one. */
	read(text: string): Candidates {
		const next = this.#next;
		const classOf = this.#classOf;
		this.#scan = this.#scan === 0xffff_ffff ? this.#restart() : this.#scan + 1;
		let met = 0;
		let state = 0;
		for (let offset = 0; offset < text.length; offset++) {
			state = next[state + (classOf[text.charCodeAt(offset)] as number)] as number;
			if (state >= 0) continue;
			state = ~state;
			met = this.#meet(state / this.#width, met);
		}
		this.count = 0;
		for (let index = 0; index < met; index++) this.#choose(this.#met[index] as number);
		return this;
	}

	#meet(place: number, before: number): number {
		const { first, items } = this.#clausesAt;
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

/** Lists of integers in one array: the nth is from `first[n]` up to `first[n + 1]`. */
class Lists {
	readonly first: Int32Array;
	readonly items: Int32Array;

	constructor(lists: readonly (readonly number[])[]) {
		this.first = new Int32Array(lists.length + 1);
		for (const [index, list] of lists.entries()) this.first[index + 1] = (this.first[index] as number) + list.length;
		this.items = new Int32Array(this.first[lists.length] as number);
		for (const [index, list] of lists.entries()) this.items.set(list, this.first[index]);
	}
}

/** Each clause once, and by pattern which of them it needs. */
function shareClauses(clauses: readonly (readonly Clause[])[]) {
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

function clausesByLiteral(clauses: readonly Clause[]): ReadonlyMap<string, readonly number[]> {
	const byLiteral = new Map<string, number[]>();
	for (const [place, clause] of clauses.entries()) {
		for (const literal of clause) {
			const known = byLiteral.get(literal);
			if (known === undefined) byLiteral.set(literal, [place]);
			else known.push(place);
		}
	}
	return byLiteral;
}

/** Code units that fold to another: see folding.ts. */
const FOLDED: readonly number[] = [...Array.from({ length: 26 }, (_, letter) => 0x41 + letter), 0x17f, 0x212a];

/** Gives every letter of the literals a class, and letters that fold to it the same one; how many classes there are. */
function classify(literals: readonly string[], classOf: Uint16Array): number {
	const letters = new Set<number>();
	for (const literal of literals)
		for (let index = 0; index < literal.length; index++) letters.add(literal.charCodeAt(index));
	let classes = 1;
	for (const unit of [...letters].sort((a, b) => a - b)) {
		classOf[unit] = classes;
		classes += 1;
	}
	for (const unit of FOLDED) classOf[unit] = classOf[foldText(String.fromCharCode(unit)).charCodeAt(0)] as number;
	return classes;
}

/** Steps by state and letter, and the clauses of the literals that end at each state, or at a suffix of it. */
interface Automaton {
	readonly next: Int32Array;
	readonly clausesAt: (readonly number[])[];
}

/** The trie, turned into an automaton breadth first: a missing step is the step of the longest proper suffix. */
function automatonOf(
	byLiteral: ReadonlyMap<string, readonly number[]>,
	width: number,
	classOf: Uint16Array,
): Automaton {
	const { next, clausesAt } = trieOf(byLiteral, width, classOf);
	const suffixOf = new Int32Array(clausesAt.length);
	const queue: number[] = [];
	for (let letter = 0; letter < width; letter++) {
		const child = next[letter] as number;
		if (child > 0) queue.push(child);
		else next[letter] = 0;
	}
	for (let head = 0; head < queue.length; head++) {
		const state = queue[head] as number;
		const suffix = suffixOf[state] as number;
		const inherited = clausesAt[suffix] as readonly number[];
		if (inherited.length > 0)
			clausesAt[state] = [...new Set([...(clausesAt[state] as readonly number[]), ...inherited])];
		for (let letter = 0; letter < width; letter++) {
			const step = state * width + letter;
			const child = next[step] as number;
			const other = next[suffix * width + letter] as number;
			if (child < 0) {
				next[step] = other;
			} else {
				suffixOf[child] = other;
				queue.push(child);
			}
		}
	}
	return { next, clausesAt };
}

/** Steps are -1 where there is none. */
function trieOf(byLiteral: ReadonlyMap<string, readonly number[]>, width: number, classOf: Uint16Array): Automaton {
	const letters = [...byLiteral.keys()].reduce((sum, literal) => sum + literal.length, 0);
	const next = new Int32Array((letters + 1) * width).fill(-1);
	const clausesAt: (readonly number[])[] = [[]];
	for (const [literal, clauses] of byLiteral) {
		let state = 0;
		for (let index = 0; index < literal.length; index++) {
			const step = state * width + (classOf[literal.charCodeAt(index)] as number);
			if ((next[step] as number) < 0) {
				next[step] = clausesAt.length;
				clausesAt.push([]);
			}
			state = next[step] as number;
		}
		clausesAt[state] = clauses;
	}
	return { next: next.slice(0, clausesAt.length * width), clausesAt };
}
