/**
 * The answer to Fetch (version 11), with its record batches (magic 2): kafka.apache.org/protocol and
 * kafka.apache.org/documentation/#recordbatch. Read here and not by kafkajs, which copies all headers of a record for each
 * header (a hostile record would stop the process) and decompresses without bound.
 *
 * What the broker vouches for is told from what a client wrote. A batch's place, length and checksum are the broker's: where
 * they do not fit, the answer is damaged and is asked for again. What lies inside is a client's: a batch that does not
 * unpack stands in the log all the same, as records that say why they cannot be read, and a record's place is where it
 * lies in its batch, whatever it says of itself.
 */
import type { EpochMs, Offset } from "../../../core/model/units.ts";
import type { Headers } from "../../../ports/log/log.ts";
import { unpack } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { Reader } from "./reader.ts";

export interface FetchedRecord {
	readonly offset: Offset;
	readonly timestamp: EpochMs;
	readonly key: string | null;
	readonly value: Uint8Array;
	readonly headers: Headers;
	/** Of key and value. */
	readonly bytes: number;
	/** Why its batch cannot be read; then key, value and headers are empty. */
	readonly unreadable?: string;
}

export interface FetchedPartition {
	/** With the deployment's prefix. */
	readonly topic: string;
	readonly partition: number;
	readonly errorCode: number;
	/** End of what is replicated: the offset after the last record that may be read. */
	readonly highWatermark: Offset;
	/** At or after the offset that was asked for, of whole batches; without those of transactions that were not committed. */
	readonly records: readonly FetchedRecord[];
	/** Everything before this offset is known; null when no whole batch came. Batches can be empty. */
	readonly next: Offset | null;
	/** The topic is dense, and no batch holds the offsets up to this one. Null when there is no such hole. */
	readonly holeUntil: Offset | null;
	/** Why the rest of the answer cannot be believed; null when all of it can. */
	readonly damaged: string | null;
}

export interface Fetched {
	readonly errorCode: number;
	readonly partitions: readonly FetchedPartition[];
}

/** What was asked for of one partition. */
export interface Asked {
	/** With the deployment's prefix. */
	readonly topic: string;
	readonly partition: number;
	readonly at: Offset;
	/** Nothing but retention removes records from it: batches follow one another without holes. */
	readonly isDense: boolean;
}

/** After so many unpacked bytes of one answer the rest of it, of whichever partition, is left for the next one. */
const UNPACKED_ENOUGH = 32 * 1024 * 1024;
/** So many records of one partition are taken from one answer. */
const RECORDS_MAX = 20_000;
/** More of them are in no batch that a producer of calls would send. */
const BATCH_RECORDS_MAX = 131_072;
/** Headers of a record beyond this number are not looked at. */
const HEADERS_MAX = 128;
const TRANSACTIONAL = 0x10;
const CONTROL_BATCH = 0x20;
const LOG_APPEND_TIME = 0x08;
/** Type of a control batch's record. */
const ABORT_MARK = 0;
/** From the partition leader's epoch, where a batch's length begins to count: up to the checksum, and up to what it covers. */
const HEAD_BYTES = 49;
const CHECKED_AT = 9;

/** Throws a RangeError at an answer that ends too early, or goes backwards. */
export function decodeFetch(payload: Buffer, asked: readonly Asked[]): Fetched {
	const from = new Reader(payload);
	from.skip(4);
	const errorCode = from.int16();
	from.skip(4);
	const partitions: FetchedPartition[] = [];
	const unpacked = { bytes: 0 };
	for (let topics = from.int32(); topics > 0; topics--) {
		const topic = from.text(from.int16());
		for (let count = from.int32(); count > 0; count--) {
			const answered = partitionOf(topic, from);
			const of = asked.find((each) => each.topic === topic && each.partition === answered.partition);
			if (of !== undefined) partitions.push(new Batches(answered, of, unpacked).read());
		}
	}
	return { errorCode, partitions };
}

/** A partition's answer before its batches are looked at. */
interface Answered extends Pick<FetchedPartition, "topic" | "partition" | "errorCode" | "highWatermark"> {
	/** Transactions that were not committed, by where they begin. */
	readonly aborted: { readonly producer: number; readonly first: Offset }[];
	readonly batches: Buffer;
}

