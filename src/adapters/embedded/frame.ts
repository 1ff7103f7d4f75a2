/**
 * Appends on their way between threads: many packed into one buffer, which is handed over instead of copied piece by
 * piece. Little-endian; lengths before bytes; -1 stands for null.
 */

import type { EntrySummary } from "../../core/ledger/projections/summary.ts";
import type { EpochMs, Offset } from "../../core/model/units.ts";
import type { OutRecord, TopicPartition } from "../../ports/log/log.ts";

/** One record as the writer binds it; headers are JSON. Texts that came out of a frame are UTF-8. */
export interface WritableRecord<Text = string | Uint8Array> {
	readonly key: Text | null;
	readonly headers: Text;
	readonly value: Uint8Array;
	readonly index: EntrySummary | null;
}

/** An append; `id` comes back with its answer. */
export interface AppendRequest<Text = string> {
	readonly id: number;
	readonly to: TopicPartition;
	readonly records: readonly WritableRecord<Text>[];
	readonly expected: Offset | null;
	readonly isDurable: boolean;
	/** `id` of one before it in the group: written only if that one is. */
	readonly after: number | null;
}

export interface WritableAppend<Text = string | Uint8Array> extends AppendRequest<Text> {
	/** The time that its sender's clock says; null: ask the system's. */
	readonly now: EpochMs | null;
}

/** Its bytes are copied: the caller may write over them. */
export const writable = ({ key, headers, value, index }: OutRecord): WritableRecord<string> => ({
	key,
	headers: JSON.stringify(headers),
	value: Buffer.from(value),
	index: index ?? null,
});

const FRAME_BYTES = 16 * 1024;

export class FrameWriter {
	#buffer = Buffer.allocUnsafeSlow(FRAME_BYTES);
	#length = 12;
	#appends = 0;

	/** Bytes packed so far. */
	get bytes(): number {
		return this.#length;
	}

	get isEmpty(): boolean {
		return this.#appends === 0;
	}

	add({ id, to, records, expected, isDurable, after }: AppendRequest): void {
		this.#appends += 1;
		this.#reserve(40 + to.topic.length * 3);
		this.#double(id);
		this.#text(to.topic);
		this.#int(to.partition);
		this.#double(expected ?? -1);
		this.#int(isDurable ? 1 : 0);
		this.#double(after ?? -1);
		this.#int(records.length);
		for (const { key, value, headers, index } of records) {
			const row = index === null ? null : JSON.stringify(index);
			this.#reserve(16 + (key?.length ?? 0) * 3 + headers.length * 3 + value.length + (row?.length ?? 0) * 3);
			this.#text(key);
			this.#text(headers);
			this.#int(value.length);
			this.#buffer.set(value, this.#length);
			this.#length += value.length;
			this.#text(row);
		}
	}

	/** The packed appends; the writer starts again. `now` null: the receiver asks its own clock. */
	take(now: EpochMs | null): Uint8Array<ArrayBuffer> {
		this.#buffer.writeInt32LE(this.#appends, 0);
		this.#buffer.writeDoubleLE(now ?? -1, 4);
		const frame = this.#buffer.subarray(0, this.#length);
		this.#buffer = Buffer.allocUnsafeSlow(FRAME_BYTES);
		this.#length = 12;
		this.#appends = 0;
		return frame;
	}

	#reserve(bytes: number): void {
		if (this.#length + bytes <= this.#buffer.length) return;
		const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#length + bytes));
		this.#buffer.copy(larger, 0, 0, this.#length);
		this.#buffer = larger;
	}

	#int(value: number): void {
		this.#length = this.#buffer.writeInt32LE(value, this.#length);
	}

	#double(value: number): void {
		this.#length = this.#buffer.writeDoubleLE(value, this.#length);
	}

	#text(text: string | null): void {
		const bytes = text === null ? -1 : this.#buffer.write(text, this.#length + 4, "utf8");
		this.#int(bytes);
		this.#length += Math.max(bytes, 0);
	}
}

/** The appends of a frame; their bytes are views into it. */
export function unpackFrame(frame: Uint8Array): WritableAppend<Uint8Array>[] {
	const buffer = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
	let next = 0;
	const int = () => {
		next += 4;
		return buffer.readInt32LE(next - 4);
	};
	const double = () => {
		next += 8;
		return buffer.readDoubleLE(next - 8);
	};
	const bytes = () => {
		const length = int();
		if (length === -1) return null;
		next += length;
		return buffer.subarray(next - length, next);
	};
	const some = () => bytes() ?? buffer.subarray(0, 0);

	const appends = int();
	const stamp = double();
	const now = stamp === -1 ? null : stamp;
	return Array.from({ length: appends }, () => {
		const id = double();
		const to = { topic: some().toString("utf8"), partition: int() };
		const expected = double();
		const isDurable = int() === 1;
		const after = double();
		const records = Array.from({ length: int() }, () => {
			const key = bytes();
			const headers = some();
			const value = some();
			const row = bytes();
			return { key, headers, value, index: row === null ? null : (JSON.parse(row.toString("utf8")) as EntrySummary) };
		});
		return {
			id,
			to,
			records,
			expected: expected === -1 ? null : expected,
			isDurable,
			after: after === -1 ? null : after,
			now,
		};
	});
}
