/**
 * Which patterns can match a text, by the literals in it, and where in it they can match. The text is read once, however many
 * patterns there are.
 *
 * Patterns share literals, and each waits for those of one clause, of which fewest others need any: those that cannot match cost
 * nothing. What a literal costs each time that it is met does not depend on how many patterns need it.
 */
import { Lists, LiteralAutomaton } from "./literal-automaton.ts";
import { NONE, numbered, type Sought, waitingOf } from "./literal-needs.ts";
import { type Half, LiteralPlaces } from "./literal-places.ts";

/** Patterns of which each has all its clauses in the text, in no order: `ids[0]` to `ids[count - 1]`. */
export interface Candidates {
	readonly count: number;
	readonly ids: Int32Array;
}

const NO_PLACES: readonly number[] = [];

/** Shorter texts are read as they are: to have their code units in an array is not worth it. */
const HALVES_FROM = 128;
/** Longer ones as well, so that the array stays small. */
const HALVES_TO = 1 << 17;
const UNITS_AT_FIRST = 1 << 11;
/** `Buffer` writes code units with the low byte first, an array reads them as the machine does. */
const IS_LOW_BYTE_FIRST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export class LiteralScan implements Candidates {
	count = 0;
	readonly ids: Int32Array;
	/** What was read last. */
	text = "";
	readonly #automaton: LiteralAutomaton;
	/** By literal: the patterns that wait for it. */
	readonly #waiting: Lists;
	/** By pattern: its clauses; by clause: its literals. */
	readonly #needed: Lists;
	readonly #literalsOf: Lists;
	/** By pattern: the clause of its entry. */
	readonly #entryOf: Int32Array;
	/** By literal: is it of the entry of a pattern? */
	readonly #isOfEntry: Uint8Array;
	/** By literal, and by pattern: the scan in which it was met or chosen last, so that nothing is cleared between scans. */
	readonly #metIn: Uint32Array;
	readonly #chosenIn: Uint32Array;
	readonly #met: Int32Array;
	#metCount = 0;
	#scan = 0;
	/** Code units of a text, and the same memory as bytes. */
	#units = new Uint16Array(0);
	#bytes = Buffer.alloc(0);
	/** Of the literals of entries. */
	readonly #places: LiteralPlaces;

	constructor(patterns: readonly Sought[]) {
		const { literals, clauses, needed, entries } = numbered(patterns);
		const size = literals.length;
		this.#entryOf = Int32Array.from(entries);
		this.#isOfEntry = new Uint8Array(size);
		for (const clause of entries) for (const literal of clauses[clause] ?? []) this.#isOfEntry[literal] = 1;
		this.ids = new Int32Array(patterns.length);
		this.#needed = new Lists(needed);
		this.#literalsOf = new Lists(clauses);
		this.#waiting = new Lists(waitingOf(needed, clauses, size));
		this.#metIn = new Uint32Array(size);
		this.#chosenIn = new Uint32Array(patterns.length);
		this.#met = new Int32Array(size);
		this.#places = new LiteralPlaces(size);
		this.#automaton = new LiteralAutomaton(literals);
	}

	/** Reads a text. What it gives holds until the next one. */
	read(text: string): Candidates {
		this.#scan = this.#scan === 0xffff_ffff ? this.#restart() : this.#scan + 1;
		this.text = text;
		this.#places.forget();
		this.#metCount = 0;
		const { length } = text;
		if (length < HALVES_FROM || length > HALVES_TO || !IS_LOW_BYTE_FIRST) this.#readWhole(text);
		else this.#readHalves(length, this.#unitsOf(text));
		this.count = 0;
		for (let index = 0; index < this.#metCount; index++) this.#choose(this.#met[index] as number);
		return this;
	}

	#readWhole(text: string): void {
		const { next, classOf } = this.#automaton;
		let state = 0;
		for (let offset = 0; offset < text.length; offset++) {
			// No call in here, so that nothing is loaded again at each step.
			for (; offset < text.length; offset++) {
				state = next[state + (classOf[text.charCodeAt(offset)] as number)] as number;
				if (state < 0) break;
			}
			if (state >= 0) break;
			state = ~state;
			this.#meet(state, offset + 1, 0);
		}
	}

	/**
	 * Reads both halves of a text in turns: a step waits for the look-up before it, and meanwhile the other half takes one. The second
	 * half begins earlier by what a literal may have in the first; what ends there was met in the first.
	 */
	#readHalves(length: number, units: Uint16Array): void {
		const { next, classOf, overlap } = this.#automaton;
		const half = (length + overlap) >> 1;
		const ahead = half - overlap;
		let state = 0;
		let other = 0;
		for (let offset = 0; offset < half; offset++) {
			for (; offset < half; offset++) {
				state = next[state + (classOf[units[offset] as number] as number)] as number;
				other = next[other + (classOf[units[offset + ahead] as number] as number)] as number;
				if ((state | other) < 0) break;
			}
			if (state < 0) {
				state = ~state;
				this.#meet(state, offset + 1, 0);
			}
			if (other < 0) {
				other = ~other;
				if (offset >= overlap) this.#meet(other, offset + ahead + 1, 1);
			}
		}
		if (half + ahead === length) return;
		other = next[other + (classOf[units[length - 1] as number] as number)] as number;
		if (other < 0) this.#meet(~other, length, 1);
	}

	#unitsOf(text: string): Uint16Array {
		if (this.#units.length < text.length) {
			this.#units = new Uint16Array(Math.max(UNITS_AT_FIRST, Math.min(2 * text.length, HALVES_TO)));
			this.#bytes = Buffer.from(this.#units.buffer);
		}
		this.#bytes.write(text, "utf16le");
		return this.#units;
	}

	/** The places behind the literals of a pattern's entry, in ascending order; undefined: not known. */
	placesOf(id: number): readonly number[] | undefined {
		const clause = this.#entryOf[id] as number;
		if (clause === NONE) return undefined;
		const { first, items } = this.#literalsOf;
		const end = first[clause + 1] as number;
		const met: number[] = [];
		for (let index = first[clause] as number; index < end; index++) {
			const literal = items[index] as number;
			if (this.#isMet(literal)) met.push(literal);
		}
		return met.length === 0 ? NO_PLACES : this.#places.of(met);
	}

	#meet(state: number, offset: number, half: Half): void {
		const { first, items } = this.#automaton.literalsAt;
		const place = this.#automaton.placeOf(state);
		const end = first[place + 1] as number;
		for (let index = first[place] as number; index < end; index++) {
			const literal = items[index] as number;
			if (!this.#isMet(literal)) {
				this.#metIn[literal] = this.#scan;
				this.#met[this.#metCount] = literal;
				this.#metCount += 1;
				this.#places.begin(literal);
			}
			if (this.#isOfEntry[literal] === 1) this.#places.keep(offset, literal, half);
		}
	}

	#isMet(literal: number): boolean {
		return this.#metIn[literal] === this.#scan;
	}

	/** Of the patterns that wait for the literal those that lack no clause. */
	#choose(literal: number): void {
		const { first, items } = this.#waiting;
		const end = first[literal + 1] as number;
		for (let index = first[literal] as number; index < end; index++) {
			const id = items[index] as number;
			if (this.#chosenIn[id] === this.#scan || !this.#lacksNothing(id)) continue;
			this.#chosenIn[id] = this.#scan;
			this.ids[this.count] = id;
			this.count += 1;
		}
	}

	#lacksNothing(id: number): boolean {
		const { first, items } = this.#needed;
		const end = first[id + 1] as number;
		for (let index = first[id] as number; index < end; index++) {
			if (!this.#hasOne(items[index] as number)) return false;
		}
		return true;
	}

	#hasOne(clause: number): boolean {
		const { first, items } = this.#literalsOf;
		const end = first[clause + 1] as number;
		for (let index = first[clause] as number; index < end; index++) {
			if (this.#isMet(items[index] as number)) return true;
		}
		return false;
	}

	#restart(): number {
		this.#metIn.fill(0);
		this.#chosenIn.fill(0);
		return 1;
	}
}
