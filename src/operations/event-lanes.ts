/** Where events come from: one lane for each partition of each topic, and what is made of its records. */
import { AssentError } from "../core/base/errors.ts";
import { decodeDerived, decodeEntry } from "../core/codec/decode.ts";
import {
	checkpointEvent,
	type DriftDetected,
	type EventType,
	eventsOf,
	type GovernanceEvent,
} from "../core/ledger/projections/events.ts";
import { adopted, emptyHead, judgeRecord, type LedgerHead } from "../core/ledger/validity.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, TOPICS, type TopicPartition } from "../ports/log/log.ts";
import { rewound } from "../ports/log/problems.ts";
import { headBefore } from "../reading/ledger-head.ts";
import { DriftTail } from "./drift-tail.ts";
import type { EventPlace, EventTopic } from "./event-place.ts";
import { derivedOnce, readShared } from "./shared-reads.ts";

/** One partition of one topic, and what is made of its records. */
abstract class Lane {
	readonly at: TopicPartition & { readonly topic: EventTopic };
	/** To be read and told next. */
	#next: Offset;

	constructor(at: TopicPartition & { readonly topic: EventTopic }, from: Offset) {
		this.at = at;
		this.#next = from;
	}

	get position(): TopicPartition & { readonly offset: Offset } {
		return { ...this.at, offset: this.#next };
	}

	async read(log: Log): Promise<readonly LogRecord[]> {
		try {
			return await readShared(log, this.at, this.#next);
		} catch (thrown) {
			if (!(thrown instanceof AssentError) || thrown.code !== "ASSENT_LOG_OFFSET_GONE") throw thrown;
			this.#next = (await log.bounds(this.at)).begin;
			return [];
		}
	}

	/** What the record tells. */
	abstract take(record: LogRecord): readonly GovernanceEvent[];

	pass({ offset }: LogRecord): void {
		this.#next = offset + 1;
	}
}

class LedgerLane extends Lane {
	#head: LedgerHead;
	/** The ledger before was not read: the first append that can be valid is taken to be so. */
	readonly #isAssumed: boolean;

	constructor(at: Lane["at"], from: Offset, head: LedgerHead) {
		super(at, from);
		this.#head = head;
		this.#isAssumed = from > 0;
	}

	take(record: LogRecord): readonly GovernanceEvent[] {
		const { headers } = record;
		const judged = judgeRecord(this.#isAssumed ? adopted(this.#head, headers) : this.#head, headers);
		this.#head = judged.head;
		return judged.kind === "valid" ? eventsOfEntry(record) : [];
	}
}

const eventsOfEntry = derivedOnce(({ value }: LogRecord): readonly GovernanceEvent[] => {
	const entry = decodeEntry(value);
	return entry.ok ? eventsOf(entry.value) : [];
});

class CheckpointLane extends Lane {
	take(record: LogRecord): readonly GovernanceEvent[] {
		return eventsOfCheckpoint(record);
	}
}

const eventsOfCheckpoint = derivedOnce(({ value }: LogRecord): readonly GovernanceEvent[] => {
	const read = decodeDerived(value);
	return read.ok && read.value.type === "checkpoint.created" ? [checkpointEvent(read.value)] : [];
});

/** The first output of a tool is what later ones are compared with (docs/design/drift.md). */
class DriftLane extends Lane {
	#tail: DriftTail | null = null;
	#found: ReadonlyMap<Offset, DriftDetected> = new Map();

	override async read(log: Log): Promise<readonly LogRecord[]> {
		const records = await super.read(log);
		const { partition, offset } = this.position;
		this.#tail ??= DriftTail.from(log, partition, offset);
		let found = await this.#tail.see(records);
		while (found === null) {
			// It has gone on, and forgotten what is told here.
			this.#tail = DriftTail.from(log, partition, offset);
			found = await this.#tail.see(records);
		}
		this.#found = found;
		return records;
	}

	take({ offset }: LogRecord): readonly GovernanceEvent[] {
		const drift = this.#found.get(offset);
		return drift === undefined ? [] : [drift];
	}
}

function topicsOf(types: ReadonlySet<EventType>): readonly EventTopic[] {
	const isOfLedger = types.has("policy_check") || types.has("policy_violation") || types.has("tool_call_blocked");
	return [
		...(isOfLedger ? [TOPICS.decisions] : []),
		...(types.has("checkpoint_created") ? [TOPICS.checkpoints] : []),
		...(types.has("drift_detected") ? [TOPICS.intents] : []),
	];
}

export function lanesOf(
	log: Log,
	{ partitions }: Layout,
	{ types, from }: { readonly types: ReadonlySet<EventType>; readonly from: EventPlace | "start" | "end" },
): Promise<readonly Lane[]> {
	const numbers = Array.from({ length: partitions }, (_, partition) => partition);
	return Promise.all(
		topicsOf(types).flatMap((topic) =>
			numbers.map(async (partition) => {
				const at = { topic, partition };
				const { begin, end } = await log.bounds(at);
				const wanted = from === "start" ? begin : from === "end" ? end : (from.get(topic)?.[partition] ?? end);
				if (wanted > end) throw rewound(at, wanted, end);
				const next = Math.max(begin, wanted);
				switch (topic) {
					case TOPICS.decisions:
						return new LedgerLane(
							at,
							next,
							next === 0 ? emptyHead : await headBefore(log, partition, { begin, end: next }),
						);
					case TOPICS.checkpoints:
						return new CheckpointLane(at, next);
					case TOPICS.intents:
						return new DriftLane(at, next);
				}
			}),
		),
	);
}

export function placeOf(lanes: readonly Lane[]): EventPlace {
	const place = new Map<EventTopic, Offset[]>();
	for (const { at, position } of lanes) place.set(at.topic, [...(place.get(at.topic) ?? []), position.offset]);
	return place;
}
