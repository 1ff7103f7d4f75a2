/**
 * Many records in one value. Each value that SQLite hands over costs more than most records take to be read, and whoever reads a ledger
 * from its beginning reads millions.
 */
import type { DatabaseSync } from "node:sqlite";
import type { AssentError } from "../../core/base/errors.ts";
import { recentName } from "../../core/codec/recent-names.ts";
import type { EpochMs, Offset } from "../../core/model/units.ts";
import type { Headers, LateHeaders, LogRecord, TopicPartition } from "../../ports/log/log.ts";
import { checksumWithin, PLACE_BYTES } from "./checksum.ts";
import { corrupt } from "./sqlite.ts";
import { HeaderReader } from "./stored-headers.ts";

export interface PageAsked {
	readonly from: TopicPartition;
	/** The topic's `id` in `topics`. */
	readonly topic: number;
	readonly offset: Offset;
	readonly recordsMax: number;
	/** Of keys, headers and values; at least one record. */
	readonly bytesMax: number;
	/** False: those of the records may be late. */
	readonly hasHeaders: boolean;
}

/** Of keys, headers and values of one record. A larger one ends the page before it: what SQLite puts together has bounds. */
const RECORD_BYTES_MAX = 65_536 * 2;

export class PageReader {
	readonly #statement: ReturnType<typeof prepare>;
	readonly #headers = new HeaderReader();
	readonly #path: string;

	constructor(db: DatabaseSync, path: string) {
		this.#path = path;
		this.#statement = prepare(db);
	}

