/**
 * Classes of code points that the sets of a pattern do not tell apart: an automaton needs one step for each class instead of one
 * for each of 1,114,112 code points. Several alphabets are read side by side as letters, the coarsest classes that respect all.
 */
import { boundsOf, contains, RUNE_MAX, type RuneSet } from "./rune-set.ts";

/** Halves of pairs: in a text that was well formed at its source there are none. */
const HALVES: RuneSet = [0xd800, 0xdfff];

export class Alphabet {
	/** Number of classes. */
	readonly size: number;
	/** Where classes begin and end; the first at 0. */
	readonly bounds: readonly number[];
	/** By bound: the class from there on. */
	readonly classes: readonly number[];
	readonly #sets: number;
	/** By class and set: is the class in the set? */
	readonly #within: Uint8Array;

	constructor(sets: readonly RuneSet[]) {
		this.bounds = boundsOf([HALVES, ...sets]);
		const known = new Map<string, number>();
		const likes: number[] = [];
		this.classes = this.bounds.map((rune) => {
			const signature = sets.map((set) => (contains(set, rune) ? 1 : 0)).join("");
			const found = known.get(signature) ?? likes.length;
			if (found === likes.length) {
				known.set(signature, found);
				likes.push(rune);
			}
			return found;
		});
		this.size = likes.length;
		this.#sets = sets.length;
		this.#within = Uint8Array.from(likes.flatMap((rune) => sets.map((set) => (contains(set, rune) ? 1 : 0))));
	}

	isWithin(cls: number, set: number): boolean {
		return this.#within[cls * this.#sets + set] === 1;
	}

	classOf(rune: number): number {
		let low = 0;
		let high = this.bounds.length;
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if ((this.bounds[middle] as number) <= rune) low = middle;
			else high = middle;
		}
		return this.classes[low] as number;
	}
}

/** What one step reads: code points that none of several alphabets tells apart. */
export interface Letter {
	/** By alphabet: its class. */
	readonly classes: readonly number[];
	/** The code point that a person reads most easily. */
	readonly rune: number;
	/** Place of that code point in `READABLE`. */
	readonly rank: number;
	/** The ranges that hold code points of that rank. */
	readonly ranges: readonly (readonly [low: number, high: number])[];
}

/** The letters of several alphabets, the most readable first. */
export function lettersOf(alphabets: readonly Alphabet[]): readonly Letter[] {
	const bounds = [...new Set(alphabets.flatMap(({ bounds }) => bounds))].sort((a, b) => a - b);
	if (bounds.length === 0) bounds.push(0, HALVES[0] as number, (HALVES[1] as number) + 1);
	const places = alphabets.map(() => 0);
	const letters = new Map<string, Letter>();
	for (const [index, low] of bounds.entries()) {
		const high = (bounds[index + 1] ?? RUNE_MAX + 1) - 1;
		const classes = alphabets.map(({ bounds: own, classes }, which) => {
			const place = places[which] as number;
			if (own[place + 1] === low) places[which] = place + 1;
			return classes[places[which] as number] as number;
		});
		const key = classes.join();
		const known = letters.get(key);
		const found = mostReadable(low, high);
		if (known === undefined || found.rank < known.rank) letters.set(key, { classes, ...found, ranges: [found.range] });
		else if (found.rank === known.rank) letters.set(key, { ...known, ranges: [...known.ranges, found.range] });
	}
	return [...letters.values()].sort((a, b) => a.rank - b.rank || a.rune - b.rune);
}

/** Ranges from the most to the least readable. */
const READABLE: readonly (readonly [low: number, high: number])[] = [
	[0x61, 0x7a],
	[0x30, 0x39],
	[0x41, 0x5a],
	[0x20, 0x20],
	[0x21, 0x7e],
	[0x0a, 0x0a],
	[0x09, 0x09],
	[0x0d, 0x0d],
	[0xa1, 0xac],
	[0xae, 0x24f],
	[0x370, 0x52f],
	[0x4e00, 0x9fff],
	[0x1f600, 0x1f64f],
	[0xa0, 0xd7ff],
	[0xe000, RUNE_MAX],
	[0x00, 0x9f],
	[0xd800, 0xdfff],
];
const ASCII_RANKS = 5;
const HALVES_RANK = READABLE.length - 1;

/** Does a letter stand for characters that every keyboard has? */
export const isAscii = ({ rank }: Letter): boolean => rank < ASCII_RANKS;

/** Does a letter stand for halves of pairs alone? Of the sets that patterns are read to, each holds all of them or none. */
export const isHalf = ({ rank }: Letter): boolean => rank === HALVES_RANK;

function mostReadable(
	low: number,
	high: number,
): { readonly rune: number; readonly rank: number; readonly range: readonly [number, number] } {
	for (const [rank, [from, to]] of READABLE.entries()) {
		if (low > to || high < from) continue;
		const rune = Math.max(low, from);
		return { rune, rank, range: [rune, Math.min(high, to)] };
	}
	throw new Error("no code point is beyond the readable ranges");
}
