/**
 * The role that tells others what happens: it follows the events of a deployment and posts them to webhooks.
 *
 * N1  Each event that a target wants is posted at least once, under the same id; what is given up is in the file of dead letters.
 * N2  A target's place is saved only when everything before it was taken or given up: whoever starts again goes on there.
 * N3  No target waits for another, and no message of a target for those before it, up to as many as are under way at once.
 */
import type { Layout } from "../core/model/layout.ts";
import { type DurationMs, HOUR, SECOND } from "../core/model/units.ts";
import type { Log } from "../ports/log/log.ts";
import { type NotifyMeter, noNotifyMeter } from "../ports/notify-meter.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { assertDeadLettersKept } from "./dead-letters.ts";
import { NotifyPlaces } from "./notify-places.ts";
import { type NotifyTarget, TargetRun } from "./notify-target.ts";

export interface NotifyOptions {
	readonly log: Log;
	readonly layout: Layout;
	readonly targets: readonly NotifyTarget[];
	/** Where a target begins that has no place yet. */
	readonly from: "start" | "end";
	/** Paths. */
	readonly placesFile: string;
	readonly deadLettersFile: string;
	readonly telemetry: Telemetry;
	readonly meter?: NotifyMeter;
	readonly signal: AbortSignal;
	/** Called when every target stands at its place: what happens from then on is told. */
	readonly onReady?: () => void;
	/** Pauses before the second try and those after it; 1 s, doubled up to 1 h by default. */
	readonly pauses?: readonly DurationMs[];
}

export interface NotifyCounts {
	readonly sent: number;
	readonly retried: number;
	/** Given up, and in the file of dead letters. */
	readonly dead: number;
}

/** 1 s, doubled up to 1 h: two hours in all. */
const PAUSES: readonly DurationMs[] = [...Array.from({ length: 12 }, (_, doubled) => SECOND * 2 ** doubled), HOUR];

/** At the end: for answers that are under way. */
const GRACE_MS: DurationMs = 2 * SECOND;

/** Until the signal aborts. Throws ASSENT_FILE_UNREADABLE for files that cannot be kept, and ASSENT_LOG_REWOUND for places of another log. */
export async function notify(options: NotifyOptions): Promise<NotifyCounts> {
	const { log, layout, from, targets, placesFile, deadLettersFile, telemetry, signal, pauses = PAUSES } = options;
	await assertDeadLettersKept(deadLettersFile);
	const places = await NotifyPlaces.open(placesFile, layout);
	const counts = { sent: 0, retried: 0, dead: 0 };
	const failure = new AbortController();
	const over = new AbortController();
	const cutOff = new AbortController();
	const ends = AbortSignal.any([signal, failure.signal, over.signal]);
	ends.addEventListener("abort", () => setTimeout(() => cutOff.abort(), GRACE_MS).unref(), { once: true });
	const fail = (thrown: unknown): void => failure.abort(thrown);
	const saving = places.saveUntil(ends, telemetry).catch(fail);
	let unplaced = targets.length;
	const onPlaced = (): void => {
		unplaced -= 1;
		if (unplaced === 0) options.onReady?.();
	};
	const meter = counting(counts, options.meter ?? noNotifyMeter);
	const parts = { log, layout, from, places, deadLettersFile, telemetry, meter, pauses, signal: ends, onPlaced, fail };
	await Promise.all(
		targets.map((target) => new TargetRun(target, { ...parts, cutOff: cutOff.signal }).run().catch(fail)),
	);
	over.abort();
	await saving;
	if (failure.signal.aborted) throw failure.signal.reason;
	return counts;
}

function counting(counts: { -readonly [Count in keyof NotifyCounts]: number }, meter: NotifyMeter): NotifyMeter {
	return {
		ended(target, result) {
			counts[result] += 1;
			meter.ended(target, result);
		},
		retried(target) {
			counts.retried += 1;
			meter.retried(target);
		},
		underWay: (target, count, oldestAt) => meter.underWay(target, count, oldestAt),
	};
}
