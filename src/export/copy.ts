/**
 * A log copied as it is: records at their offsets, with their times, keys, headers and bytes.
 *
 * C1  The cut is consistent while others write: what follows from an entry is cut before the ledgers, what an entry follows from after
 *     them. So each checkpoint has its entries, and each entry its cause and its bundle. The partitions of a topic are cut at one moment:
 *     the anchor has the checkpoints that it holds.
 * C2  Nothing is left out in silence: offsets that are missing between others, and records that the log cannot read, are told.
 */
import { AssentError, problem } from "../core/base/errors.ts";
import { decodeEntry } from "../core/codec/decode.ts";
import { summaryOf } from "../core/ledger/projections/summary.ts";
import { emptyHead, judgeRecord, type LedgerHead } from "../core/ledger/validity.ts";
import type { Offset } from "../core/model/units.ts";
import { Breath } from "../ports/breath.ts";
import type { CopiedRecord, CopyTarget } from "../ports/log/copy.ts";
import { type Log, type LogRecord, TOPICS, type TopicPartition, type TopicSpec } from "../ports/log/log.ts";
import { interrupted } from "../reading/partition-view.ts";
import { settledBounds } from "../reading/settled-bounds.ts";

/** In the order in which their ends are taken (C1). Replies and snapshots are left out: both are made again. */
export const COPIED_TOPICS = [
	TOPICS.checkpoints,
	TOPICS.violations,
	TOPICS.deadLetters,
	TOPICS.decisions,
	TOPICS.control,
	TOPICS.intents,
	TOPICS.policies,
] as const;

interface Bounds {
	readonly begin: Offset;
	readonly end: Offset;
}

/** What is copied of a topic, by partition. */
export interface TopicCut extends TopicSpec {
	readonly bounds: readonly Bounds[];
}

/** With the ledgers last: as long as they are not there, nobody takes what else is there for a log that is whole. */
export const ledgersLast = ({ topics, empty }: Cut): Cut => {
	const isLedger = ({ name }: TopicCut): boolean => name === TOPICS.decisions;
	return { topics: [...topics.filter((topic) => !isLedger(topic)), ...topics.filter(isLedger)], empty };
};

export interface Cut {
	readonly topics: readonly TopicCut[];
	/** The other topics, of which nothing is copied. */
	readonly empty: readonly TopicSpec[];
}

/** Throws ASSENT_LOG_TOPIC where there is no ledger, and what the log throws. */
export async function takeCut(log: Log): Promise<Cut> {
	const shapes = await log.admin().shapes();
	const topics: TopicCut[] = [];
	for (const name of COPIED_TOPICS) {
		const shape = shapes.find((each) => each.name === name);
		if (shape === undefined && name === TOPICS.decisions) throw noLedger(log);
		if (shape === undefined) continue;
		topics.push({ ...shape, bounds: await settledBounds(log, name, shape.partitions) });
	}
	const others = Object.values(TOPICS).filter((name) => !topics.some((topic) => topic.name === name));
	return { topics, empty: others.flatMap((name) => shapes.find((shape) => shape.name === name) ?? []) };
}

const noLedger = (log: Log): AssentError =>
	new AssentError(
		problem("ASSENT_LOG_TOPIC", `${log.url} has no topic \`decisions\``, "name a log of Assent: `--log URL`"),
	);

/** Records that are read: each once, and those of the ledgers once more, for their trees. */
export const recordsRead = ({ topics }: Cut): number =>
	topics.reduce((sum, { name, bounds }) => {
		const records = bounds.reduce((all, { begin, end }) => all + end - begin, 0);
		return sum + (name === TOPICS.decisions ? 2 : 1) * records;
	}, 0);

/** Offsets `from` … `to` - 1, at which nothing is. */
interface Gap {
	readonly from: Offset;
	readonly to: Offset;
}

export interface CopiedPartition {
	readonly first: Offset;
	readonly next: Offset;
	readonly records: number;
	/** Of topics that are not compacted. */
	readonly gaps: readonly Gap[];
	readonly unreadable: readonly { readonly offset: Offset; readonly why: string }[];
}

export interface CopiedTopic extends TopicSpec {
	readonly partitions: number;
	readonly copied: readonly CopiedPartition[];
	/** Id of each ledger's first claim; null where it has none. Of `decisions` alone. */
	readonly claims: readonly (string | null)[];
}

export interface CopyRun {
	readonly onProgress?: (records: number) => void;
	readonly signal?: AbortSignal;
}

