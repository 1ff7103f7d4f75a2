/** Where a processor and its partitions stand, for probes and operators: asked from outside at any time, without waiting. */

import type { EpochMs, Offset } from "../core/model/units.ts";
import type { TableName } from "../core/state/image.ts";
import type { State } from "../core/state/state.ts";
import type { Clock } from "../ports/clock.ts";

/**
 * `claiming`: not the owner yet, or not any more. `restoring`: reads the ledger. `deciding`: takes what comes.
 * `paused`: owns the partition and waits for a bundle or an upgrade. `failed`: something is broken here; it goes on asking
 * and stays `failed` until it decides again.
 */
export type Phase = (typeof PHASES)[number];

export const PHASES = ["claiming", "restoring", "deciding", "paused", "failed"] as const;

/** Next offset to consume of each input topic. */
export interface ConsumedOffsets {
	readonly intents: Offset;
	readonly control: Offset;
}

/** Rows of the state, by table. */
export type RowCounts = Readonly<Record<TableName, number>>;

export interface RestoreProgress {
	/** Records of the ledger that are read, or need not be. */
	readonly records: number;
	readonly of: number;
}

export interface PartitionStatus {
	readonly partition: number;
	readonly phase: Phase;
	/** Since when it is in this phase, by the processor's clock. */
	readonly since: EpochMs;
	/** By entries that are known to count; before that what was last known, at first 0. */
	readonly consumed: ConsumedOffsets;
	/** Entries that the ledger has, as far as `consumed`. */
	readonly entries: number;
	/** What is remembered, as far as `consumed`. */
	readonly rows: RowCounts;
	/** While it restores: how much of the ledger is read, and how much there is. */
	readonly restored?: RestoreProgress;
	/** Inputs have waited since then and none was taken, though it calls itself deciding. */
	readonly stalledSince?: EpochMs;
	/** Sealed intents that were denied here, since it was assigned, because their keys are not at hand. */
	readonly withoutKey?: number;
	/** Why it is not deciding, where there is a reason to tell. */
	readonly why?: string;
}

export interface ProcessorStatus {
	/** The partitions assigned to this process, ascending. */
	readonly partitions: readonly PartitionStatus[];
	/** The group has answered and counts this process in, which has not left it, and the topics are the layout's. */
	readonly isMember: boolean;
	/** Why the group does not count it in, where there is a reason to tell. Its partitions are still decided. */
	readonly why?: string;
	readonly isDraining: boolean;
	/** Nothing will be decided here any more. */
	readonly isEnded: boolean;
}

/** Whether everything that fell to this process is being decided. */
export const isReady = ({ partitions, isMember, isDraining, isEnded }: ProcessorStatus): boolean =>
	isMember &&
	!isDraining &&
	!isEnded &&
	partitions.every(({ phase, stalledSince }) => phase === "deciding" && stalledSince === undefined);

/** The standing of one partition, written by its life and read by whoever asks. */
export class Standing {
	readonly #partition: number;
	readonly #clock: Clock;
	#phase: Phase = "claiming";
	#since: EpochMs;
	#why = "";
	#consumed: ConsumedOffsets = { intents: 0, control: 0 };
	#entries = 0;
	#rows: RowCounts = { calls: 0, sessions: 0, accounts: 0, halts: 0, controls: 0 };
	#restored: RestoreProgress | null = null;
	#withoutKey = 0;

	constructor(partition: number, clock: Clock) {
		this.#partition = partition;
		this.#clock = clock;
		this.#since = clock.now();
	}

	/** Enters a phase. Without a reason the last one stands until the partition decides again. */
	enter(phase: Phase, why?: string): void {
		this.#why = phase === "deciding" ? "" : (why ?? this.#why);
		const isMendedYet = this.#phase !== "failed" || phase === "deciding" || phase === "paused";
		if (phase === this.#phase || !isMendedYet) return;
		this.#phase = phase;
		this.#since = this.#clock.now();
	}

	/** How far a restore has come: the next offset of the ledger to read, and the one at which reading ends. */
	restored(records: Offset, of: Offset): void {
		this.#restored = { records, of };
	}

	/** So many more sealed intents were read whose keys are not at hand. */
	locked(intents: number): void {
		this.#withoutKey += intents;
	}

	/** Takes its figures from a state whose every entry counts. */
	reached(state: Pick<State, "inputs" | "nextSeq" | TableName>): void {
		const { inputs, nextSeq, calls, sessions, accounts, halts, controls } = state;
		this.#consumed = { intents: inputs.intents, control: inputs.control };
		this.#entries = nextSeq;
		this.#rows = {
			calls: calls.size,
			sessions: sessions.size,
			accounts: accounts.size,
			halts: halts.size,
			controls: controls.size,
		};
	}

	status(): PartitionStatus {
		return {
			partition: this.#partition,
			phase: this.#phase,
			since: this.#since,
			consumed: this.#consumed,
			entries: this.#entries,
			rows: this.#rows,
			...(this.#phase === "restoring" && this.#restored !== null ? { restored: this.#restored } : {}),
			...(this.#withoutKey === 0 ? {} : { withoutKey: this.#withoutKey }),
			...(this.#why === "" ? {} : { why: this.#why }),
		};
	}
}
