/**
 * Record batches (magic 2) in the making: kafka.apache.org/documentation/#recordbatch. A record is written when it is
 * handed over, which is the one time that its bytes are copied by themselves. Written here and not by kafkajs, whose
 * encoder makes a buffer of 512 bytes for every header of every record: that was half of a busy processor's time.
 */
import type { EpochMs } from "../../../core/model/units.ts";
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

export class RecordBatch {
	readonly #to = new Writer(BYTES);
	count = 0;

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

	add({ key, value, headers }: BatchRecord): void {
		const to = this.#to;
		const names = Object.keys(headers);
		// Right if all text is ASCII, as it nearly always is; else the record is moved by a byte.
		let size = this.#headSize(key) + sizeOf(value.length) + varintSize(names.length);
		for (const name of names) size += sizeOf(name.length) + sizeOf((headers[name] as string).length);
		const begin = this.#open(key, size);
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
		let given = 0;
		this.clear();
		while (this.count < count) {
			const end = from.varint() + from.position;
			// Attributes, and no difference to the batch's time.
			from.skip(2);
			from.varint();
			const length = from.varint();
			const key = length < 0 ? make() : from.text(length);
			if (length < 0) given += 1;
			const rest = from.bytes(end - from.position);
			const size = this.#headSize(key) + rest.length;
			const begin = this.#open(key, size);
			this.#to.copy(rest);
			this.#to.closeVarint(begin, size);
			this.count += 1;
		}
		return given > 0;
	}

	/**
	 * The whole batch, valid until it is cleared. `time` is kept where the topic has CreateTime; the broker's own time
	 * replaces it elsewhere.
	 */
	bytes(time: EpochMs): Buffer {
		const to = this.#to;
		to.patchInt32(LENGTH_AT, to.position - LENGTH_AT - 4);
		to.patchInt32(LAST_DELTA_AT, this.count - 1);
		to.patchInt64(TIMES_AT, time);
		to.patchInt64(TIMES_AT + 8, time);
		to.patchInt32(COUNT_AT, this.count);
		to.patchCrc(CRC_AT, ATTRIBUTES_AT);
		return to.bytes();
	}

	/** Up to the key, if that is ASCII. */
	#headSize(key: string | null): number {
		return 2 + varintSize(this.count) + sizeOf(key?.length ?? -1);
	}

	/** Begins a record; what it returns is for `closeVarint`. */
	#open(key: string | null, size: number): number {
		const to = this.#to;
		const begin = to.openVarint(size);
		// Attributes, and no difference to the batch's time.
		to.int8(0);
		to.varint(0);
		to.varint(this.count);
		if (key === null) to.varint(-1);
		else to.varString(key);
		return begin;
	}
}

const sizeOf = (length: number): number => varintSize(length) + Math.max(0, length);
