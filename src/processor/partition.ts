/**
 * One partition's life: claiming, restoring, running, draining. There is one recovery path: whatever is unexpected drops the
 * state, and the partition is claimed again after a jittered pause.
 *
 * I1  Nothing is released that is not a valid entry of the ledger.
 * I2  State that has released anything is the fold of valid entries, never ahead of them.
 * I3  One append in flight; its entries are released only after an acknowledgement at exactly the expected offset.
 * I4  Inputs are consumed in offset order without gaps; after a claim, control is read to its end before any intent.
 */

import { AssentError, type ErrorCode } from "../core/base/errors.ts";
import type { DurationMs } from "../core/model/units.ts";
import { TOPICS } from "../ports/log/log.ts";
import { untilAborted } from "../ports/log/waiters.ts";
import { pause } from "../ports/pause.ts";
import { assertBegun } from "../reading/history.ts";
import { publishedOf } from "../reading/published.ts";
import { firstClaim } from "../reading/snapshot-reader.ts";
import { claim, type Loss } from "./claim.ts";
import { type PartitionContext, UNKNOWN_LEDGER } from "./partition-context.ts";
import { Releaser } from "./release.ts";
import { Replies } from "./replies.ts";
import { restore } from "./restore.ts";
import { type Look, Tenure } from "./tenure.ts";

const PAUSE_MIN_MS: DurationMs = 20;
const PAUSE_MAX_MS: DurationMs = 5_000;
/** How often a restore tells how far it has come. */
const PROGRESS_MS: DurationMs = 5_000;
/** A tenure this long was not part of a fight over the partition: after it the pauses begin small again. */
const CALM_MS: DurationMs = 10_000;

export class Partition {
	readonly #context: PartitionContext;
	readonly #stop = new AbortController();
	readonly #replies: Replies;
	#tenure: Tenure | null = null;
	#life: Promise<void> = Promise.resolve();
	/** When the tenure began that ended last, by the platform's clock; null when the last claim did not come so far. */
	#decidingSince: number | null = null;

	constructor(context: PartitionContext) {
		this.#context = context;
		this.#replies = new Replies(context);
	}

	/** Rejects only with what makes this process unable to decide here at all (layout, versions, a lost log). */
	start(): Promise<void> {
		this.#life = this.#untilAnswered();
		return this.#life;
	}

	/** What `look` sees of the state; undefined while this process does not own the partition. */
	async inspect<Seen>(look: Look<Seen>): Promise<Seen | undefined> {
		return this.#tenure?.inspect(look);
	}

	/** Finishes what is in flight, releases it, and lets go. */
	async drain(): Promise<void> {
		this.#stop.abort();
		await this.#life.catch(() => {});
	}

