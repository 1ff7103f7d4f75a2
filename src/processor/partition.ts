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
import type { Layout } from "../core/model/records.ts";
import type { DurationMs } from "../core/model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { LogCatalogue } from "./catalogue.ts";
import { claim } from "./claim.ts";
import { pause } from "./pause.ts";
import { Releaser } from "./release.ts";
import { publishedUpTo, restore } from "./restore.ts";
import { Tenure } from "./tenure.ts";

const PAUSE_MIN_MS: DurationMs = 20;
const PAUSE_MAX_MS: DurationMs = 5_000;
/** A tenure that lasted so long was no part of a quarrel: after it the pauses begin small again. */
const CALM_MS: DurationMs = 10_000;

export interface PartitionOptions {
	readonly log: Log;
	readonly partition: number;
	readonly instance: string;
	readonly layout: Layout;
	readonly catalogue: LogCatalogue;
	readonly clock: Clock;
	readonly telemetry: Telemetry;
	/** A snapshot after so many entries, and at a drain when a tenth of that has come since the last. */
	readonly snapshotEvery: number;
}

export class Partition {
	readonly #of: PartitionOptions;
	readonly #stop = new AbortController();
	#life: Promise<void> = Promise.resolve();

	constructor(of: PartitionOptions) {
		this.#of = of;
	}

	/** Rejects only with what makes this process unable to decide here at all (layout, versions, a lost log). */
	start(): Promise<void> {
		this.#life = this.#live();
		return this.#life;
	}

	/** Finishes what is in flight, releases it, and lets go. */
	async drain(): Promise<void> {
		this.#stop.abort();
		await this.#life.catch(() => {});
	}

	async #live(): Promise<void> {
		const { partition, telemetry } = this.#of;
		const { signal } = this.#stop;
		for (let failures = 0; !signal.aborted; failures++) {
			if (failures > 0) await pause(pauseMs(failures), signal);
			if (signal.aborted) return;
			const startedAt = performance.now();
			try {
				const why = await this.#hold(signal);
				if (why === null) return;
				telemetry.warn("partition.reclaimed", { partition, why });
			} catch (thrown) {
				if (!(thrown instanceof AssentError) || !PASSING.has(thrown.code)) throw thrown;
				telemetry.error("partition.failed", { partition, code: thrown.code, why: thrown.message });
			}
			if (performance.now() - startedAt > CALM_MS) failures = 0;
		}
	}

	/** One claim and what comes of it. Null: told to stop. Else why the partition must be claimed again. */
	async #hold(stop: AbortSignal): Promise<string | null> {
		const { log, partition, instance, layout, clock, telemetry } = this.#of;
		const startedAt = performance.now();
		const claimed = await claim(log, { partition, instance, layout, now: clock.now() });
		if (!claimed.ok) return `the claim may not have been written: ${claimed.error}`;
		const releaser = new Releaser({ log, partition, telemetry });
		try {
			const restored = await restore(log, {
				partition,
				layout,
				claimed: claimed.value,
				resendFrom: await publishedUpTo(log, partition),
				resend: (batch) => releaser.release(batch, { withReplies: false }),
				stop,
			});
			if (restored === null) return stop.aborted ? null : "another claim came after this one";
			telemetry.info("partition.restored", {
				partition,
				entries: restored.folded.state.nextSeq,
				fromSnapshot: restored.fromSeq,
				ms: Math.round(performance.now() - startedAt),
			});
			return await new Tenure(this.#of, claimed.value, restored, releaser).run(stop);
		} finally {
			// Before anything else is published for this partition: the order of a topic is the order of the ledger.
			await releaser.settled();
		}
	}
}

/** Growing, jittered: two that believe they own a partition must not take it from each other for ever. */
const pauseMs = (failures: number): DurationMs =>
	Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** Math.min(failures, 8)) * (0.5 + Math.random());

/** What may be over at the next try. All else says that this process must not decide here. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
	"ASSENT_LOG_UNAVAILABLE",
	"ASSENT_LOG_FULL",
	"ASSENT_LOG_TOPIC",
]);
