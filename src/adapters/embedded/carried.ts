/**
 * Records that came along with a poke, for the first read that asks for them: it need not ask the file. They are what the
 * file holds: whoever may write to a process's socket may write the file, and a poke comes after its commit.
 */
import type { Offset } from "../../core/model/units.ts";
import type { LogRecord, TopicPartition } from "../../ports/log/log.ts";
import { PartitionMap } from "../../ports/log/partition-map.ts";
import type { CarriedRecords } from "./poker.ts";
import { headersFrom } from "./stored-headers.ts";

/** Most records of one partition that are kept; a reader that lags so far reads the file. */
const RECORDS_MAX = 64;
/** What nobody has asked for after this long is forgotten: it may be gone from the file. */
const KEPT_MS = 1_000;

interface Run {
	readonly records: readonly LogRecord[];
	readonly from: Offset;
	/** Of performance.now. */
	readonly keptUntil: number;
}

export class Carried {
	readonly #runs = new PartitionMap<Run>();

	/** Keeps what `text` holds, records from `base` on; what is no CarriedRecords is ignored. */
	keep(place: TopicPartition, base: Offset, text: string): void {
		const records = recordsFrom(place, base, text);
		if (records === null) return;
		const before = this.#runs.get(place);
		const isNext = before !== undefined && before.from + before.records.length === base;
		const all = isNext ? [...before.records, ...records] : records;
		const kept = all.length > RECORDS_MAX ? records : all;
		this.#runs.set(place, {
			records: kept,
			from: kept[0]?.offset ?? base,
			keptUntil: performance.now() + KEPT_MS,
		});
	}

	/** The records from `from` on, once; null where the file must be asked. */
	take(
		place: TopicPartition,
		from: Offset,
		max: { readonly recordsMax: number; readonly bytesMax: number },
	): readonly LogRecord[] | null {
		const run = this.#runs.get(place);
		if (run === undefined) return null;
		this.#runs.delete(place);
		const records = run.records.slice(from - run.from);
		if (from < run.from || records.length === 0 || records.length > max.recordsMax) return null;
		if (performance.now() > run.keptUntil || weightOf(records) > max.bytesMax) return null;
		return records;
	}
}

const weightOf = (records: readonly LogRecord[]): number =>
	records.reduce((sum, { key, value }) => sum + value.length + (key?.length ?? 0), 0);

/** Null: it is none. */
function recordsFrom({ topic, partition }: TopicPartition, base: Offset, text: string): readonly LogRecord[] | null {
	try {
		const { timestamp, records } = JSON.parse(text) as CarriedRecords;
		return records.map(([key, headers, value], index) => ({
			topic,
			partition,
			offset: base + index,
			timestamp,
			key,
			value: Buffer.from(value, "base64"),
			headers: headersFrom(headers),
		}));
	} catch {
		return null;
	}
}
