/** What a record batch's records were packed with, unpacked within a bound: every codec that a producer can send. */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { unpackLz4 } from "./lz4.ts";
import { unpackSnappy } from "./snappy.ts";

/** Most bytes that one batch may become: sixteen times what `max.message.bytes` lets through. */
const UNPACKED_MAX = 32 * 1024 * 1024;

/** By the lowest three bits of a batch's attributes. */
const CODECS: readonly { readonly name: string; unpack(bytes: Buffer): Buffer }[] = [
	{ name: "none", unpack: (bytes) => bytes },
	{ name: "gzip", unpack: (bytes) => gunzipSync(bytes, { maxOutputLength: UNPACKED_MAX }) },
	{ name: "snappy", unpack: (bytes) => unpackSnappy(bytes, UNPACKED_MAX) },
	{ name: "lz4", unpack: (bytes) => unpackLz4(bytes, UNPACKED_MAX) },
	{ name: "zstd", unpack: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: UNPACKED_MAX }) },
];

/** The records' bytes, or why they cannot be had: in words that are the same wherever it is tried, since a ledger keeps them. */
export function unpack(codec: number, bytes: Buffer): Buffer | string {
	const known = CODECS[codec];
	if (known === undefined) return `its compression ${codec} is not known`;
	try {
		return known.unpack(bytes);
	} catch {
		return `its ${known.name} does not unpack to at most ${UNPACKED_MAX} bytes`;
	}
}
