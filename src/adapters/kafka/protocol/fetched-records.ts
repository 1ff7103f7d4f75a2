/**
 * The records of one batch: kafka.apache.org/documentation/#recordbatch. What is inside a batch is a client's: a record's
 * place is where it lies in its batch, whatever it says of itself, and hostile headers must not stop the process.
 */
import type { EpochMs, Offset } from "../../../core/model/units.ts";
import type { Headers } from "../../../ports/log/log.ts";
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
	readonly #bytes: Buffer;
	readonly #at: number[] = [];
	readonly #names: string[] = [];
	readonly #lengths: number[] = [];

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
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
		const bytes = this.#bytes;
		for (let index = 0; index < length; index++) if (bytes[before + index] !== bytes[at + index]) return false;
		return at + length <= bytes.length;
	}
}

/** Begins the key of a record that has none, in a topic that asks for one (see the appender). */
export const NO_KEY = "\u0000assent/no-key/";

const keyOf = (key: string): string | null => (key.startsWith(NO_KEY) ? null : key);

const NO_BYTES = new Uint8Array(0);
