/** What another policy would have made of a call: the verdict that was recorded, the one that comes out, and how they differ. */
import type { DecisionBody, LedgerEntry, Obligations, Reason, Verdict } from "../core/model/entries.ts";

/** One verdict with what determined it. */
export interface Ruling {
	readonly verdict: Verdict;
	/** The first that is enforced; null for a plain allow. */
	readonly reason: Reason | null;
	/** Null for what was rejected before it was decided. */
	readonly decision: DecisionBody | null;
}

export const TRANSITIONS = [
	"allow-to-deny",
	"deny-to-allow",
	"allow-to-hold",
	"deny-to-hold",
	"hold-to-allow",
	"hold-to-deny",
] as const;

/**
 * `reason`: the same verdict for another reason, or under other obligations. `budget`: the verdict differs, and would not if budgets were
 * what they were: an earlier call that came out otherwise has left more or less.
 */
export const REPLAY_CLASSES = ["unchanged", ...TRANSITIONS, "reason", "budget", "unreplayable"] as const;

export type Transition = (typeof TRANSITIONS)[number];
export type ReplayClass = (typeof REPLAY_CLASSES)[number];

/** Lets more through, or less. What waits for a human lets less through than an allow, and more than a denial. */
export function directionOf(transition: ReplayClass): "loosened" | "tightened" | null {
	switch (transition) {
		case "deny-to-allow":
		case "deny-to-hold":
		case "hold-to-allow":
			return "loosened";
		case "allow-to-deny":
		case "allow-to-hold":
		case "hold-to-deny":
			return "tightened";
		case "unchanged":
		case "reason":
		case "budget":
		case "unreplayable":
			return null;
	}
}

/** What an entry says of the call of its input; null where it decides none. */
export function rulingOf(entry: LedgerEntry): Ruling | null {
	switch (entry.kind) {
		case "decision.made":
			return { verdict: entry.verdict, reason: enforced(entry.decision), decision: entry.decision };
		case "decision.held":
			return { verdict: "hold", reason: enforced(entry.decision), decision: entry.decision };
		case "approval.recorded":
			if (entry.decision === null) return null;
			return entry.result === "pending"
				? null
				: { verdict: entry.result, reason: enforced(entry.decision), decision: entry.decision };
		case "decision.repeated":
			return { verdict: entry.verdict, reason: entry.firstReason, decision: null };
		case "usage.settled":
		case "policy.activated":
		case "policy.proposed":
		case "halt.set":
		case "halt.lifted":
		case "budget.adjusted":
		case "session.ended":
		case "inputs.skipped":
		case "payload.erased":
		case "intent.abandoned":
		case "clock.ticked":
		case "input.rejected":
			return null;
	}
}

const enforced = ({ reasons }: DecisionBody): Reason | null =>
	reasons.find(({ rule }) => rule.mode === "enforce") ?? null;

/** How they differ, budgets left aside. */
export function transitionOf(recorded: Ruling, candidate: Ruling): "unchanged" | "reason" | Transition {
	if (recorded.verdict !== candidate.verdict) return `${recorded.verdict}-to-${candidate.verdict}` as Transition;
	if (!isSameRule(recorded.reason, candidate.reason)) return "reason";
	if (recorded.verdict === "deny") return "unchanged";
	const [before, after] = [recorded.decision?.obligations, candidate.decision?.obligations];
	return before === undefined || after === undefined || isSameDuty(before, after) ? "unchanged" : "reason";
}

const isSameDuty = (one: Obligations, other: Obligations): boolean =>
	one.callDeadlineMs === other.callDeadlineMs &&
	one.leaseMs === other.leaseMs &&
	isSameList(one.redact, other.redact) &&
	isSameList(one.messages, other.messages);

const isSameList = (one: readonly string[], other: readonly string[]): boolean =>
	one.length === other.length && one.every((item, at) => item === other[at]);

const isSameRule = (one: Reason | null, other: Reason | null): boolean =>
	one === other ||
	(one !== null &&
		other !== null &&
		one.rule.code === other.rule.code &&
		one.rule.policy === other.rule.policy &&
		one.rule.name === other.rule.name);
