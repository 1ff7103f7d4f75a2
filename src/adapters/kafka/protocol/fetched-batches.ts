/**
 * The batches of one partition, one after the other (magic 2). A batch's place, length and checksum are the broker's: where
 * they do not fit, the answer is damaged and is asked for again. A batch that does not unpack is in the log anyway, as records
 * that say why they cannot be read.
 */
import type { Offset } from "../../../core/model/units.ts";
import { unpack } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { type BatchHead, type FetchedRecord, readRecords, unreadableRecord } from "./fetched-records.ts";
import { Reader } from "./reader.ts";

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

/** What was asked for of one partition. */
export interface Asked {
	/** With the deployment's prefix. */
	readonly topic: string;
	readonly partition: number;
	readonly offset: Offset;
	/** Nothing but retention removes records from it: batches follow one another without holes. */
	readonly isDense: boolean;
}

/** A partition's answer before its batches are looked at. */
export interface Answered extends Pick<FetchedPartition, "topic" | "partition" | "errorCode" | "highWatermark"> {
	/** Transactions that were not committed, by where they begin. */
	readonly aborted: { readonly producer: number; readonly first: Offset }[];
	readonly batches: Buffer;
}

/** After this many unpacked bytes of one answer the rest of it, of whichever partition, is left for the next one. */
const UNPACKED_ENOUGH = 32 * 1024 * 1024;
/** This many records of one partition are taken from one answer. */
const RECORDS_MAX = 20_000;
/** More of them are in no batch that a producer of calls would send. */
const BATCH_RECORDS_MAX = 131_072;
const TRANSACTIONAL = 0x10;
const CONTROL_BATCH = 0x20;
/** Type of a control batch's record. */
const ABORT_MARK = 0;
/** From the partition leader's epoch, where a batch's length begins to count: up to the checksum, and up to what it covers. */
const HEAD_BYTES = 49;
const CHECKED_AT = 9;

/** One partition's batches, one after the other. */
export class Batches {
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
		let due = this.#asked.offset;
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
	#take(head: BatchHead, body: Buffer): boolean {
		if (this.#isPassedOver(head, body)) {
			this.#next = head.next;
			return true;
		}
		if (this.#unpacked.bytes >= UNPACKED_ENOUGH) return false;
		const begin = Math.max(head.base, this.#asked.offset);
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
	#isPassedOver({ attributes, producer, next }: BatchHead, body: Buffer): boolean {
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
	#recordsOf(head: BatchHead, body: Buffer): readonly FetchedRecord[] | string {
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
function readHead(base: Offset, bytes: Buffer): BatchHead {
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
