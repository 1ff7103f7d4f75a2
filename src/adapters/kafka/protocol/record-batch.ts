/**
 * Record batches (magic 2) in the making: kafka.apache.org/documentation/#recordbatch. A record is written when it is
 * handed over, which is the one time that its bytes are copied by themselves. Written here and not by kafkajs, whose
 * encoder makes a buffer of 512 bytes for every header of every record: that was half of a busy processor's time.
 */
import type { DurationMs, EpochMs } from "../../../core/model/units.ts";
import type { OutRecord } from "../../../ports/log/log.ts";
import { Reader } from "./reader.ts";
import { varintSize, Writer } from "./writer.ts";

/** What a record of a batch is made of. */
export type BatchRecord = Pick<OutRecord, "key" | "value" | "headers">;

const LENGTH_AT = 8;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const TIMES_AT = 27;
const COUNT_AT = 57;
const RECORDS_AT = 61;
/** Neither idempotent nor in a transaction. */
const NO_PRODUCER = -1;
const BYTES = 16 * 1024;

/** Between the first time of a batch and any other in it: what is written as the difference has 32 bits. */
export const TIMES_MAX_MS: DurationMs = 2 ** 30;

export class RecordBatch {
	readonly #to = new Writer(BYTES);
	count = 0;
	/** The times of its records, where they have times of their own. */
	#times: { readonly first: EpochMs; readonly last: EpochMs } | null = null;

	constructor() {
		this.clear();
	}

	/** Bytes that it keeps, whatever is written. */
	get capacity(): number {
		return this.#to.capacity;
	}

	/** Starts again in the same bytes. */
	clear(): void {
		const to = this.#to;
		this.count = 0;
		this.#times = null;
		to.position = 0;
		to.int64(0);
		to.int32(0);
		to.int32(-1);
		to.int8(2);
		to.int32(0);
		to.int16(0);
		to.int32(0);
		to.int64(0);
		to.int64(0);
		to.int64(NO_PRODUCER);
		to.int16(-1);
		to.int32(-1);
		to.int32(0);
	}

	/** `at`: the record's own time, no further from the batch's first than TIMES_MAX_MS; of all its records, or of none. */
	add({ key, value, headers }: BatchRecord, at?: EpochMs): void {
		const to = this.#to;
		const names = Object.keys(headers);
		const delta = this.#deltaOf(at);
		// Right if all text is ASCII, as it nearly always is; else the record is moved by a byte.
		let size = this.#headSize(key, delta) + sizeOf(value.length) + varintSize(names.length);
		for (const name of names) size += sizeOf(name.length) + sizeOf((headers[name] as string).length);
		const begin = this.#open(key, delta, size);
		to.varint(value.length);
		to.copy(value);
		to.varint(names.length);
		for (const name of names) {
			to.varString(name);
			to.varString(headers[name] as string);
		}
		to.closeVarint(begin, size);
		this.count += 1;
	}

	/** Gives every record without a key one of its own; false when all have one. */
	giveKeys(make: () => string): boolean {
		const from = new Reader(Buffer.from(this.#to.bytes()), RECORDS_AT);
		const { count } = this;
		const times = this.#times;
		let given = 0;
		this.clear();
		this.#times = times;
		while (this.count < count) {
			const end = from.varint() + from.position;
			// Attributes.
			from.skip(1);
			const delta = from.varint();
			from.varint();
			const length = from.varint();
			const key = length < 0 ? make() : from.text(length);
			if (length < 0) given += 1;
			const rest = from.bytes(end - from.position);
			const size = this.#headSize(key, delta) + rest.length;
			const begin = this.#open(key, delta, size);
			this.#to.copy(rest);
			this.#to.closeVarint(begin, size);
			this.count += 1;
		}
		return given > 0;
	}

	/**
	 * The whole batch, valid until it is cleared. `time`, or the records' own, is kept where the topic has CreateTime; the broker's own
	 * time replaces it elsewhere.
	 */
	bytes(time: EpochMs): Buffer {
		const to = this.#to;
		const { first, last } = this.#times ?? { first: time, last: time };
		to.patchInt32(LENGTH_AT, to.position - LENGTH_AT - 4);
		to.patchInt32(LAST_DELTA_AT, this.count - 1);
		to.patchInt64(TIMES_AT, first);
		to.patchInt64(TIMES_AT + 8, last);
		to.patchInt32(COUNT_AT, this.count);
		to.patchCrc(CRC_AT, ATTRIBUTES_AT);
		return to.bytes();
	}

	/** Of a record's time to the batch's. */
	#deltaOf(at: EpochMs | undefined): number {
		if (at === undefined) return 0;
		const { first, last } = this.#times ?? { first: at, last: at };
		this.#times = { first, last: Math.max(last, at) };
		return at - first;
	}

	/** Up to the key, if that is ASCII. */
	#headSize(key: string | null, delta: number): number {
		return 1 + varintSize(delta) + varintSize(this.count) + sizeOf(key?.length ?? -1);
	}

	/** Begins a record; what it returns is for `closeVarint`. */
	#open(key: string | null, delta: number, size: number): number {
		const to = this.#to;
		const begin = to.openVarint(size);
		// Attributes.
		to.int8(0);
		to.varint(delta);
		to.varint(this.count);
		if (key === null) to.varint(-1);
		else to.varString(key);
		return begin;
	}
}

const sizeOf = (length: number): number => varintSize(length) + Math.max(0, length);