function partitionOf(topic: string, from: Reader): Answered {
	const partition = from.int32();
	const errorCode = from.int16();
	const highWatermark = from.int64();
	from.skip(16);
	const aborted: { producer: number; first: Offset }[] = [];
	for (let count = from.int32(); count > 0; count--) aborted.push({ producer: from.int64(), first: from.int64() });
	from.skip(4);
	const batches = from.bytes(Math.max(0, from.int32()));
	return { topic, partition, errorCode, highWatermark, aborted: aborted.sort((a, b) => a.first - b.first), batches };
}

/** A batch's head, as the broker wrote or checked it. */
interface Head {
	readonly base: Offset;
	readonly next: Offset;
	readonly attributes: number;
	readonly firstTimestamp: EpochMs;
	readonly maxTimestamp: EpochMs;
	readonly producer: number;
	readonly count: number;
}

/** One partition's batches, one after the other. */
class Batches {
	readonly #answered: Answered;
	readonly #asked: Asked;
	/** Bytes that were unpacked for the whole answer. */
	readonly #unpacked: { bytes: number };
	readonly #records: FetchedRecord[] = [];
	/** Producers whose transaction, as far as was read, will not be committed. */
	readonly #aborting = new Set<number>();
	#next: Offset | null = null;
	#holeUntil: Offset | null = null;

	constructor(answered: Answered, asked: Asked, unpacked: { bytes: number }) {
		this.#answered = answered;
		this.#asked = asked;
		this.#unpacked = unpacked;
	}

	read(): FetchedPartition {
		const { topic, partition, errorCode, highWatermark } = this.#answered;
		let damaged: string | null = null;
		try {
			this.#readAll(new Reader(this.#answered.batches));
		} catch (thrown) {
			if (!(thrown instanceof RangeError)) throw thrown;
			damaged = thrown.message;
		}
		const [records, next, holeUntil] = [this.#records, this.#next, this.#holeUntil];
		return { topic, partition, errorCode, highWatermark, records, next, holeUntil, damaged };
	}

	#readAll(batches: Reader): void {
		let due = this.#asked.at;
		let isFirst = true;
		// The last batch may be cut: the broker fills the answer to the byte.
		while (batches.left >= 12) {
			const base = batches.int64();
			const length = batches.int32();
			if (length > batches.left) return;
			const bytes = batches.bytes(length);
			const head = readHead(base, bytes);
			// The first one may begin before what was asked for.
			if (isFirst ? head.next <= due : base < due)
				throw new RangeError(`a batch of offsets ${base} to ${head.next - 1} where ${due} is due`);
			if (base > due && this.#asked.isDense) {
				this.#holeUntil = base;
				return;
			}
			if (!this.#take(head, bytes.subarray(HEAD_BYTES))) return;
			due = head.next;
			isFirst = false;
		}
	}

	/** False when the answer has given enough: what is left is asked for again. */
	#take(head: Head, body: Buffer): boolean {
		if (this.#isPassedOver(head, body)) {
			this.#next = head.next;
			return true;
		}
		if (this.#unpacked.bytes >= UNPACKED_ENOUGH) return false;
		const begin = Math.max(head.base, this.#asked.at);
		const room = RECORDS_MAX - this.#records.length;
		if (room <= 0) return false;
		const read = this.#recordsOf(head, body);
		if (typeof read !== "string" && read.length <= room && head.base >= begin) this.#records.push(...read);
		else if (typeof read !== "string") {
			const wanted = read.filter(({ offset }) => offset >= begin);
			this.#records.push(...wanted.slice(0, room));
			const left = wanted[room];
			if (left !== undefined) {
				this.#next = left.offset;
				return false;
			}
		} else {
			const end = Math.min(head.next, begin + room);
			for (let offset = begin; offset < end; offset++) this.#records.push(unreadableRecord(offset, head, read));
			if (end < head.next) {
				this.#next = end;
				return false;
			}
		}
		this.#next = head.next;
		return true;
	}

	/** Marks of transactions, and what a transaction wrote that was not committed: nobody reads those. */
	#isPassedOver({ attributes, producer, next }: Head, body: Buffer): boolean {
		const { aborted } = this.#answered;
		while (aborted[0] !== undefined && aborted[0].first < next)
			this.#aborting.add((aborted.shift() as { producer: number }).producer);
		if ((attributes & CONTROL_BATCH) !== 0) {
			if (markOf(body) === ABORT_MARK) this.#aborting.delete(producer);
			return true;
		}
		return (attributes & TRANSACTIONAL) !== 0 && this.#aborting.has(producer);
	}

	/** Or why none of them can be read. */
	#recordsOf(head: Head, body: Buffer): readonly FetchedRecord[] | string {
		if (head.count > BATCH_RECORDS_MAX) return `it has more than ${BATCH_RECORDS_MAX} records`;
		const bytes = unpack(head.attributes & 0x07, body);
		if (typeof bytes === "string") return bytes;
		this.#unpacked.bytes += bytes.length;
		try {
			return readRecords(head, bytes);
		} catch (thrown) {
			if (thrown instanceof RangeError) return "its records are malformed";
			throw thrown;
		}
	}
}

