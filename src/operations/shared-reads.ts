/**
 * Reads that several make of a log at about the same place: made once, so that a thousand who listen cost hardly more than one. Records
 * do not change: a batch that was read is good for as long as it is kept, and what is derived from a record is the same for all.
 */
import type { DurationMs, Offset } from "../core/model/units.ts";
import type { Log, LogRecord, TopicPartition } from "../ports/log/log.ts";

/** A topic that was deleted and made has other records under the same offsets. */
const KEPT_MS: DurationMs = 1_000;
const BATCHES_MAX = 64;
/** Bytes of a batch: a larger one is read by each for itself. */
const BATCH_BYTES_MAX = 262_144;

export const RECORDS_MAX = 100;

interface Batch {
	readonly records: Promise<readonly LogRecord[]>;
	readonly at: number;
}

const readsOf = new WeakMap<Log, Map<string, Batch>>();

/** At most RECORDS_MAX from `from` on; throws what `log.read` throws. */
export function readShared(
	log: Log,
	{ topic, partition }: TopicPartition,
	from: Offset,
): Promise<readonly LogRecord[]> {
	const batches = readsOf.get(log) ?? new Map<string, Batch>();
	readsOf.set(log, batches);
	const key = `${topic}/${partition}/${from}`;
	const now = performance.now();
	const kept = batches.get(key);
	if (kept !== undefined && now - kept.at < KEPT_MS) return kept.records;
	const records = log.read({ topic, partition }, from, { recordsMax: RECORDS_MAX });
	const batch = { records, at: now };
	batches.delete(key);
	batches.set(key, batch);
	const forget = (): void => {
		if (batches.get(key) === batch) batches.delete(key);
	};
	// What is empty will not be for long.
	records.then((read) => {
		if (read.length === 0 || bytesOf(read) > BATCH_BYTES_MAX) forget();
	}, forget);
	const [oldest] = batches.keys();
	if (batches.size > BATCHES_MAX && oldest !== undefined) batches.delete(oldest);
	return records;
}

const bytesOf = (records: readonly LogRecord[]): number => records.reduce((sum, { value }) => sum + value.length, 0);

/** What `derive` makes of an item, once for as long as the item is there. */
export function derivedOnce<Item extends object, Out>(derive: (item: Item) => Out): (item: Item) => Out {
	const known = new WeakMap<Item, { readonly out: Out }>();
	return (item) => {
		let found = known.get(item);
		if (found === undefined) {
			found = { out: derive(item) };
			known.set(item, found);
		}
		return found.out;
	};
}
