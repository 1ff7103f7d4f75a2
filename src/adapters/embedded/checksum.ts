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

/** Four doubles. */
export const PLACE_BYTES = 4 * 8;

/** Node 24 refuses a DataView here once it has compiled the caller. */
const place = Buffer.alloc(PLACE_BYTES);
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
	put(doubles, 0, { topic, partition, offset, timestamp });
	const seed = crc32(place);
	return crc32(value, crc32(headers, key === null ? seed : crc32(key, seed)));
};

/** The same where key, headers and value lie together between `at` and `end`, behind room for the place, which is written there. */
export function checksumWithin(
	page: Buffer,
	topic: number,
	partition: number,
): (offset: Offset, timestamp: EpochMs, at: number, end: number) => number {
	const view = new DataView(page.buffer, page.byteOffset, page.length);
	return (offset, timestamp, at, end) => {
		view.setFloat64(at, topic, true);
		view.setFloat64(at + 8, partition, true);
		view.setFloat64(at + 16, offset, true);
		view.setFloat64(at + 24, timestamp, true);
		return crc32(page.subarray(at, end));
	};
}

function put(view: DataView, at: number, { topic, partition, offset, timestamp }: StoredPlace): void {
	view.setFloat64(at, topic, true);
	view.setFloat64(at + 8, partition, true);
	view.setFloat64(at + 16, offset, true);
	view.setFloat64(at + 24, timestamp, true);
}