	async #untilAnswered(): Promise<void> {
		try {
			await this.#live();
		} finally {
			await this.#replies.settled();
		}
	}

	async #live(): Promise<void> {
		const { partition, telemetry, meter, standing } = this.#context;
		const { signal } = this.#stop;
		for (let failures = 0; !signal.aborted; failures++) {
			this.#decidingSince = null;
			try {
				if (failures > 0 && !(await this.#isStillAsked(pauseMs(failures), signal))) return;
				const loss = await this.#hold(signal);
				if (loss === null) return;
				standing.enter("claiming", loss.why);
				meter.claimLost(loss.kind);
				telemetry.warn("partition.reclaimed", { partition, why: loss.why });
			} catch (thrown) {
				standing.enter("failed", thrown instanceof Error ? thrown.message : String(thrown));
				if (!(thrown instanceof AssentError) || !PASSING.has(thrown.code)) throw thrown;
				meter.claimLost("broken");
				telemetry.error("partition.failed", { partition, code: thrown.code, why: thrown.message });
			}
			if (this.#decidedFor() > CALM_MS) failures = 0;
		}
	}

	/** Restoring does not count: a ledger that takes long to read must not be read again at once. */
	#decidedFor(): DurationMs {
		return this.#decidingSince === null ? 0 : performance.now() - this.#decidingSince;
	}

	/** Waits, then lets the group take the partition away, if it is not this member's any more. */
	async #isStillAsked(ms: DurationMs, signal: AbortSignal): Promise<boolean> {
		await pause(ms, signal);
		if (!signal.aborted) await untilAborted(this.#context.confirm(), signal);
		return !signal.aborted;
	}

	/** What this process knows of a ledger is of no use for one that was recreated, with all that was derived from it. */
	async #forgetOther(): Promise<void> {
		const { log, partition, telemetry, known } = this.#context;
		const { begin } = await log.bounds({ topic: TOPICS.decisions, partition });
		if (known.ledgerId === null || begin > 0) return;
		if ((await firstClaim(log, partition)) === known.ledgerId) return;
		telemetry.error("ledger.recreated", { partition, entries: known.releasedTo });
		Object.assign(known, UNKNOWN_LEDGER);
	}

	/** One claim and what comes of it. Null: told to stop. Else why the partition must be claimed again. */
	async #hold(stop: AbortSignal): Promise<Loss | null> {
		const { log, partition, instance, layout, clock, telemetry, meter, standing, known, folder } = this.#context;
		const startedAt = performance.now();
		standing.enter("claiming");
		await assertBegun(log, partition);
		const claimed = await claim(log, { partition, instance, layout, now: clock.now() });
		if (!claimed.ok) return { kind: "unclaimed", why: `the claim may not have been written: ${claimed.error}` };
		standing.enter("restoring");
		await this.#forgetOther();
		const releaser = new Releaser({ ...this.#context, replies: this.#replies });
		let toldAt = startedAt;
		try {
			const restored = await restore(log, {
				partition,
				layout,
				claimed: claimed.value,
				published: await publishedOf(log, partition),
				releasedTo: known.releasedTo,
				resend: (batch) => releaser.releaseSlowly(batch),
				unconfirmed: known.unconfirmed,
				voidsFrom: known.voidsFrom,
				folder,
				onPassed: ({ seq, why }) => telemetry.warn("snapshot.passed", { partition, seq, why }),
				onProgress: (next, end) => {
					standing.restored(next, end);
					if (performance.now() - toldAt < PROGRESS_MS) return;
					toldAt = performance.now();
					telemetry.info("partition.restoring", { partition, records: next, of: end });
				},
				stop,
			});
			if (restored === null) {
				if (releaser.failure !== null) return unpublished(releaser.failure);
				return stop.aborted ? null : { kind: "overtaken", why: "another claim came after this one" };
			}
			known.voidsFrom = claimed.value.offset + 1;
			known.unconfirmed = null;
			known.ledgerId = restored.folded.origin;
			if (restored.voids > 0) meter.voidsSeen(restored.voids);
			const entries = restored.folded.state.nextSeq;
			const ms = performance.now() - startedAt;
			meter.restored({ entries, ms, isFromSnapshot: restored.fromSeq > 0 });
			const fromSnapshot = restored.fromSeq;
			telemetry.info("partition.restored", { partition, entries, fromSnapshot, ms: Math.round(ms) });
			this.#decidingSince = performance.now();
			this.#tenure = new Tenure(this.#context, claimed.value, restored, releaser);
			return await this.#tenure.run(stop);
		} finally {
			this.#tenure = null;
			// Before anything else is published for this partition: the order of a topic is the order of the ledger.
			await releaser.settled();
		}
	}
}

const unpublished = (failure: string): Loss => ({
	kind: "unpublished",
	why: `a projection could not be published: ${failure}`,
});

/** Growing, jittered: two that believe they own a partition must not take it from each other forever. */
const pauseMs = (failures: number): DurationMs =>
	Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** Math.min(failures, 8)) * (0.5 + Math.random());

/** What may be over at the next try, or concerns this partition alone, which says so and goes on asking. All else says that this process must not decide here. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
	"ASSENT_LOG_UNAVAILABLE",
	"ASSENT_LOG_FULL",
	"ASSENT_LOG_TOPIC",
	"ASSENT_LOG_DENIED",
	"ASSENT_LOG_SETTINGS",
	"ASSENT_LOG_OFFSET_GONE",
	"ASSENT_LOG_REWOUND",
	"ASSENT_LOG_OTHER",
	"ASSENT_LEDGER_INVALID",
]);
