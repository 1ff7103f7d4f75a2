/**
 * The answer to Fetch (version 11), with its record batches (magic 2): kafka.apache.org/protocol and
 * kafka.apache.org/documentation/#recordbatch. Read here and not by kafkajs, which copies all headers of a record for each
 * header (a hostile record would stop the process) and decompresses without bound.
 */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { EpochMs, Offset } from "../../core/model/units.ts";
import type { Headers } from "../../ports/log.ts";
import { Reader } from "./reader.ts";

export interface FetchedRecord {
	readonly offset: Offset;
	readonly timestamp: EpochMs;
	readonly key: string | null;
	readonly value: Uint8Array;
	readonly headers: Headers;
	/** Of key and value. */
	readonly bytes: number;
}

export interface FetchedPartition {
	/** With the deployment's prefix. */
	readonly topic: string;
	readonly partition: number;
	readonly errorCode: number;
	/** End of what is replicated: the offset after the last record that may be read. */
	readonly highWatermark: Offset;
	/** Those of whole batches: the first ones may lie before the offset that was asked for. */
	readonly records: readonly FetchedRecord[];
	/** The offset after the last whole batch; null when there was none. Batches can be empty. */
	readonly next: Offset | null;
	/** Why the batch at `next` cannot be read by this client (its compression); null when all could. */
	readonly unreadable: string | null;
}

export interface Fetched {
	readonly errorCode: number;
	readonly partitions: readonly FetchedPartition[];
}

/** Most bytes that one compressed batch may become. */
const DECOMPRESSED_MAX = 64 * 1024 * 1024;
/** Headers of a record beyond this number are not looked at. */
const HEADERS_MAX = 128;
const CONTROL_BATCH = 0x20;
const LOG_APPEND_TIME = 0x08;

export function decodeFetch(payload: Buffer): Fetched {
	const from = new Reader(payload);
	from.skip(4);
	const errorCode = from.int16();
	from.skip(4);
	const partitions: FetchedPartition[] = [];
	for (let topics = from.int32(); topics > 0; topics--) {
		const topic = from.text(from.int16());
		for (let count = from.int32(); count > 0; count--) partitions.push(partitionOf(topic, from));
	}
	return { errorCode, partitions };
}

function partitionOf(topic: string, from: Reader): FetchedPartition {
	const partition = from.int32();
	const errorCode = from.int16();
	const highWatermark = from.int64();
	from.skip(16);
	from.skip(16 * Math.max(0, from.int32()));
	from.skip(4);
	const batches = new Reader(from.bytes(Math.max(0, from.int32())));
	const records: FetchedRecord[] = [];
	let next: Offset | null = null;
	let unreadable: string | null = null;
	// The last batch may be cut: the broker fills the answer to the byte.
	while (unreadable === null && batches.left >= 12) {
		const base = batches.int64();
		const length = batches.int32();
		if (length > batches.left) break;
		const batch = readBatch(base, new Reader(batches.bytes(length)), records);
		if (typeof batch === "string") unreadable = batch;
		else next = batch;
	}
	return { topic, partition, errorCode, highWatermark, records, next, unreadable };
}

/** Adds the batch's records; the offset after it, or why it cannot be read. */
function readBatch(base: Offset, from: Reader, into: FetchedRecord[]): Offset | string {
	from.skip(4);
	const magic = from.int8();
	if (magic !== 2) return `message format ${magic}`;
	from.skip(4);
	const attributes = from.int16();
	const lastOffsetDelta = from.int32();
	const firstTimestamp = from.int64();
	const maxTimestamp = from.int64();
	from.skip(14);
	const count = from.int32();
	const next = base + lastOffsetDelta + 1;
	if ((attributes & CONTROL_BATCH) !== 0) return next;
	const body = decompressed(attributes & 0x07, from.bytes(from.left));
	if (typeof body === "string") return body;
	const records = new Reader(body);
	const names = new HeaderNames(body);
	const isAppendTime = (attributes & LOG_APPEND_TIME) !== 0;
	for (let at = 0; at < count; at++) {
		const end = records.varint() + records.position;
		records.skip(1);
		const timestampDelta = records.varint();
		const offset = base + records.varint();
		const keyLength = records.varint();
		const key = keyLength < 0 ? null : keyOf(records.text(keyLength));
		const valueLength = records.varint();
		const value = valueLength < 0 ? NO_BYTES : records.bytes(valueLength);
		const headers = readHeaders(records, names);
		records.position = end;
		const timestamp = isAppendTime ? maxTimestamp : firstTimestamp + timestampDelta;
		const bytes = value.length + (key === null ? 0 : keyLength);
		into.push({ offset, timestamp, key, value, headers, bytes });
	}
	return next;
}

function readHeaders(from: Reader, names: HeaderNames): Headers {
	const headers: Record<string, string> = {};
	for (let at = 0, count = Math.min(from.varint(), HEADERS_MAX); at < count; at++) {
		const name = names.read(from, at);
		const length = from.varint();
		const content = length < 0 ? "" : from.text(length);
		// Set, it would become what the object inherits from.
		if (name === "__proto__") Object.defineProperty(headers, name, { ...OWN, value: content });
		else headers[name] = content;
	}
	return headers;
}

const OWN = { enumerable: true, configurable: true, writable: true } as const;

/** Records of a batch mostly have the same headers: a name that is written as in the record before is not decoded again. */
class HeaderNames {
	readonly #of: Buffer;
	readonly #at: number[] = [];
	readonly #names: string[] = [];
	readonly #lengths: number[] = [];

	constructor(of: Buffer) {
		this.#of = of;
	}

	/** The name of the header that is the `index`th of its record. */
	read(from: Reader, index: number): string {
		const length = from.varint();
		const at = from.position;
		if (this.#lengths[index] === length && this.#isSame(this.#at[index] as number, at, length)) {
			from.skip(length);
			return this.#names[index] as string;
		}
		const name = from.text(length);
		this.#at[index] = at;
		this.#lengths[index] = length;
		this.#names[index] = name;
		return name;
	}

	#isSame(before: number, at: number, length: number): boolean {
		const of = this.#of;
		for (let index = 0; index < length; index++) if (of[before + index] !== of[at + index]) return false;
		return at + length <= of.length;
	}
}

/** Begins the key of a record that has none, in a topic that asks for one (see the appender). */
export const NO_KEY = "\u0000assent/no-key/";

const keyOf = (key: string): string | null => (key.startsWith(NO_KEY) ? null : key);

const NO_BYTES = new Uint8Array(0);

/** `assent topics create` sets `compression.type=uncompressed`, so that the broker unpacks what other clients pack. */
function decompressed(codec: number, bytes: Buffer): Buffer | string {
	if (codec === 0) return bytes;
	try {
		if (codec === 1) return gunzipSync(bytes, { maxOutputLength: DECOMPRESSED_MAX });
		if (codec === 4) return zstdDecompressSync(bytes, { maxOutputLength: DECOMPRESSED_MAX });
	} catch (thrown) {
		return `a compressed batch does not unpack: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
	}
	return `compression ${codec === 2 ? "snappy" : codec === 3 ? "lz4" : codec}`;
}
