/**
 * CRC-64-AVRO, the Rabin fingerprint of the Avro specification ("Schema Fingerprints"): the eight bytes by which a record
 * names its schema. Computed in two 32-bit halves, because 64-bit arithmetic on BigInt would be felt at every start.
 */

/** The upper and the lower 32 bits. */
export interface Fingerprint {
	readonly high: number;
	readonly low: number;
}

const EMPTY: Fingerprint = { high: 0xc15d213a, low: 0xa4d7a795 };

/** The fingerprint of a schema's Parsing Canonical Form. */
export function fingerprintOf(canonicalForm: string): Fingerprint {
	let { high, low } = EMPTY;
	for (const byte of ENCODER.encode(canonicalForm)) {
		const at = (low ^ byte) & 0xff;
		low = ((low >>> 8) | (high << 24)) ^ (TABLE_LOW[at] as number);
		high = (high >>> 8) ^ (TABLE_HIGH[at] as number);
	}
	return { high: high >>> 0, low: low >>> 0 };
}

/**
 * 16 hex digits, byte by byte as they are in a record, least significant first: what Avro's own libraries give for
 * `CRC-64-AVRO` (the specification writes its examples as numbers, the other way round).
 */
export const fingerprintHex = (of: Fingerprint): string => hex32(of.low) + hex32(of.high);

/** The same as one number in 16 hex digits, most significant first: what libraries print that give a 64-bit integer. */
export const numberHex = ({ high, low }: Fingerprint): string =>
	[high, low].map((half) => half.toString(16).padStart(8, "0")).join("");

/** The bytes of a half, least significant first. */
const hex32 = (half: number): string =>
	[half, half >>> 8, half >>> 16, half >>> 24].map((byte) => (byte & 0xff).toString(16).padStart(2, "0")).join("");

const ENCODER = new TextEncoder();
const TABLE_HIGH = new Int32Array(256);
const TABLE_LOW = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
	let high = 0;
	let low = byte;
	for (let bit = 0; bit < 8; bit++) {
		const mask = -(low & 1);
		low = ((low >>> 1) | (high << 31)) ^ (EMPTY.low & mask);
		high = (high >>> 1) ^ (EMPTY.high & mask);
	}
	TABLE_HIGH[byte] = high;
	TABLE_LOW[byte] = low;
}
