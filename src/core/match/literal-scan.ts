/**
 * Which patterns can match a text, by the literals in it, and where in it they can match. The text is read once, however many
 * patterns there are.
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

/** What is looked for of one pattern. */
export interface Sought {
	/** One literal of each must be in a text with a match; none: the pattern is never a candidate. */
	readonly clauses: readonly Clause[];
	/** Literals whose places are told; null: none. */
	readonly entry: Clause | null;
}

/** Places that are kept of one text. */
const PLACES_MAX = 1 << 19;
const PLACES_AT_FIRST = 1 << 8;

const NONE = -1;

export class LiteralScan implements Candidates {
	count = 0;
	readonly ids: Int32Array;
	/** What was read last. */
	text = "";
	readonly #automaton: LiteralAutomaton;
	/** By clause: the patterns that wait for it; by pattern: all its clauses. */
	readonly #waiting: Lists;
	readonly #needed: Lists;
	/** By pattern: the clause of its entry. */
	readonly #entryOf: Int32Array;
	/** By clause: is it the entry of a pattern? */
	readonly #isEntry: Uint8Array;
	/** By clause: the scan in which it was met last, so that nothing is cleared between scans. */
	readonly #metIn: Uint32Array;
	readonly #met: Int32Array;
	#scan = 0;
	/** Places of entries in the order of the text, each with the one before it of the same clause. */
	#places = new Int32Array(PLACES_AT_FIRST);
	#before = new Int32Array(PLACES_AT_FIRST);
	/** Infinite: there were too many. */
	#placeCount = 0;
	/** By clause: its last place in this scan. */
	readonly #lastPlace: Int32Array;

	constructor(patterns: readonly Sought[]) {
		const all = patterns.map(({ clauses, entry }) => (entry === null ? clauses : [...clauses, entry]));
		const shared = shareClauses(all);
		const needed = shared.places.map((own, id) => own.slice(0, patterns[id]?.clauses.length));
		const size = shared.clauses.length;
		this.#entryOf = Int32Array.from(patterns, ({ clauses, entry }, id) =>
			entry === null ? NONE : (shared.places[id]?.[clauses.length] as number),
		);
		this.#isEntry = new Uint8Array(size);
		for (const clause of this.#entryOf) if (clause !== NONE) this.#isEntry[clause] = 1;
		this.ids = new Int32Array(patterns.length);
		this.#needed = new Lists(needed);
		this.#waiting = new Lists(waitingOf(needed, size));
		this.#metIn = new Uint32Array(size);
		this.#met = new Int32Array(size);
		this.#lastPlace = new Int32Array(size);
		this.#automaton = new LiteralAutomaton(shared.clauses);
	}

	/** Reads a text. What it gives holds until the next one. */
	read(text: string): Candidates {
		const { next, classOf, width } = this.#automaton;
		this.#scan = this.#scan === 0xffff_ffff ? this.#restart() : this.#scan + 1;
		this.text = text;
		this.#placeCount = 0;
		let met = 0;
		let state = 0;
		/** A multiplication costs less than a division, and rounds to the same. */
		const share = 1 / width;
		for (let offset = 0; offset < text.length; offset++) {
			state = next[state + (classOf[text.charCodeAt(offset)] as number)] as number;
			if (state >= 0) continue;
			state = ~state;
			met = this.#meet((state * share + 0.5) | 0, met, offset + 1);
		}
		this.count = 0;
		for (let index = 0; index < met; index++) this.#choose(this.#met[index] as number);
		return this;
	}

	/** The places behind the literals of a pattern's entry, in ascending order; undefined: not known. */
	placesOf(id: number): readonly number[] | undefined {
		const clause = this.#entryOf[id] as number;
		if (clause === NONE || this.#placeCount > PLACES_MAX) return undefined;
		const found: number[] = [];
		if (this.#metIn[clause] !== this.#scan) return found;
		for (let place = this.#lastPlace[clause] as number; place !== NONE; place = this.#before[place] as number) {
			found.push(this.#places[place] as number);
		}
		return found.reverse();
	}

	#meet(state: number, before: number, offset: number): number {
		const { first, items } = this.#automaton.clausesAt;
		const end = first[state + 1] as number;
		let met = before;
		for (let index = first[state] as number; index < end; index++) {
			const clause = items[index] as number;
			if (this.#metIn[clause] !== this.#scan) {
				this.#metIn[clause] = this.#scan;
				this.#met[met] = clause;
				met += 1;
				this.#lastPlace[clause] = NONE;
			}
			if (this.#isEntry[clause] === 1) this.#keepPlace(clause, offset);
		}
		return met;
	}

	#keepPlace(clause: number, offset: number): void {
		const place = this.#placeCount;
		if (place >= this.#places.length) {
			if (place >= PLACES_MAX) {
				this.#placeCount = Number.POSITIVE_INFINITY;
				return;
			}
			this.#places = longer(this.#places);
			this.#before = longer(this.#before);
		}
		this.#places[place] = offset;
		this.#before[place] = this.#lastPlace[clause] as number;
		this.#lastPlace[clause] = place;
		this.#placeCount = place + 1;
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

function longer(array: Int32Array): Int32Array<ArrayBuffer> {
	const copy = new Int32Array(2 * array.length);
	copy.set(array);
	return copy;
}

/** Each clause once, and by pattern the places of its own among them. */
function shareClauses(clauses: readonly (readonly Clause[])[]) {
	const known = new Map<string, number>();
	const all: Clause[] = [];
	const places = clauses.map((own) =>
		own.map((clause) => {
			const name = clause.toSorted().join("\0");
			const place = known.get(name) ?? all.length;
			if (place === all.length) {
				known.set(name, place);
				all.push(clause);
			}
			return place;
		}),
	);
	return { clauses: all, places };
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
