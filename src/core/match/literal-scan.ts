/**
 * Which of many literals occur in a text: Aho and Corasick, "Efficient string matching" (1975), as one dense automaton.
 *
 * Letters are folded by the automaton's own table of letter classes, so that the text is read once and never copied.
 * One step per code unit, however many literals there are.
 */
import { foldText } from "../language/folding.ts";

/** Literals of one owner, folded; an owner occurs in a text when one of its literals does. */
export interface LiteralOwner {
	readonly id: number;
	readonly literals: readonly string[];
}

/** Code units up to here have their class in an array; the few literals beyond it share a map. */
const TABLE = 256;

export class LiteralScan {
	readonly #classOf = new Uint16Array(TABLE);
	readonly #classBeyond = new Map<number, number>();
	/** `next[state * classes + class]`: the state after a letter. Class 0 stands for every letter of no literal. */
	readonly #next: Int32Array;
	readonly #classes: number;
	/** By state: owners of the literals that end there, or at a suffix of it; empty states have undefined. */
	readonly #owners: (readonly number[] | undefined)[];
	/** By owner: the scan in which it was last seen, so that nothing is cleared between scans. */
	readonly #seenIn: Uint32Array;
	readonly #occurring: number[] = [];
	#scan = 0;

	constructor(owners: readonly LiteralOwner[]) {
		this.#classes = this.#classify(owners);
		const { next, ending } = trieOf(owners, this.#classes, (unit) => this.#classOfUnit(unit));
		this.#owners = ending;
		this.#next = next;
		this.#link();
		this.#seenIn = new Uint32Array(owners.reduce((max, { id }) => Math.max(max, id + 1), 0));
	}

	/** Reads a text and gives the owners that occur in it, each once. List and `occurs` hold until the next call. */
	read(text: string): readonly number[] {
		const seenIn = this.#seenIn;
		const occurring = this.#occurring;
		occurring.length = 0;
		this.#scan = this.#scan === 0xffff_ffff ? this.#restart() : this.#scan + 1;
		const next = this.#next;
		const classes = this.#classes;
		const classOf = this.#classOf;
		const owners = this.#owners;
		let state = 0;
		for (let at = 0; at < text.length; at++) {
			const unit = text.charCodeAt(at);
			const letter = unit < TABLE ? (classOf[unit] as number) : (this.#classBeyond.get(unit) ?? 0);
			state = next[state * classes + letter] as number;
			const found = owners[state];
			if (found === undefined) continue;
			for (const id of found) {
				if (seenIn[id] === this.#scan) continue;
				seenIn[id] = this.#scan;
				occurring.push(id);
			}
		}
		return occurring;
	}

	/** Did a literal of this owner occur in the text that was read last? */
	occurs(id: number): boolean {
		return this.#seenIn[id] === this.#scan;
	}

	#restart(): number {
		this.#seenIn.fill(0);
		return 1;
	}

	#classOfUnit(unit: number): number {
		return unit < TABLE ? (this.#classOf[unit] as number) : (this.#classBeyond.get(unit) ?? 0);
	}

	/** Gives every letter of the literals a class, and letters that fold to it the same one. */
	#classify(owners: readonly LiteralOwner[]): number {
		const letters = new Set<number>();
		for (const { literals } of owners) {
			for (const literal of literals) for (let at = 0; at < literal.length; at++) letters.add(literal.charCodeAt(at));
		}
		let classes = 1;
		for (const unit of [...letters].sort((a, b) => a - b)) {
			this.#setClass(unit, classes);
			classes += 1;
		}
		for (let unit = 0; unit < TABLE; unit++) this.#foldClass(unit);
		for (const unit of FOLDED_BEYOND) this.#foldClass(unit);
		return classes;
	}

	#foldClass(unit: number): void {
		const folded = foldText(String.fromCharCode(unit)).charCodeAt(0);
		if (folded !== unit) this.#setClass(unit, this.#classOfUnit(folded));
	}

	#setClass(unit: number, letter: number): void {
		if (unit < TABLE) this.#classOf[unit] = letter;
		else this.#classBeyond.set(unit, letter);
	}

	/** Turns the trie into an automaton, breadth first: a missing step is the step of the longest proper suffix. */
	#link(): void {
		const classes = this.#classes;
		const next = this.#next;
		const suffixOf = new Int32Array(this.#owners.length);
		const queue: number[] = [];
		for (let letter = 0; letter < classes; letter++) {
			const child = next[letter] as number;
			if (child > 0) queue.push(child);
			else next[letter] = 0;
		}
		for (let head = 0; head < queue.length; head++) {
			const state = queue[head] as number;
			const suffix = suffixOf[state] as number;
			const inherited = this.#owners[suffix];
			if (inherited !== undefined) this.#owners[state] = [...new Set([...(this.#owners[state] ?? []), ...inherited])];
			for (let letter = 0; letter < classes; letter++) {
				const at = state * classes + letter;
				const child = next[at] as number;
				const step = next[suffix * classes + letter] as number;
				if (child < 0) {
					next[at] = step;
				} else {
					suffixOf[child] = step;
					queue.push(child);
				}
			}
		}
	}
}

/** Letters beyond the table that fold into it: see folding.ts. */
const FOLDED_BEYOND: readonly number[] = [0x17f, 0x212a];

/** Steps of the trie, -1 where there is none, and the owners whose literals end at each state. */
function trieOf(owners: readonly LiteralOwner[], classes: number, classOf: (unit: number) => number) {
	const letters = owners.reduce(
		(sum, { literals }) => sum + literals.reduce((of, literal) => of + literal.length, 0),
		0,
	);
	const next = new Int32Array((letters + 1) * classes).fill(-1);
	const ending: (number[] | undefined)[] = [undefined];
	for (const { id, literals } of owners) {
		for (const literal of literals) {
			let state = 0;
			for (let at = 0; at < literal.length; at++) {
				const step = state * classes + classOf(literal.charCodeAt(at));
				if ((next[step] as number) < 0) {
					next[step] = ending.length;
					ending.push(undefined);
				}
				state = next[step] as number;
			}
			const ids = ending[state];
			if (ids === undefined) ending[state] = [id];
			else if (!ids.includes(id)) ids.push(id);
		}
	}
	return { next: next.slice(0, ending.length * classes), ending };
}
