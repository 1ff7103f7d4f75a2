/**
 * Aho and Corasick, "Efficient string matching" (1975), as one dense automaton for all literals of all clauses.
 *
 * Letters are folded by the automaton's own table of letter classes, so that a text is never copied: one step for each code
 * unit.
 */
import { type RuneSet, runes, SPACE } from "../language/rune-set.ts";
import { type Clause, foldLetters } from "./clause.ts";

const CODE_UNITS = 65_536;

export class LiteralAutomaton {
	/** Class of a code unit; 0 for every letter of no literal. */
	readonly classOf = new Uint16Array(CODE_UNITS);
	/** `next[state + class]`: the state after a letter, complemented if a literal ends there. */
	readonly next: Int32Array;
	/** By `placeOf` a state: the clauses of the literals that end there. */
	readonly clausesAt: Lists;
	/** Code units that a literal has before its last one, at most. */
	readonly overlap: number;
	readonly #share: number;

	constructor(clauses: readonly Clause[]) {
		const byLiteral = clausesByLiteral(clauses);
		const width = classify([...byLiteral.keys()], this.classOf);
		const { next, clausesAt } = automatonOf(byLiteral, width, this.classOf);
		this.#share = 1 / width;
		this.overlap = [...byLiteral.keys()].reduce((most, { length }) => Math.max(most, length - 1), 0);
		this.clausesAt = new Lists(clausesAt);
		this.next = next.map((state) => ((clausesAt[state] ?? []).length > 0 ? ~(state * width) : state * width));
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
