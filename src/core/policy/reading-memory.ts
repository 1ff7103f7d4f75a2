/**
 * What rules made of calls that come again and again: where they fired, never what the calls hold.
 *
 * M1  A call is known by a digest of its tool and its arguments. Nothing of its texts is kept, only places in them.
 * M2  It is remembered from the second time on: what comes once takes no room, and costs no digest.
 * M3  What is remembered is bounded, and what was not asked for longest is forgotten. It changes no answer.
 */
import { callDigestHex } from "../base/digest.ts";

/** Calls that are remembered: twice as many at most, in two generations. */
const CALLS_MAX = 4_096;
/** UTF-16 units of arguments: places name members of them. Longer ones seldom come again. */
const LENGTH_MAX = 8_192;
/** Powers of two: marks of calls that are known, and how many of them share a row. Of a row, those that came in last are known. */
const MARKS = 16_384;
const ROW_MARKS = 4;
/** UTF-16 units at either end that a mark is made of. */
const MARKED = 192;

export class ReadingMemory<Answers> {
	readonly #max: number;
	readonly #begin: () => Answers;
	/** Marks of calls that came at least once. */
	readonly #marks = new Uint32Array(MARKS);
	#recent = new Map<string, Answers>();
	#older = new Map<string, Answers>();

	constructor(begin: () => Answers, max: number = CALLS_MAX) {
		this.#begin = begin;
		this.#max = max;
	}

	/** What there is to know of the call, to be added to; null: it has not come before, as far as is known. */
	of(tool: string, argsText: string): Answers | null {
		if (argsText.length > LENGTH_MAX || !this.#hasCome(tool, argsText)) return null;
		const digest = callDigestHex(tool, argsText);
		const recent = this.#recent.get(digest);
		if (recent !== undefined) return recent;
		const answers = this.#older.get(digest) ?? this.#begin();
		if (this.#recent.size >= this.#max) [this.#older, this.#recent] = [this.#recent, new Map()];
		this.#recent.set(digest, answers);
		return answers;
	}

	/** Two calls may have one mark: their digests tell them apart. */
	#hasCome(tool: string, argsText: string): boolean {
		const mark = markOf(tool, argsText);
		const row = mark & (MARKS - ROW_MARKS);
		const last = row + ROW_MARKS - 1;
		for (let at = row; at <= last; at++) if (this.#marks[at] === mark) return true;
		for (let at = last; at > row; at--) this.#marks[at] = this.#marks[at - 1] as number;
		this.#marks[row] = mark;
		return false;
	}
}

/** 32 bits, none of them for nothing: 0 is no mark. */
function markOf(tool: string, argsText: string): number {
	const { length } = argsText;
	let mark = mixed(mixed(2_166_136_261, tool, 0, tool.length), argsText, 0, Math.min(length, MARKED));
	if (length > MARKED) mark = mixed(mark ^ length, argsText, Math.max(MARKED, length - MARKED), length);
	return (mark ^ (mark >>> 15)) >>> 0 || 1;
}

/** FNV-1a over UTF-16 units. */
function mixed(mark: number, text: string, from: number, to: number): number {
	let mix = mark;
	for (let at = from; at < to; at++) mix = Math.imul(mix ^ text.charCodeAt(at), 16_777_619);
	return mix;
}
