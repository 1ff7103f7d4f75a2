/**
 * The records of one batch: kafka.apache.org/documentation/#recordbatch. What is inside a batch is a client's: a record's
 * place is its place in the batch, whatever it says of itself, and hostile headers must not stop the process.
 */
import type { EpochMs, Offset } from "../../../core/model/units.ts";
import type { Headers } from "../../../ports/log/log.ts";
import { Reader } from "./reader.ts";

export interface FetchedRecord {
	readonly offset: Offset;
	readonly timestamp: EpochMs;
	readonly key: string | null;
	readonly value: Uint8Array;
	/** Made again each time it is asked for. */
	readonly headers: Headers;
	/** Of key and value. */
	readonly bytes: number;
	/** Why its batch cannot be read; then key, value and headers are empty. */
	readonly unreadable?: string;
}

/** A batch's head, as the broker wrote or checked it. */
export interface BatchHead {
	readonly base: Offset;
	readonly next: Offset;
	readonly attributes: number;
	readonly firstTimestamp: EpochMs;
	readonly maxTimestamp: EpochMs;
	readonly producer: number;
	readonly count: number;
}

/** Headers of a record beyond this number are not looked at. */
const HEADERS_MAX = 128;
const LOG_APPEND_TIME = 0x08;

/** Throws a RangeError at records that are not what the batch's head says. */
export function readRecords(head: BatchHead, body: Buffer): readonly FetchedRecord[] {
	const { base, next, attributes, firstTimestamp, maxTimestamp, count } = head;
	if (count < 0 || count > next - base) throw new RangeError("more records than offsets");
	const from = new Reader(body);
	const texts = new HeaderTexts(body);
	const isAppendTime = (attributes & LOG_APPEND_TIME) !== 0;
	const offsets = new Places(head);
	const found: BatchRecord[] = [];
	for (let index = 0; index < count; index++) {
		const length = from.varint();
		const end = from.position + length;
		from.skip(1);
		const timestampDelta = from.varint();
		offsets.say(from.varint());
		const keyLength = from.varint();
		const key = keyLength < 0 ? null : keyOf(from.text(keyLength));
		const valueLength = from.varint();
		const value = valueLength < 0 ? NO_BYTES : from.bytes(valueLength);
		const headers = from.position;
		passOverHeaders(from);
		from.goOn(end);
		const timestamp = isAppendTime ? maxTimestamp : firstTimestamp + timestampDelta;
		if (!Number.isSafeInteger(timestamp)) throw new RangeError("a time beyond 2^53");
		const bytes = value.length + Math.max(0, keyLength);
		found.push(new BatchRecord({ offset: base + index, timestamp, key, value, bytes }, texts, headers));
	}
	if (from.left > 0) throw new RangeError("bytes after the last record");
	if (offsets.areBelieved) for (const [index, record] of found.entries()) record.offset = base + offsets.at(index);
	return found;
}

/** Its headers stay bytes until they are asked for: what waits for its reader is young garbage that collections have to copy. */
class BatchRecord implements FetchedRecord {
	offset: Offset;
	readonly timestamp: EpochMs;
	readonly key: string | null;
	readonly value: Uint8Array;
	readonly bytes: number;
	readonly #texts: HeaderTexts;
	/** Position of its headers in the batch. */
	readonly #headers: number;

	constructor(parts: Omit<FetchedRecord, "headers" | "unreadable">, texts: HeaderTexts, headers: number) {
		this.offset = parts.offset;
		this.timestamp = parts.timestamp;
		this.key = parts.key;
		this.value = parts.value;
		this.bytes = parts.bytes;
		this.#texts = texts;
		this.#headers = headers;
	}

	get headers(): Headers {
		return this.#texts.headersAt(this.#headers);
	}
}

/**
 * The places of a batch's records. A broker numbers them in their order and does not look at what they say of themselves;
 * only a batch from which compaction took some has to be asked, and is believed if what it says is possible.
 */
class Places {
	readonly #last: number;
	readonly #isWhole: boolean;
	readonly #said: number[] = [];
	#isOrdered = true;

	constructor({ base, next, count }: BatchHead) {
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

export const unreadableRecord = (offset: Offset, head: BatchHead, why: string): FetchedRecord => ({
	offset,
	timestamp: head.maxTimestamp,
	key: null,
	value: NO_BYTES,
	headers: {},
	bytes: 0,
	unreadable: why,
});

/** Throws what reading them would throw. */
function passOverHeaders(from: Reader): void {
	for (let left = Math.min(from.varint(), HEADERS_MAX); left > 0; left--) {
		from.skip(from.varint());
		const length = from.varint();
		if (length >= 0) from.skip(length);
	}
}

const OWN = { enumerable: true, configurable: true, writable: true } as const;

/** Records of a batch mostly have the same headers, and most of their texts: one that is as in the record read before is not decoded again. */
class HeaderTexts {
	readonly #batch: Buffer;
	/** Names and contents of the record read before, in their order: where each begins, how long it is, what it says. */
	readonly #begins: number[] = [];
	readonly #lengths: number[] = [];
	readonly #texts: string[] = [];

	constructor(batch: Buffer) {
		this.#batch = batch;
	}

	/** The headers at a position that `passOverHeaders` has passed over. */
	headersAt(position: number): Headers {
		const from = new Reader(this.#batch, position);
		const headers: Record<string, string> = {};
		const count = Math.min(from.varint(), HEADERS_MAX);
		for (let index = 0; index < count; index++) {
			const name = this.#read(from, 2 * index, from.varint());
			const length = from.varint();
			const content = length < 0 ? "" : this.#read(from, 2 * index + 1, length);
			// Set, it would become what the object inherits from.
			if (name === "__proto__") Object.defineProperty(headers, name, { ...OWN, value: content });
			else headers[name] = content;
		}
		return headers;
	}

	/** The `index`th text of its record. */
	#read(from: Reader, index: number, length: number): string {
		const begin = from.position;
		if (this.#lengths[index] === length && this.#isSame(this.#begins[index] as number, begin, length)) {
			from.skip(length);
			return this.#texts[index] as string;
		}
		const text = from.text(length);
		// Dense, whichever record has no content where another has one.
		for (let last = this.#lengths.length; last < index; last++) this.#keep(last, 0, -1, "");
		this.#keep(index, begin, length, text);
		return text;
	}

	#keep(index: number, begin: number, length: number, text: string): void {
		this.#begins[index] = begin;
		this.#lengths[index] = length;
		this.#texts[index] = text;
	}

	/** From the end on, where ids and times differ. */
	#isSame(before: number, begin: number, length: number): boolean {
		const batch = this.#batch;
		for (let index = length - 1; index >= 0; index--) if (batch[before + index] !== batch[begin + index]) return false;
		return begin + length <= batch.length;
	}
}

/** Begins the key of a record that has none, in a topic that asks for one (see the appender). */
export const NO_KEY = "\u0000assent/no-key/";

const keyOf = (key: string): string | null => (key.startsWith(NO_KEY) ? null : key);

const NO_BYTES = new Uint8Array(0);
