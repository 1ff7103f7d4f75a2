/** Sets of Unicode code points: what one step of a pattern accepts. */

export const RUNE_MAX = 0x10ffff;

/** Sorted, disjoint, non-adjacent ranges, both ends inclusive: `[low, high, low, high, …]`. */
export type RuneSet = readonly number[];

export const NO_RUNE: RuneSet = [];
export const ANY_RUNE: RuneSet = [0, RUNE_MAX];
export const NOT_SLASH: RuneSet = [0, 0x2e, 0x30, RUNE_MAX];
export const DIGITS: RuneSet = [0x30, 0x39];
/** ASCII word characters: `\w` and `\b` mean these, whatever the case mode. */
export const WORD: RuneSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
/** `\s` of ECMAScript: WhiteSpace and LineTerminator, including U+00A0, U+2028 and U+FEFF. */
export const SPACE: RuneSet = [
	0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f,
	0x3000, 0x3000, 0xfeff, 0xfeff,
];

export const runes = (low: number, high: number = low): RuneSet => [low, high];

/** The union of sets given in any order. */
export function union(...sets: readonly RuneSet[]): RuneSet {
	const ranges: [number, number][] = [];
	for (const set of sets) {
		for (let index = 0; index < set.length; index += 2) ranges.push([set[index] as number, set[index + 1] as number]);
	}
	ranges.sort((a, b) => a[0] - b[0]);
	const merged: number[] = [];
	for (const [low, high] of ranges) {
		const last = merged.length - 1;
		if (last >= 0 && low <= (merged[last] as number) + 1) merged[last] = Math.max(merged[last] as number, high);
		else merged.push(low, high);
	}
	return merged;
}

export function complement(set: RuneSet): RuneSet {
	const rest: number[] = [];
	let next = 0;
	for (let index = 0; index < set.length; index += 2) {
		if ((set[index] as number) > next) rest.push(next, (set[index] as number) - 1);
		next = (set[index + 1] as number) + 1;
	}
	if (next <= RUNE_MAX) rest.push(next, RUNE_MAX);
	return rest;
}

export function contains(set: RuneSet, rune: number): boolean {
	for (let index = 0; index < set.length; index += 2) {
		if (rune <= (set[index + 1] as number)) return rune >= (set[index] as number);
	}
	return false;
}

/** Number of code points in the set. */
export function sizeOf(set: RuneSet): number {
	let size = 0;
	for (let index = 0; index < set.length; index += 2) size += (set[index + 1] as number) - (set[index] as number) + 1;
	return size;
}

/** Where sets begin and end, in ascending order and 0 the first: no set tells code points from one bound up to the next apart. */
export function boundsOf(sets: readonly RuneSet[]): readonly number[] {
	const bounds = new Set<number>([0]);
	for (const set of new Set(sets)) {
		for (let range = 0; range < set.length; range += 2) {
			bounds.add(set[range] as number);
			bounds.add((set[range + 1] as number) + 1);
		}
	}
	bounds.delete(RUNE_MAX + 1);
	return [...bounds].sort((a, b) => a - b);
}

const LONG_S = 0x17f;
const KELVIN = 0x212a;

/**
 * Closes a set under the folding of the dialect: ASCII letters, and the two letters outside ASCII that fold to one
 * (U+017F `ſ` with `s`, U+212A with `k`). Nothing else folds, so that every engine can agree on it.
 */
export function foldRunes(set: RuneSet): RuneSet {
	const extra: RuneSet[] = [];
	for (let index = 0; index < set.length; index += 2) {
		const low = set[index] as number;
		const high = set[index + 1] as number;
		shift(extra, Math.max(low, 0x41), Math.min(high, 0x5a), 0x20);
		shift(extra, Math.max(low, 0x61), Math.min(high, 0x7a), -0x20);
	}
	if (contains(set, 0x73) || contains(set, 0x53)) extra.push(runes(LONG_S));
	if (contains(set, 0x6b) || contains(set, 0x4b)) extra.push(runes(KELVIN));
	if (contains(set, LONG_S)) extra.push(runes(0x73), runes(0x53));
	if (contains(set, KELVIN)) extra.push(runes(0x6b), runes(0x4b));
	return extra.length === 0 ? set : union(set, ...extra);
}

function shift(into: RuneSet[], low: number, high: number, by: number): void {
	if (low <= high) into.push([low + by, high + by]);
}
