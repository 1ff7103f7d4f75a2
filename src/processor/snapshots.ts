/** When a snapshot of a partition is due, and how it is written: deciding goes on meanwhile. */
import type { Folded } from "../core/ledger/fold.ts";
import type { Offset } from "../core/model/units.ts";
import { writeSnapshot } from "../reading/snapshot.ts";
import type { PartitionContext } from "./partition-context.ts";
import type { Releaser } from "./release.ts";
import type { Restored } from "./restore.ts";

/** At a drain a larger state is not written: that takes longer than the next owner takes to read the ledger's tail. */
const DRAIN_ROWS_MAX = 5_000;
/** A snapshot costs as much as the state is large: one is due after as many entries as there are calls, but for a small state. */
const ROWS_MIN = 5_000;

/** The end of the ledger that a snapshot holds the fold of. */
export interface LedgerEnd {
	readonly claimId: string;
	readonly ledgerOffset: Offset;
	/** The last entry, as stored. */
	readonly leaf: Uint8Array;
}

export class Snapshots {
	readonly #context: PartitionContext;
	readonly #folded: Folded;
	readonly #releaser: Releaser;
	readonly #stop: AbortSignal;
	/** The slot that the next one goes to. */
	#slot: 0 | 1;
	/** Entries that the last one has. */
	#seq: number;
	/** Settles when the one that is being written is whole or given up; null when none is. */
	#writing: Promise<void> | null = null;

	/** `stop`: what is being written is given up then. */
	constructor(context: PartitionContext, { folded, slot }: Restored, releaser: Releaser, stop: AbortSignal) {
		this.#context = context;
		this.#folded = folded;
		this.#releaser = releaser;
		this.#stop = stop;
		this.#slot = slot;
		this.#seq = folded.state.nextSeq;
	}

	/** Begins one when enough entries have come since the last. */
	writeIfDue(end: LedgerEnd): void {
		const { calls } = this.#folded.state;
		this.#begin(Math.min(this.#context.snapshotEvery, Math.max(ROWS_MIN, calls.size)), end);
	}

	/** At a drain: resolves when what is being written is over, and the last one, if it is worth it. */
	async writeLast(end: LedgerEnd): Promise<void> {
		const { calls, accounts } = this.#folded.state;
		if (calls.size + accounts.size > DRAIN_ROWS_MAX) return;
		await this.#writing;
		this.#begin(this.#context.snapshotEvery / 10, end);
		await this.#writing;
	}

	#begin(every: number, end: LedgerEnd): void {
		const { nextSeq } = this.#folded.state;
		if (this.#writing !== null || nextSeq - this.#seq < Math.max(1, every)) return;
		this.#seq = nextSeq;
		this.#writing = this.#write(end).finally(() => {
			this.#writing = null;
		});
	}

	async #write(end: LedgerEnd): Promise<void> {
		const { log, partition, telemetry, meter } = this.#context;
		const startedAt = performance.now();
		const released = this.#releaser.settled().then(() => this.#releaser.failure === null);
		const place = { partition, ...end, slot: this.#slot };
		const why = await writeSnapshot(log, this.#folded, place, { released, stop: this.#stop });
		// What may be half-written is written over; the whole one stays in the other slot.
		if (why === null) {
			this.#slot = this.#slot === 0 ? 1 : 0;
			meter.snapshotWritten(performance.now() - startedAt);
		} else if (!this.#stop.aborted) {
			telemetry.warn("snapshot.unwritten", { partition, why });
			meter.snapshotUnwritten();
		}
	}
}
