/** The checksum of a stored record. SQLite has none for its pages: a flipped bit would pass for what was written. */
import { crc32 } from "node:zlib";
import type { EpochMs, Offset } from "../../core/model/units.ts";

/** CRC-32 of key, headers and value, texts as UTF-8, seeded with the offset and the time. */
export const checksum = (
	offset: Offset,
	timestamp: EpochMs,
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
	const seed = (offset + timestamp) % 2 ** 32;
	return crc32(value, crc32(headers, key === null ? seed : crc32(key, seed)));
};
