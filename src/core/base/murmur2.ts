/**
 * The partition of a key: murmur2 as Apache Kafka's default partitioner computes it (seed 0x9747b28c), so that a key
 * lands in the same partition on every adapter and for every Kafka client.
 */

const encoder = new TextEncoder();

/** Partition of a UTF-8 key among `partitions`, 0-based. */
export function partitionOf(key: string, partitions: number): number {
	return (keyHash(key) & 0x7fffffff) % partitions;
}

/** 32-bit signed hash of a UTF-8 key. */
export const keyHash = (key: string): number => murmur2(bytesOf(key));

/** Room for short keys of plain letters, which nearly all are: asking the encoder costs more than the hash. */
const scratch = Array.from({ length: 128 }, (_, length) => new Uint8Array(length));

function bytesOf(key: string): Uint8Array {
	const bytes = scratch[key.length];
	if (bytes === undefined) return encoder.encode(key);
	for (let place = 0; place < key.length; place++) {
		const code = key.charCodeAt(place);
		if (code > 0x7f) return encoder.encode(key);
		bytes[place] = code;
	}
	return bytes;
}

/** 32-bit signed hash of the bytes. */
export function murmur2(data: Uint8Array): number {
	const m = 0x5bd1e995;
	const { length } = data;
	let h = 0x9747b28c ^ length;
	const whole = length & ~3;
	for (let at = 0; at < whole; at += 4) {
		let k = byte(data, at) | (byte(data, at + 1) << 8) | (byte(data, at + 2) << 16) | (byte(data, at + 3) << 24);
		k = Math.imul(k, m);
		k ^= k >>> 24;
		k = Math.imul(k, m);
		h = Math.imul(h, m) ^ k;
	}
	const rest = length & 3;
	if (rest === 3) h ^= byte(data, whole + 2) << 16;
	if (rest >= 2) h ^= byte(data, whole + 1) << 8;
	if (rest >= 1) h = Math.imul(h ^ byte(data, whole), m);
	h ^= h >>> 13;
	h = Math.imul(h, m);
	h ^= h >>> 15;
	return h;
}

const byte = (data: Uint8Array, at: number): number => data[at] as number;
