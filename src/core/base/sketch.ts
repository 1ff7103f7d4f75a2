/**
 * Sketches: digests of texts that can be compared, so that how far an output is from another can be told without either.
 * docs/design/drift.md has the algorithm for other languages, and `vectors/sketches.json` what it gives.
 */

/** Bytes of a text that are looked at: its beginning. */
const TEXT_BYTES_MAX = 16_384;
/** Neighbouring bytes that are compared as one: the four of a 32-bit integer. */
const GRAM_BYTES = 4;
/** Each is one byte of the sketch, two hex digits. */
const LANES = 128;

/** 256 hex digits, as an outcome carries them; empty for an empty text. */
export function sketchOf(text: string): string {
	const bytes = Buffer.from(text, "utf8").subarray(0, TEXT_BYTES_MAX);
	if (bytes.length === 0) return "";
	const lowest = new Int32Array(LANES).fill(-1);
	let gram = 0;
	for (let at = 0; at < bytes.length; at++) {
		gram = (gram << 8) | (bytes[at] as number);
		if (at < GRAM_BYTES - 1 && at < bytes.length - 1) continue;
		const mixed = mix(gram);
		const lane = mixed % LANES;
		const rest = (mixed - lane) / LANES;
		const before = lowest[lane] as number;
		if (before === -1 || rest < before) lowest[lane] = rest;
	}
	return Buffer.from(Array.from(lowest, (rest) => (rest === -1 ? 0 : (rest % 255) + 1))).toString("hex");
}

const SKETCH = /^[0-9a-f]{256}$/;

/**
 * How far the text of one sketch is from that of another: about 1 - `SequenceMatcher.ratio()`, which is 0 for the same and 1
 * where nothing is shared, in steps of 0.0001. Null where one of them is no sketch.
 */
export function driftOf(baseline: string, sketch: string): number | null {
	if (!SKETCH.test(baseline) || !SKETCH.test(sketch)) return null;
	const [one, other] = [Buffer.from(baseline, "hex"), Buffer.from(sketch, "hex")];
	let used = 0;
	let same = 0;
	for (let lane = 0; lane < LANES; lane++) {
		if (one[lane] === 0 && other[lane] === 0) continue;
		used += 1;
		if (one[lane] === other[lane]) same += 1;
	}
	if (used === 0) return 0;
	return Math.floor((1 - Math.sqrt(Math.sqrt((2 * same) / (used + same)))) * 10_000 + 0.5) / 10_000;
}

/** The last step of MurmurHash3: one integer of 32 bits for each, and each bit of it depends on all. */
function mix(gram: number): number {
	let hash = gram ^ (gram >>> 16);
	hash = Math.imul(hash, 0x85ebca6b);
	hash ^= hash >>> 13;
	hash = Math.imul(hash, 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}
