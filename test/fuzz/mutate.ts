/** Damages bytes and texts as transport, disks and adversaries do: flips, cuts, runs, spliced parts, numbers at their limits. */
import type { Dice } from "../kill-loop/dice.ts";

/** Numbers that lengths and counts break at, as big-endian words and as Avro's zig-zag varints. */
const LIMITS: readonly Uint8Array[] = [
	...[0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff].map((value) => {
		const word = Buffer.alloc(4);
		word.writeUInt32BE(value);
		return word;
	}),
	Buffer.from("7fffffffffffffff", "hex"),
	Buffer.from("8000000000000000", "hex"),
	Buffer.from("ffffffffffffffff7f", "hex"),
	Buffer.from("ffffffffffffffffff01", "hex"),
	Buffer.from("ffffffff0f", "hex"),
	Buffer.from("80808080808080808080", "hex"),
];

/** One to four damages of `of`; `other` is what parts are spliced in from. */
export function damage(dice: Dice, of: Uint8Array, other: Uint8Array): Uint8Array {
	let bytes: Uint8Array = Uint8Array.from(of);
	for (let left = 1 + dice.upTo(4); left > 0; left--) bytes = damageOnce(dice, bytes, other);
	return bytes;
}

function damageOnce(dice: Dice, bytes: Uint8Array, other: Uint8Array): Uint8Array {
	const at = dice.upTo(bytes.length + 1);
	const length = 1 + dice.upTo(8);
	switch (dice.upTo(7)) {
		case 0: {
			const flipped = Uint8Array.from(bytes);
			if (at < flipped.length) flipped[at] = (flipped[at] as number) ^ (1 << dice.upTo(8));
			return flipped;
		}
		case 1: {
			const written = Uint8Array.from(bytes);
			for (let index = at; index < Math.min(at + length, written.length); index++) written[index] = dice.upTo(256);
			return written;
		}
		case 2:
			return bytes.subarray(0, at);
		case 3:
			return joined(bytes.subarray(0, at), bytes.subarray(Math.min(at + length, bytes.length)));
		case 4:
			return joined(bytes.subarray(0, at), bytes.subarray(dice.upTo(bytes.length + 1)));
		case 5: {
			const from = dice.upTo(other.length + 1);
			return joined(bytes.subarray(0, at), other.subarray(from, from + length * 4), bytes.subarray(at));
		}
		default: {
			const limit = LIMITS[dice.upTo(LIMITS.length)] as Uint8Array;
			return joined(bytes.subarray(0, at), limit, bytes.subarray(Math.min(at + limit.length, bytes.length)));
		}
	}
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

/** Pieces that texts of this project are made of, and that their readers may trip over. */
const PIECES = [
	'"',
	"'",
	"{",
	"}",
	"[",
	"]",
	":",
	",",
	"- ",
	"\n",
	"\t",
	"#",
	"&a ",
	"*a",
	"!!",
	"%",
	"\\",
	"\\u0000",
	"-0",
	"1e999",
].concat([
	"9007199254740993",
	"\u0000",
	"\ud800",
	"\ufeff",
	"\u00a0",
	"\u202e",
	"__proto__",
	"constructor",
	"null",
	"~",
	"|",
]);

/** The same for a text; the result may hold lone surrogates. */
export function damageText(dice: Dice, of: string, other: string): string {
	let text = of;
	for (let left = 1 + dice.upTo(4); left > 0; left--) {
		const at = dice.upTo(text.length + 1);
		const length = 1 + dice.upTo(12);
		const from = dice.upTo(other.length + 1);
		const put = [
			PIECES[dice.upTo(PIECES.length)] as string,
			other.slice(from, from + length * 4),
			String.fromCharCode(dice.upTo(0x1_0000)),
			"",
		][dice.upTo(4)] as string;
		text = text.slice(0, at) + put + text.slice(dice.chance(0.5) ? at : at + length);
	}
	return text;
}
