/**
 * Parts of records that come again and again: the counter of a limit, what a rule says, what a plan obliges to. The engine has
 * one frozen object for each, and refers to it in every entry; here it is kept together with its bytes, in both directions.
 *
 * F1  Whoever writes a kept object copies its bytes. An object is kept only if nothing in it can change any more.
 * F2  Whoever reads kept bytes gets the object that was kept. No two values of one shape begin with the same bytes, so that
 *     the bytes say themselves where they end.
 * F3  What is kept depends on what came before; what is written and read never does.
 */

import { freezeDeep, isFrozenDeep } from "../base/frozen.ts";

interface Fragment {
	readonly bytes: Uint8Array;
	readonly value: object;
	/** Which was read, and which was written, after this one: likely the one that comes after it the next time. */
	nextRead: Fragment | null;
	nextWritten: Fragment | null;
}

/** Bytes by which fragments are looked up; shorter ones are not worth it, and longer ones than these are not kept. */
const PREFIX_BYTES = 8;
const BYTES_MAX = 1_024;

/** What is kept for reading: this many of one shape, then all starts again; of one beginning, this many. */
const KEPT_MAX = 4_096;
const BEGINNINGS = 256;
const ALIKE_MAX = 32;

/** The fragments of one shape. */
export class Fragments {
	readonly #byValue = new WeakMap<object, Fragment>();
	#byBeginning: Fragment[][] = [];
	#kept = 0;
	#lastRead: Fragment | null = null;
	#lastWritten: Fragment | null = null;

	/** The bytes of an object that was kept. */
	bytesOf(value: object): Uint8Array | undefined {
		const likely = this.#lastWritten?.nextWritten ?? null;
		if (likely !== null && likely.value === value) {
			this.#lastWritten = likely;
			return likely.bytes;
		}
		const found = this.#byValue.get(value);
		if (found === undefined) return undefined;
		if (this.#lastWritten !== null) this.#lastWritten.nextWritten = found;
		this.#lastWritten = found;
		return found.bytes;
	}

	/** Keeps the bytes of an object, copied, if it is frozen to its leaves. */
	keepBytes(value: object, bytes: Uint8Array): void {
		if (bytes.length <= BYTES_MAX && isFrozenDeep(value)) this.#byValue.set(value, fragmentOf(value, bytes));
	}

	/** What was kept of the bytes that begin at `at`. */
	find(bytes: Uint8Array, at: number, end: number): Fragment | null {
		const likely = this.#lastRead?.nextRead ?? null;
		if (likely !== null && beginsWith(bytes, at, end, likely.bytes)) {
			this.#lastRead = likely;
			return likely;
		}
		if (end - at < PREFIX_BYTES) return null;
		const alike = this.#byBeginning[beginningOf(bytes, at)];
		if (alike === undefined) return null;
		for (const fragment of alike) {
			if (!beginsWith(bytes, at, end, fragment.bytes)) continue;
			this.#follow(fragment);
			return fragment;
		}
		return null;
	}

	/** Keeps a value that was read, frozen from here on, with a copy of its bytes. */
	keep(value: object, bytes: Uint8Array): void {
		if (bytes.length < PREFIX_BYTES || bytes.length > BYTES_MAX) return;
		if (this.#kept === KEPT_MAX) this.#forget();
		this.#byBeginning[beginningOf(bytes, 0)] ??= [];
		const alike = this.#byBeginning[beginningOf(bytes, 0)] as Fragment[];
		if (alike.length === ALIKE_MAX) return;
		const fragment = fragmentOf(freezeDeep(value), bytes);
		alike.push(fragment);
		this.#kept += 1;
		this.#byValue.set(value, fragment);
		this.#follow(fragment);
	}

	/** All at once: each leads to the next, so that what is forgotten singly would still be held. */
	#forget(): void {
		this.#byBeginning = [];
		this.#kept = 0;
		this.#lastRead = null;
	}

	#follow(fragment: Fragment): void {
		if (this.#lastRead !== null) this.#lastRead.nextRead = fragment;
		this.#lastRead = fragment;
	}
}

const fragmentOf = (value: object, bytes: Uint8Array): Fragment => ({
	bytes: Uint8Array.from(bytes),
	value,
	nextRead: null,
	nextWritten: null,
});

function beginsWith(bytes: Uint8Array, at: number, end: number, beginning: Uint8Array): boolean {
	const { length } = beginning;
	if (length > end - at) return false;
	for (let index = 0; index < length; index++) if (bytes[at + index] !== beginning[index]) return false;
	return true;
}

function beginningOf(bytes: Uint8Array, at: number): number {
	let hash = 0;
	for (let index = 0; index < PREFIX_BYTES; index++) hash = Math.imul(hash, 31) + (bytes[at + index] as number);
	return (hash ^ (hash >>> 8)) & (BEGINNINGS - 1);
}
