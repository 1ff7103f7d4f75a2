/**
 * Aho and Corasick, "Efficient string matching" (1975), as one dense automaton for all literals.
 *
 * Letters are folded by the automaton's own table of letter classes, so that a text is never copied: one step for each code
 * unit.
 */
import { type RuneSet, runes, SPACE } from "../language/rune-set.ts";
import { foldLetters } from "./clause.ts";

const CODE_UNITS = 65_536;

export class LiteralAutomaton {
	/** Class of a code unit; 0 for every letter of no literal. */
	readonly classOf = new Uint16Array(CODE_UNITS);
	/** `next[state + class]`: the state after a letter, complemented if a literal ends there. */
	readonly next: Int32Array;
	/** By `placeOf` a state: the literals that end there, the longest first. */
	readonly literalsAt: Lists;
	/** Code units that a literal has before its last one, at most. */
	readonly overlap: number;
	readonly #share: number;

	/** Each of the literals once; they are told by their places. */
	constructor(literals: readonly string[]) {
		const width = classify(literals, this.classOf);
		const { next, literalsAt } = automatonOf(literals, width, this.classOf);
		this.#share = 1 / width;
		this.overlap = literals.reduce((most, { length }) => Math.max(most, length - 1), 0);
		this.literalsAt = new Lists(literalsAt);
		this.next = next.map((state) => ((literalsAt[state] ?? []).length > 0 ? ~(state * width) : state * width));
	}

	/** States are multiples of the number of classes. A multiplication costs less than a division, and rounds to the same. */
	placeOf(state: number): number {
		return (state * this.#share + 0.5) | 0;
	}
}

/** Lists of integers in one array: the nth is from `first[n]` up to `first[n + 1]`. */
export class Lists {
	readonly first: Int32Array;
	readonly items: Int32Array;

	constructor(lists: readonly (readonly number[])[]) {
		this.first = new Int32Array(lists.length + 1);
		for (const [index, list] of lists.entries()) this.first[index + 1] = (this.first[index] as number) + list.length;
		this.items = new Int32Array(this.first[lists.length] as number);
		for (const [index, list] of lists.entries()) this.items.set(list, this.first[index]);
	}
}

/** Code units that fold to another letter. */
const FOLDED: readonly number[] = [...unitsOf(runes(0x41, 0x5a)), 0x17f, 0x212a, ...unitsOf(SPACE)];

function unitsOf(set: RuneSet): number[] {
	const units: number[] = [];
	for (let range = 0; range < set.length; range += 2) {
		for (let unit = set[range] as number; unit <= (set[range + 1] as number); unit++) units.push(unit);
	}
	return units;
}

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
	for (const unit of FOLDED) classOf[unit] = classOf[foldLetters(String.fromCharCode(unit)).charCodeAt(0)] as number;
	return classes;
}

/** Steps by state and letter, and the literals that end at each state, or at a suffix of it. */
interface Automaton {
	readonly next: Int32Array;
	readonly literalsAt: (readonly number[])[];
}

/** The trie, turned into an automaton breadth first: a missing step is the step of the longest proper suffix. */
function automatonOf(literals: readonly string[], width: number, classOf: Uint16Array): Automaton {
	const { next, literalsAt } = trieOf(literals, width, classOf);
	const suffixOf = new Int32Array(literalsAt.length);
	const queue: number[] = [];
	for (let letter = 0; letter < width; letter++) {
		const child = next[letter] as number;
		if (child > 0) queue.push(child);
		else next[letter] = 0;
	}
	for (let head = 0; head < queue.length; head++) {
		const state = queue[head] as number;
		const suffix = suffixOf[state] as number;
		const inherited = literalsAt[suffix] as readonly number[];
		if (inherited.length > 0) literalsAt[state] = [...(literalsAt[state] as readonly number[]), ...inherited];
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
	return { next, literalsAt };
}

/** Steps are -1 where there is none. */
function trieOf(literals: readonly string[], width: number, classOf: Uint16Array): Automaton {
	const letters = literals.reduce((sum, { length }) => sum + length, 0);
	const next = new Int32Array((letters + 1) * width).fill(-1);
	const literalsAt: (readonly number[])[] = [[]];
	for (const [place, literal] of literals.entries()) {
		let state = 0;
		for (let index = 0; index < literal.length; index++) {
			const step = state * width + (classOf[literal.charCodeAt(index)] as number);
			if ((next[step] as number) < 0) {
				next[step] = literalsAt.length;
				literalsAt.push([]);
			}
			state = next[step] as number;
		}
		literalsAt[state] = [place];
	}
	return { next: next.slice(0, literalsAt.length * width), literalsAt };
}
