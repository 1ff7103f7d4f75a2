/** Records of one partition that were fetched and not read yet: dense reading without asking the broker each time. */
import type { EpochMs, Offset } from "../../../core/model/units.ts";
import type { LogRecord, ReadOptions, TopicPartition } from "../../../ports/log/log.ts";
import type { FetchedPartition } from "../protocol/fetched-batches.ts";
import type { FetchedRecord } from "../protocol/fetched-records.ts";

export class Window {
	/** The first offset that this window says anything about. */
	#from: Offset;
	#records: readonly FetchedRecord[] = [];
	/** Index of the first record that was not read over. */
	#head = 0;
	/** The offset to fetch next: everything from `#from` to here is known. */
	next: Offset;
	bytes = 0;
	usedAt: EpochMs = 0;

	constructor(offset: Offset) {
		this.#from = offset;
		this.next = offset;
	}

	/** Whether reading at `offset` can be answered from here: there is a record at or after it. */
	holds(offset: Offset): boolean {
		return offset >= this.#from && offset < this.next && (this.#records.at(-1)?.offset ?? -1) >= offset;
	}

	/** Adds what was fetched at `next`. */
	add(fetched: FetchedPartition): void {
		const fresh = fetched.records.filter((record) => record.offset >= this.next);
		this.#records = this.#head >= this.#records.length ? fresh : [...this.#records.slice(this.#head), ...fresh];
		this.#head = 0;
		for (const record of fresh) this.bytes += record.bytes;
		if (fetched.next !== null && fetched.next > this.next) this.next = fetched.next;
	}

	/** Begins again at `offset`. */
	reset(offset: Offset): void {
		this.#from = offset;
		this.next = offset;
		this.#records = [];
		this.#head = 0;
		this.bytes = 0;
	}

	/** Forgets the records before `offset`: reading goes forwards. */
	passOver(offset: Offset): void {
		while (this.#head < this.#records.length) {
			const record = this.#records[this.#head] as FetchedRecord;
			if (record.offset >= offset) break;
			this.bytes -= record.bytes;
			this.#head += 1;
		}
		this.#from = Math.max(this.#from, Math.min(offset, this.next));
	}

	/** Records from `offset` on. */
	read(
		place: TopicPartition,
		offset: Offset,
		{ recordsMax, bytesMax }: Required<Pick<ReadOptions, "recordsMax" | "bytesMax">>,
	): LogRecord[] {
		this.passOver(offset);
		const found: LogRecord[] = [];
		let bytes = 0;
		for (let index = this.#head; index < this.#records.length && found.length < recordsMax; index++) {
			const record = this.#records[index] as FetchedRecord;
			bytes += record.bytes;
			if (bytes > bytesMax && found.length > 0) break;
			const { offset, timestamp, key, value, headers, unreadable } = record;
			const read = { topic: place.topic, partition: place.partition, offset, timestamp, key, value, headers };
			found.push(unreadable === undefined ? read : { ...read, unreadable });
		}
		return found;
	}
}