/** Throws a RangeError at what no broker writes. */
function readHead(base: Offset, bytes: Buffer): Head {
	if (bytes.length < HEAD_BYTES) throw new RangeError(`a batch at offset ${base} of ${bytes.length} bytes`);
	const from = new Reader(bytes);
	from.skip(4);
	const magic = from.int8();
	if (magic !== 2) throw new RangeError(`a batch at offset ${base} of message format ${magic}`);
	const checksum = from.int32() >>> 0;
	if (crc32c(bytes, CHECKED_AT, bytes.length) !== checksum)
		throw new RangeError(`a batch at offset ${base} whose checksum does not fit its bytes`);
	const attributes = from.int16();
	const lastOffsetDelta = from.int32();
	const firstTimestamp = from.int64();
	const maxTimestamp = from.int64();
	const producer = from.int64();
	from.skip(6);
	const count = from.int32();
	const next = base + lastOffsetDelta + 1;
	if (base < 0 || lastOffsetDelta < 0 || !Number.isSafeInteger(next))
		throw new RangeError(`a batch at offset ${base} that ends before it begins`);
	return { base, next, attributes, firstTimestamp, maxTimestamp, producer, count };
}

/** Throws a RangeError at records that are not what the batch's head says. */
function readRecords(head: Head, body: Buffer): readonly FetchedRecord[] {
	const { base, next, attributes, firstTimestamp, maxTimestamp, count } = head;
	if (count < 0 || count > next - base) throw new RangeError("more records than offsets");
	const from = new Reader(body);
	const names = new HeaderNames(body);
	const isAppendTime = (attributes & LOG_APPEND_TIME) !== 0;
	const offsets = new Places(head);
	const found: FetchedRecord[] = [];
	for (let at = 0; at < count; at++) {
		const length = from.varint();
		const end = from.position + length;
		from.skip(1);
		const timestampDelta = from.varint();
		offsets.say(from.varint());
		const keyLength = from.varint();
		const key = keyLength < 0 ? null : keyOf(from.text(keyLength));
		const valueLength = from.varint();
		const value = valueLength < 0 ? NO_BYTES : from.bytes(valueLength);
		const headers = readHeaders(from, names);
		from.goOn(end);
		const timestamp = isAppendTime ? maxTimestamp : firstTimestamp + timestampDelta;
		if (!Number.isSafeInteger(timestamp)) throw new RangeError("a time beyond 2^53");
		found.push({ offset: base + at, timestamp, key, value, headers, bytes: value.length + Math.max(0, keyLength) });
	}
	if (from.left > 0) throw new RangeError("bytes after the last record");
	return offsets.areBelieved ? found.map((record, at) => ({ ...record, offset: base + offsets.at(at) })) : found;
}

/**
 * Where the records of a batch lie. A broker numbers them as they lie there and does not look at what they say of themselves;
 * only a batch from which compaction took some has to be asked, and is believed if what it says can be.
 */
class Places {
	readonly #last: number;
	readonly #isWhole: boolean;
	readonly #said: number[] = [];
	#isOrdered = true;

	constructor({ base, next, count }: Head) {
		this.#last = next - base - 1;
		this.#isWhole = count === next - base;
	}

	say(delta: number): void {
		if (this.#isWhole) return;
		this.#isOrdered &&= delta > (this.#said.at(-1) ?? -1) && delta <= this.#last;
		this.#said.push(delta);
	}

	get areBelieved(): boolean {
		return !this.#isWhole && this.#isOrdered;
	}

	at(index: number): number {
		return this.#said[index] as number;
	}
}

const unreadableRecord = (offset: Offset, head: Head, why: string): FetchedRecord => ({
	offset,
	timestamp: head.maxTimestamp,
	key: null,
	value: NO_BYTES,
	headers: {},
	bytes: 0,
	unreadable: why,
});

/** What a control batch says: 0 for a transaction that is not committed, 1 for one that is; -1 for anything else. */
function markOf(body: Buffer): number {
	const from = new Reader(body);
	from.varint();
	from.skip(1);
	from.varint();
	from.varint();
	if (from.varint() < 4) return -1;
	from.skip(2);
	return from.int16();
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
