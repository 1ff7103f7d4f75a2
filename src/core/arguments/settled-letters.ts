/**
 * Letters of names on the internet that every supported Node reads alike.
 *
 * What a letter becomes in a host is decided by the Unicode tables of the Node that asks, and newer tables know more letters: a decision
 * must recompute elsewhere. So a name with any other letter is not read, and its caller is in doubt.
 */
import { contains, type RuneSet } from "../language/rune-set.ts";

/**
 * Code points of living scripts of which the hosts that `new URL` makes agree in Node 22.22 (Unicode 15), 24.21 and 26.10
 * (Unicode 17). Both ends of each range are in it.
 */
const SETTLED: RuneSet = [
	0xb9, 0xde, 0xe0, 0x2d7, 0x2de, 0x34e, 0x350, 0x377, 0x37b, 0x37f, 0x386, 0x38a, 0x38e, 0x3a1, 0x3a3, 0x3c1, 0x3c3,
	0x4bf, 0x4c1, 0x52f, 0x531, 0x556, 0x559, 0x58a, 0x5d0, 0x5ea, 0x620, 0x65f, 0x66d, 0x6dc, 0x6de, 0x6ff, 0x900, 0x983,
	0x985, 0x98c, 0x993, 0x9a8, 0x9aa, 0x9b0, 0x9bc, 0x9c4, 0x9df, 0x9e3, 0x9e6, 0x9fe, 0xa05, 0xa0a, 0xa13, 0xa28, 0xa2a,
	0xa30, 0xa3e, 0xa42, 0xa66, 0xa76, 0xa85, 0xa8d, 0xa93, 0xaa8, 0xaaa, 0xab0, 0xab5, 0xab9, 0xabc, 0xac5, 0xae6, 0xaf1,
	0xaf9, 0xaff, 0xb05, 0xb0c, 0xb13, 0xb28, 0xb2a, 0xb30, 0xb35, 0xb39, 0xb3c, 0xb44, 0xb5f, 0xb63, 0xb66, 0xb77, 0xb85,
	0xb8a, 0xbae, 0xbb9, 0xbbe, 0xbc2, 0xbe6, 0xbfa, 0xc00, 0xc0c, 0xc12, 0xc28, 0xc2a, 0xc39, 0xc3c, 0xc44, 0xc66, 0xc6f,
	0xc77, 0xc8c, 0xc92, 0xca8, 0xcaa, 0xcb3, 0xcb5, 0xcb9, 0xcbc, 0xcc4, 0xce6, 0xcef, 0xd00, 0xd0c, 0xd12, 0xd44, 0xd4a,
	0xd4f, 0xd54, 0xd63, 0xd66, 0xd7f, 0xd85, 0xd96, 0xd9a, 0xdb1, 0xdb3, 0xdbb, 0xdc0, 0xdc6, 0xdcf, 0xdd4, 0xdd8, 0xddf,
	0xde6, 0xdef, 0xe01, 0xe3a, 0xe3f, 0xe5b, 0xe86, 0xe8a, 0xe8c, 0xea3, 0xea7, 0xebd, 0xec0, 0xec4, 0xec8, 0xece, 0xed0,
	0xed9, 0x10d0, 0x10ff, 0x1780, 0x17b3, 0x17b6, 0x17dd, 0x17e0, 0x17e9, 0x17f0, 0x17f9, 0x1e00, 0x1e9d, 0x1e9f, 0x1f15,
	0x1f18, 0x1f1d, 0x1f20, 0x1f45, 0x1f48, 0x1f4d, 0x1f50, 0x1f57, 0x1f5f, 0x1f7d, 0x1f80, 0x1fb4, 0x1fb6, 0x1fbc,
	0x1fc6, 0x1fcc, 0x1fd6, 0x1fdb, 0x1fe0, 0x1fec, 0x1ff6, 0x1ffc, 0x2460, 0x2487, 0x249c, 0x24ff, 0x3001, 0x303f,
	0x3041, 0x3096, 0x309d, 0x30ff, 0x3400, 0x9fff, 0xac00, 0xd7a3, 0xff06, 0xff0e, 0xff10, 0xff19, 0xff21, 0xff3a,
	0xff3f, 0xff5b, 0xff61, 0xff9f,
];

const ASCII_MAX = 0x7f;

/** Is the text of ASCII and settled letters alone? */
export function isSettled(text: string): boolean {
	if (/^[\0-\x7f]*$/.test(text)) return true;
	for (const letter of text) {
		const rune = letter.codePointAt(0) as number;
		if (rune > ASCII_MAX && !contains(SETTLED, rune)) return false;
	}
	return true;
}

/** Is each label of a host, as a `URL` writes it, of such letters? */
export const isSettledHost = (host: string): boolean =>
	host.split(".").every((label) => {
		if (!label.startsWith("xn--")) return true;
		const letters = decodePunycode(label.slice("xn--".length));
		return letters !== null && isSettled(letters);
	});

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const BIAS = 72;
const FIRST = 0x80;

/** The letters of a label behind `xn--` (RFC 3492, section 6.2); null where it spells none. */
export function decodePunycode(label: string): string | null {
	const end = label.lastIndexOf("-");
	const runes = [...label.slice(0, Math.max(0, end))].map((letter) => letter.codePointAt(0) as number);
	let rune = FIRST;
	let bias = BIAS;
	let place = 0;
	for (let index = end < 0 ? 0 : end + 1; index < label.length; ) {
		const before = place;
		for (let weight = 1, k = BASE; ; k += BASE) {
			const digit = digitOf(label.charCodeAt(index));
			index += 1;
			if (digit === null) return null;
			place += digit * weight;
			const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
			if (digit < threshold) break;
			weight *= BASE - threshold;
			if (place > Number.MAX_SAFE_INTEGER / BASE) return null;
		}
		const length = runes.length + 1;
		bias = adapted(before === 0 ? Math.floor((place - before) / DAMP) : (place - before) >> 1, length);
		rune += Math.floor(place / length);
		place %= length;
		if (rune > 0x10ffff) return null;
		runes.splice(place, 0, rune);
		place += 1;
	}
	return String.fromCodePoint(...runes);
}

/** `a` is 0 and `9` is 35; null beyond the end, and for what is no digit. */
function digitOf(code: number): number | null {
	if (code >= 0x61 && code <= 0x7a) return code - 0x61;
	if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26;
	return null;
}

function adapted(delta: number, length: number): number {
	let rest = delta + Math.floor(delta / length);
	let k = 0;
	for (; rest > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
	return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
