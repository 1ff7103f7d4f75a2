/**
 * The events of a deployment, as the log has them: read where they come from and never kept, so that whoever listens slowly costs
 * no memory, and can go on from any place, at any gateway.
 *
 * E1  Whoever goes on from the place of an event hears everything behind it: at least once, under the same ids.
 * E2  Only what counts is told: records of the ledger are judged as every reader judges them.
 */
import { AssentError } from "../core/base/errors.ts";
import { decodeDerived, decodeEntry } from "../core/codec/decode.ts";
import { checkpointEvent, type EventType, eventsOf, type GovernanceEvent } from "../core/ledger/projections/events.ts";
import { adopted, emptyHead, judgeRecord, type LedgerHead } from "../core/ledger/validity.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DurationMs, Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, TOPICS, type TopicPartition } from "../ports/log/log.ts";
import { rewound } from "../ports/log/problems.ts";
import { pause } from "../ports/pause.ts";
import { headBefore } from "../reading/ledger-head.ts";
import { DriftWatch } from "./drift.ts";
import { type EventPlace, type EventTopic, placeText } from "./event-place.ts";

export interface PlacedEvent {
	/** Null: nothing has happened for a while, and this is how far it was looked. */
	readonly event: GovernanceEvent | null;
	/** From where on the next ones come. */
	readonly place: string;
}

export interface EventOptions {
	readonly types: ReadonlySet<EventType>;
	/** Topics that it does not name are heard from their end on. */
	readonly from: EventPlace | "start" | "end";
	readonly isWanted: (event: GovernanceEvent) => boolean;
	/** After which silence a place is told. */
	readonly idleMs: DurationMs;
	readonly signal: AbortSignal;
}

/**
 * Until the signal aborts. Throws ASSENT_LOG_REWOUND for a place beyond the end of a partition: it is of another log. What
 * retention has eaten is passed over.
 */
export async function* governanceEvents(
	log: Log,
	layout: Layout,
	options: EventOptions,
): AsyncGenerator<PlacedEvent, void, void> {
	const { types, isWanted, idleMs, signal } = options;
	const lanes = await lanesOf(log, layout, options);
	const place = (): string => placeText(placeOf(lanes));
	yield { event: null, place: place() };
	let toldAt = performance.now();
	while (!signal.aborted) {
		const timeoutMs = Math.max(1, Math.ceil(toldAt + idleMs - performance.now()));
		const positions = lanes.map((lane) => lane.position);
		const ready = await patiently(() => log.waitFor(positions, { timeoutMs, signal }), signal);
		for (const lane of lanes.filter(({ at }) => ready.some((each) => isSame(each, at)))) {
			for (const record of await patiently(() => lane.read(log), signal)) {
				const events = lane.take(record).filter((event) => types.has(event.type) && isWanted(event));
				const before = events.length > 1 ? place() : "";
				lane.pass(record);
				for (const [at, event] of events.entries()) {
					// Until the last one of a record is told, the record is told again.
					yield { event, place: at === events.length - 1 ? place() : before };
					toldAt = performance.now();
					if (signal.aborted) return;
				}
			}
		}
		if (performance.now() - toldAt < idleMs || signal.aborted) continue;
		yield { event: null, place: place() };
		toldAt = performance.now();
	}
}

const RETRY_MS: DurationMs = 200;

/** What passes is waited for: nothing then, and the place stays where it is. */
async function patiently<Item>(ask: () => Promise<readonly Item[]>, signal: AbortSignal): Promise<readonly Item[]> {
	try {
		return await ask();
	} catch (thrown) {
		const isPassing = thrown instanceof AssentError && thrown.code === "ASSENT_LOG_UNAVAILABLE";
		if (!isPassing) throw thrown;
		await pause(RETRY_MS, signal);
		return [];
	}
}

const isSame = (one: TopicPartition, other: TopicPartition): boolean =>
	one.topic === other.topic && one.partition === other.partition;

/** One partition of one topic, and what is made of its records. */
abstract class Lane {
	readonly at: TopicPartition & { readonly topic: EventTopic };
	/** To be read next. */
	protected next: Offset;
	/** From where on it is told. */
	#told: Offset;

	constructor(at: TopicPartition & { readonly topic: EventTopic }, readFrom: Offset, toldFrom: Offset) {
		this.at = at;
		this.next = readFrom;
		this.#told = toldFrom;
	}

	get position(): TopicPartition & { readonly offset: Offset } {
		return { ...this.at, offset: this.next };
	}

	get toldTo(): Offset {
		return this.#told;
	}

	async read(log: Log): Promise<readonly LogRecord[]> {
		try {
			return await log.read(this.at, this.next, { recordsMax: 100 });
		} catch (thrown) {
			if (!(thrown instanceof AssentError) || thrown.code !== "ASSENT_LOG_OFFSET_GONE") throw thrown;
			this.next = (await log.bounds(this.at)).begin;
			return [];
		}
	}

	/** What the record tells; nothing where it was told before. */
	take(record: LogRecord): readonly GovernanceEvent[] {
		const events = this.eventsOf(record);
		return record.offset < this.#told ? [] : events;
	}

	pass({ offset }: LogRecord): void {
		this.next = offset + 1;
		this.#told = Math.max(this.#told, offset + 1);
	}

	protected abstract eventsOf(record: LogRecord): readonly GovernanceEvent[];
}

class LedgerLane extends Lane {
	#head: LedgerHead;
	/** The ledger before was not read: the first append that can be valid is taken to be so. */
	readonly #isAssumed: boolean;

	constructor(at: Lane["at"], from: Offset, head: LedgerHead) {
		super(at, from, from);
		this.#head = head;
		this.#isAssumed = from > 0;
	}

	protected eventsOf({ headers, value }: LogRecord): readonly GovernanceEvent[] {
		const judged = judgeRecord(this.#isAssumed ? adopted(this.#head, headers) : this.#head, headers);
		this.#head = judged.head;
		if (judged.kind !== "valid") return [];
		const entry = decodeEntry(value);
		return entry.ok ? eventsOf(entry.value) : [];
	}
}

class CheckpointLane extends Lane {
	protected eventsOf({ value }: LogRecord): readonly GovernanceEvent[] {
		const read = decodeDerived(value);
		return read.ok && read.value.type === "checkpoint.created" ? [checkpointEvent(read.value)] : [];
	}
}

/** Reads what is before it is told: the first output of a tool is what later ones are compared with (docs/design/drift.md). */
class DriftLane extends Lane {
	readonly #watch: DriftWatch;

	constructor(at: Lane["at"], readFrom: Offset, toldFrom: Offset) {
		super(at, readFrom, toldFrom);
		this.#watch = new DriftWatch(at.partition);
	}

	protected eventsOf(record: LogRecord): readonly GovernanceEvent[] {
		const drift = this.#watch.see(record);
		return drift === null ? [] : [drift];
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

function lanesOf(log: Log, { partitions }: Layout, { types, from }: EventOptions): Promise<readonly Lane[]> {
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
						return new CheckpointLane(at, next, next);
					case TOPICS.intents:
						return new DriftLane(at, begin, next);
				}
			}),
		),
	);
}

function placeOf(lanes: readonly Lane[]): EventPlace {
	const place = new Map<EventTopic, Offset[]>();
	for (const { at, toldTo } of lanes) place.set(at.topic, [...(place.get(at.topic) ?? []), toldTo]);
	return place;
}