	/** None where there are none, or the first is a large one. Throws ASSENT_LOG_CORRUPT. */
	read({ from, topic, offset: first, recordsMax, bytesMax, hasHeaders }: PageAsked): LogRecord[] {
		const row = this.#statement.get(RECORD_BYTES_MAX, topic, from.partition, first, recordsMax);
		const [bytes] = row as unknown as readonly [Uint8Array | null];
		if (bytes === null) return [];
		const page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const headersIn = (offset: Offset, at: number, end: number): Headers => {
			try {
				return this.#headers.read(page, at, end);
			} catch {
				throw wrongHeaders(this.#path, from, offset);
			}
		};
		const late = hasHeaders ? null : new PageHeaders(first, recordsMax, headersIn);
		const checksumOf = checksumWithin(page, topic, from.partition);
		const numbers = new Numbers(page);
		const records: LogRecord[] = [];
		let sum = 0;
		while (numbers.at < page.length) {
			const offset = numbers.next();
			const timestamp = numbers.next();
			const checksum = numbers.next();
			const keyBytes = numbers.next();
			const headerBytes = numbers.next();
			const valueBytes = numbers.next();
			const length = Math.max(keyBytes, 0) + headerBytes + valueBytes;
			sum += length;
			if (length > RECORD_BYTES_MAX || (sum > bytesMax && records.length > 0)) break;
			const keyAt = numbers.at + ROOM.length;
			const headersAt = keyAt + Math.max(keyBytes, 0);
			const valueAt = headersAt + headerBytes;
			const end = valueAt + valueBytes;
			numbers.at = end;
			if (checksumOf(offset, timestamp, keyAt - PLACE_BYTES, end) !== checksum)
				throw wrongChecksum(this.#path, from, offset);
			if (!isTime(timestamp)) throw wrongTime(this.#path, from, offset);
			const { topic, partition } = from;
			const key = keyBytes < 0 ? null : textOf(page, keyAt, headersAt);
			const value = page.subarray(valueAt, end);
			if (late?.keep(offset, headersAt, valueAt) === true) {
				records.push({ topic, partition, offset, timestamp, key, value, headers: NO_HEADERS, late });
			} else {
				const headers = headersIn(offset, headersAt, valueAt);
				records.push({ topic, partition, offset, timestamp, key, value, headers });
			}
		}
		return records;
	}
}

export const wrongChecksum = (path: string, { topic, partition }: TopicPartition, offset: Offset): AssentError =>
	corrupt(path, `the checksum of \`${topic}/${partition}\` offset ${offset} does not fit its bytes`);

/** The latest that a date can be; no clock that stamps records is before 1970. */
const TIME_MAX: EpochMs = 8.64e15;

export const isTime = (timestamp: EpochMs): boolean => timestamp >= 0 && timestamp <= TIME_MAX;

export const wrongTime = (path: string, { topic, partition }: TopicPartition, offset: Offset): AssentError =>
	corrupt(path, `the time of \`${topic}/${partition}\` offset ${offset} is none that a log stamps`);

/** Whoever can write the file can write a checksum that fits: headers are an object of texts, or the file is damaged. */
export const wrongHeaders = (path: string, { topic, partition }: TopicPartition, offset: Offset): AssentError =>
	corrupt(path, `the headers of \`${topic}/${partition}\` offset ${offset} are not an object of texts`);

const NO_HEADERS: Headers = Object.freeze({});

const textOf = (page: Buffer, from: number, end: number): string =>
	recentName(page, from, end) ?? page.toString("utf8", from, end);

/** Where headers lie in a page, for whoever asks for those of a few records. */
class PageHeaders implements LateHeaders {
	readonly #first: Offset;
	/** By offset: where they begin and end. */
	readonly #spans: Float64Array;
	readonly #read: (offset: Offset, from: number, end: number) => Headers;

	constructor(first: Offset, recordsMax: number, read: (offset: Offset, from: number, end: number) => Headers) {
		this.#first = first;
		this.#spans = new Float64Array(2 * recordsMax);
		this.#read = read;
	}

	/** False where there is no room: offsets are missing before it. */
	keep(offset: Offset, from: number, end: number): boolean {
		const place = 2 * (offset - this.#first);
		if (place >= this.#spans.length) return false;
		this.#spans[place] = from;
		this.#spans[place + 1] = end;
		return true;
	}

	of(offset: Offset): Headers {
		const place = 2 * (offset - this.#first);
		return this.#read(offset, this.#spans[place] as number, this.#spans[place + 1] as number);
	}
}

/** Integers in decimal digits, each with a comma behind it. */
class Numbers {
	readonly #page: Buffer;
	at = 0;

	constructor(page: Buffer) {
		this.#page = page;
	}

	next(): number {
		const page = this.#page;
		let at = this.at;
		let byte = page[at++] as number;
		const isNegative = byte === MINUS;
		if (isNegative) byte = page[at++] as number;
		let number = 0;
		while (byte !== COMMA) {
			number = 10 * number + byte - ZERO;
			byte = page[at++] as number;
		}
		this.at = at;
		return isNegative ? -number : number;
	}
}

const MINUS = 0x2d;
const COMMA = 0x2c;
const ZERO = 0x30;

/** Before each record for its place, which its checksum covers: so one sum is over bytes that lie together. */
const ROOM = "-".repeat(PLACE_BYTES);

/** Of each record: offset, time, checksum, lengths of key (-1: none), headers and value, then room and these three, if they are not too long. */
function prepare(db: DatabaseSync) {
	const lengths = "ifnull(octet_length(key), -1), ',', octet_length(headers), ',', octet_length(value), ','";
	const isShort = "ifnull(octet_length(key), 0) + octet_length(headers) + octet_length(value) <= ?";
	const bytes = `CASE WHEN ${isShort} THEN concat('${ROOM}', key, headers, value) END`;
	const statement = db.prepare(
		`SELECT CAST(group_concat(concat(off, ',', ts, ',', crc, ',', ${lengths}, ${bytes}), '') AS BLOB) FROM ` +
			"(SELECT off, ts, crc, key, headers, value FROM records WHERE topic = ? AND part = ? AND off >= ? ORDER BY off LIMIT ?)",
	);
	statement.setReturnArrays(true);
	return statement;
}
