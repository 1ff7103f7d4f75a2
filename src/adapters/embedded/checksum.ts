/** The checksum of a stored record. SQLite has none for its pages: a flipped bit would pass for what was written. */
import { crc32 } from "node:zlib";
import type { EpochMs, Offset } from "../../core/model/units.ts";

/** Where a record is, so that a damaged index cannot pass another one off as it. */
export interface StoredPlace {
	/** `id` in `topics`. */
	readonly topic: number;
	readonly partition: number;
	readonly offset: Offset;
	readonly timestamp: EpochMs;
}

/** Four doubles. Node 24 refuses a DataView here once it has compiled the caller. */
const place = Buffer.alloc(4 * 8);
const doubles = new DataView(place.buffer, place.byteOffset, place.length);

/** CRC-32 of topic, partition, offset and time as four doubles (little-endian), then key, headers and value, texts as UTF-8. */
export const checksum = (
	{ topic, partition, offset, timestamp }: StoredPlace,
	{
		key,
		headers,
		value,
	}: {
		readonly key: string | Uint8Array | null;
		readonly headers: string | Uint8Array;
		readonly value: Uint8Array;
	},
): number => {
	doubles.setFloat64(0, topic, true);
	doubles.setFloat64(8, partition, true);
	doubles.setFloat64(16, offset, true);
	doubles.setFloat64(24, timestamp, true);
	const seed = crc32(place);
	return crc32(value, crc32(headers, key === null ? seed : crc32(key, seed)));
};
