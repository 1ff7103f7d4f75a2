/**
 * The events of a deployment, as the log has them: read where they come from and never kept, so that whoever listens slowly costs
 * no memory, and can go on from any place, at any gateway.
 *
 * E1  Whoever goes on from the place of an event hears everything behind it: at least once, under the same ids.
 * E2  Only what counts is told: records of the ledger are judged as every reader judges them.
 */
import { AssentError } from "../core/base/errors.ts";
import type { EventType, GovernanceEvent } from "../core/ledger/projections/events.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DurationMs } from "../core/model/units.ts";
import type { Log, TopicPartition } from "../ports/log/log.ts";
import { pause } from "../ports/pause.ts";
import { lanesOf, placeOf } from "./event-lanes.ts";
import { type EventPlace, placeText } from "./event-place.ts";

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
