/**
 * What a processor counts and times for its operators. Every method is called on the way of a decision: none may throw,
 * block or keep what it is given. Nothing here names a tenant, an agent or a call: what a meter keeps stays bounded.
 */
import type { Verdict } from "../core/model/entries.ts";
import type { DurationMs } from "../core/model/units.ts";

/**
 * Why a claim ended, other than by being told to stop.
 *
 * `unclaimed`    the claim itself may not have been written.
 * `overtaken`    somebody else claimed while this one restored.
 * `superseded`   somebody else wrote to the ledger while this one decided.
 * `unknown`      nobody can tell whether an append was written, or it lies elsewhere than expected.
 * `failed`       an append was certainly not written: the disk is full, or the log is out of reach.
 * `unpublished`  a projection could not be published.
 * `broken`       the partition cannot be read on: records are gone, or the log answers with an error.
 */
export type ClaimLoss = (typeof CLAIM_LOSSES)[number];

export const CLAIM_LOSSES = [
	"unclaimed",
	"overtaken",
	"superseded",
	"unknown",
	"failed",
	"unpublished",
	"broken",
] as const;

/** What only a report can tell of a call. */
export type ReportedMeasure = (typeof REPORTED_MEASURES)[number];

export const REPORTED_MEASURES = ["tokens", "cost", "execution_time"] as const;

/** Figures of entries are told once they are valid, and never again when a later claim reads them. */
export interface Meter {
	/** A call got a verdict: at its submission, or finally after a hold. */
	decided(verdict: Verdict): void;
	/** A call was denied, and an enforced limit was among the reasons. */
	budgetRejected(): void;
	/** A call was settled, and nobody reported what an enforced limit counts of it: it cost what was reserved. */
	usageUnreported(measure: ReportedMeasure): void;
	/** An allowed call's deadline passed without an outcome: it was settled in full. */
	reservationExpired(): void;
	/** An outcome said that nobody saw the end of an allowed call: it was settled in full. */
	outcomeUnknown(): void;
	/** An outcome of a call that was not allowed: it ran nevertheless. */
	callUngoverned(): void;
	/** An input had no effect: misrouted, repeated, not permitted, unreadable. */
	inputRejected(): void;
	/** An input could not be read: its dead letter is due. */
	deadLettered(): void;
	/** An append was acknowledged at its place. */
	appended(entries: number, ms: DurationMs): void;
	/** From the log's timestamp of an intent until its decision was published; between two clocks, at least 0. */
	released(ms: DurationMs): void;
	/** Replies that their topic did not take: their clients ask again. */
	repliesUndelivered(count: number): void;
	/** `entries` is how many the ledger has. */
	restored(of: { readonly entries: number; readonly ms: DurationMs; readonly isFromSnapshot: boolean }): void;
	claimLost(why: ClaimLoss): void;
	/** Records of the ledger that the validity rule passes over, each told once while this process runs. */
	voidsSeen(count: number): void;
	snapshotWritten(ms: DurationMs): void;
	snapshotUnwritten(): void;
}

export const silentMeter: Meter = {
	decided: () => {},
	budgetRejected: () => {},
	usageUnreported: () => {},
	reservationExpired: () => {},
	outcomeUnknown: () => {},
	callUngoverned: () => {},
	inputRejected: () => {},
	deadLettered: () => {},
	appended: () => {},
	released: () => {},
	repliesUndelivered: () => {},
	restored: () => {},
	claimLost: () => {},
	voidsSeen: () => {},
	snapshotWritten: () => {},
	snapshotUnwritten: () => {},
};