/** Throws what reading and writing throw, and ASSENT_STOPPED where the signal ended it. */
export async function copyLog(log: Log, cut: Cut, to: CopyTarget, run: CopyRun = {}): Promise<readonly CopiedTopic[]> {
	await to.createTopics(
		[...cut.topics, ...cut.empty].map(({ bounds: _, ...spec }: TopicSpec & { bounds?: unknown }) => spec),
	);
	const copied: CopiedTopic[] = [];
	for (const { bounds, ...spec } of cut.topics) {
		const partitions: CopiedPartition[] = [];
		const claims: (string | null)[] = [];
		for (const [partition, { begin, end }] of bounds.entries()) {
			const copying = new PartitionCopy({ topic: spec.name, partition }, spec, begin);
			for await (const records of readOver(log, copying, end)) {
				await copying.announce(to);
				await to.put(records);
				run.onProgress?.(records.length);
				if (run.signal?.aborted === true) throw interrupted();
			}
			await copying.announce(to);
			partitions.push(copying.result());
			claims.push(copying.claim);
		}
		copied.push({ ...spec, copied: partitions, claims: spec.name === TOPICS.decisions ? claims : [] });
	}
	return copied;
}

/** As `readToEnd`, and on behind what is gone. */
async function* readOver(log: Log, copying: PartitionCopy, end: Offset): AsyncGenerator<readonly CopiedRecord[]> {
	const breath = new Breath();
	while (copying.next < end) {
		const records = await readFrom(log, copying, end);
		if (records === null) continue;
		const wanted = records.filter((record) => record.offset < end);
		if (wanted.length === 0) return;
		yield wanted.map((record) => copying.take(record));
		await breath.next();
	}
}

/** Null: what was due is gone, and more comes behind it. */
async function readFrom(log: Log, copying: PartitionCopy, end: Offset): Promise<readonly LogRecord[] | null> {
	try {
		return await log.read(copying.at, copying.next);
	} catch (thrown) {
		const begin =
			thrown instanceof AssentError && thrown.code === "ASSENT_LOG_OFFSET_GONE" ? thrown.facts["begin"] : null;
		if (typeof begin !== "number" || begin <= copying.next) throw thrown;
		copying.passOver(Math.min(begin, end));
		return null;
	}
}

class PartitionCopy {
	readonly at: TopicPartition;
	next: Offset;
	claim: string | null = null;
	#first: Offset;
	/** The first offset that the target knows of. */
	#begun: Offset = 0;
	#isHoleTold = false;
	readonly #isDense: boolean;
	readonly #isLedger: boolean;
	readonly #gaps: Gap[] = [];
	readonly #unreadable: { readonly offset: Offset; readonly why: string }[] = [];
	#records = 0;
	#head: LedgerHead = emptyHead;

	constructor(at: TopicPartition, { cleanup }: TopicSpec, first: Offset) {
		this.at = at;
		this.next = first;
		this.#first = first;
		this.#isDense = cleanup !== "compact";
		this.#isLedger = at.topic === TOPICS.decisions;
	}

	take(record: LogRecord): CopiedRecord {
		if (record.offset > this.next) this.passOver(record.offset);
		this.next = record.offset + 1;
		this.#records += 1;
		if (record.unreadable !== undefined) this.#unreadable.push({ offset: record.offset, why: record.unreadable });
		return this.#isLedger ? this.#indexed(record) : record;
	}

	/** Before the first record, retention has been quicker; else there is a gap. */
	passOver(to: Offset): void {
		if (this.#records === 0) this.#first = to;
		else if (this.#isDense) this.#gaps.push({ from: this.next, to });
		this.next = to;
	}

	/** Tells the target what it does not see in the records. */
	async announce(to: CopyTarget): Promise<void> {
		if (this.#first !== this.#begun) await to.begin(this.at, this.#first);
		this.#begun = this.#first;
		if (this.#gaps.length > 0 && !this.#isHoleTold) await to.leaveGaps(this.at.topic);
		this.#isHoleTold = this.#gaps.length > 0;
	}

	result(): CopiedPartition {
		return {
			first: this.#first,
			next: this.next,
			records: this.#records,
			gaps: this.#gaps,
			unreadable: this.#unreadable,
		};
	}

	/** The row that a processor would have written with a valid entry. */
	#indexed(record: LogRecord): CopiedRecord {
		const { kind, head } = judgeRecord(this.#head, record.headers);
		this.#head = head;
		if (kind === "claim") this.claim ??= head.claim;
		const entry = kind === "valid" ? decodeEntry(record.value) : null;
		return entry?.ok === true ? { ...record, index: summaryOf(entry.value) } : record;
	}
}
