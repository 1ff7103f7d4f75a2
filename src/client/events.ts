/** The client's events: the four that agent frameworks know by name, with everything needed to join and deduplicate them. */
import type { UsageFault } from "../core/codec/reported-usage.ts";
import type { DriftDetected } from "../core/ledger/projections/events.ts";
import type { Measure } from "../core/model/counters.ts";
import type { Verdict } from "../core/model/entries.ts";
import type { CallId } from "../core/model/ids.ts";
import type { ReasonReading } from "../core/model/readings.ts";
import type { CheckpointCreated, ViolationDetected } from "../core/model/records.ts";
import type { EpochMs } from "../core/model/units.ts";

/** What a decision event says. `partition` and `seq` name the ledger entry; -1 when the client itself gave up. */
export interface DecisionEvent {
	readonly call: CallId;
	readonly session: string;
	readonly tool: string;
	readonly verdict: Verdict;
	readonly reasons: readonly ReasonReading[];
	readonly policyDigest: string;
	readonly partition: number;
	readonly seq: number;
	readonly at: EpochMs;
}

/** What `call_held` says: the caller may tell the person, and stop waiting by the request's `signal`. */
export interface HeldEvent extends DecisionEvent {
	/** When the hold expires, which denies the call. */
	readonly expiresAt: EpochMs;
}

/** What `usage_unreported` says: an outcome leaves out what limits count, or has members that cannot be read. */
export interface UsageEvent {
	readonly call: CallId;
	readonly session: string;
	/** Empty where the outcome was reported by hand. */
	readonly tool: string;
	/** Members that were given and cannot be read; they count as unknown. */
	readonly faults: readonly UsageFault[];
	/** Limits that count what nobody reported, and what they take instead: what was reserved. */
	readonly limits: readonly {
		readonly policy: string;
		readonly limit: string;
		readonly measure: Measure;
		readonly reserved: number;
	}[];
}

export interface ClientEvents {
	/** Every decision that this client receives. */
	policy_check: DecisionEvent;
	/** A call that did not run: denied, or not decided in time. */
	tool_call_blocked: DecisionEvent;
	/** A call waits for a human. Once for each call, however often it is asked for. */
	call_held: HeldEvent;
	/** An outcome whose usage is unknown in part: it costs what was reserved. */
	usage_unreported: UsageEvent;
	/** Every violation on the log, from the moment of the subscription on. */
	policy_violation: ViolationDetected;
	/** Every checkpoint on the log, from the moment of the subscription on. */
	checkpoint_created: CheckpointCreated;
	/**
	 * Every output that is unlike the first one of its agent's tool since the subscription, by the sketches that outcomes carry
	 * (`outputOf` of a guard, `sketch` of a report).
	 */
	drift_detected: DriftDetected;
}

export type ClientEventName = keyof ClientEvents;
