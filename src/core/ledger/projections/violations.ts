/** Violations: what an alerting service hears of an entry. */
import { costText } from "../../model/amounts.ts";
import { cutTo } from "../../model/bounds.ts";
import { accountKey } from "../../model/counters.ts";
import type { CallRef, LedgerEntry, Overshoot, Reason, Verdict } from "../../model/entries.ts";
import { callIdOf, callKey, type Subject } from "../../model/ids.ts";
import type { ViolationDetected } from "../../model/records.ts";
import { EXCEPTION_USED } from "../../policy/reason-codes.ts";
import { derivedId, type Projection } from "./projection.ts";

export const violations: Projection = ({ entry }) =>
	violationsOf(entry).map((record) => ({
		to: "violations",
		record,
		id: record.id,
		key: callKey(record.call),
		isOfInput: true,
	}));

/**
 * Violations of an entry: each rule that denied (or would have, in mode `audit`), each budget that a settlement overshot,
 * each rejection of severity high or critical.
 */
export function violationsOf(entry: LedgerEntry): ViolationDetected[] {
	const { partition } = entry.cause;
	const violation = (
		index: number,
		facts: Omit<ViolationDetected, "type" | "id" | "partition" | "seq" | "index" | "at">,
	): ViolationDetected => ({
		type: "violation.detected",
		id: derivedId(partition, entry.seq, index),
		partition,
		seq: entry.seq,
		index,
		at: entry.at,
		...facts,
	});
	const ofRules = (verdict: Verdict, call: CallRef, reasons: readonly Reason[]): ViolationDetected[] =>
		reasons.filter(isBroken).map(({ rule, span }, index) =>
			violation(index, {
				code: rule.code,
				policy: rule.policy,
				rule: rule.name,
				severity: rule.severity,
				mode: rule.mode,
				verdict,
				call: callIdOf(call),
				session: call.session,
				tool: call.tool,
				span,
				message: rule.message,
				tags: rule.tags,
			}),
		);
	switch (entry.kind) {
		case "decision.made":
			return ofRules(entry.verdict, entry.call, entry.decision.reasons);
		case "decision.held":
			return ofRules("hold", entry.call, entry.decision.reasons);
		case "approval.recorded":
			return ofRules(entry.result === "pending" ? "hold" : entry.result, entry.call, entry.decision?.reasons ?? []);
		case "usage.settled":
			return entry.overshoots.map((over, index) =>
				violation(index, {
					code: "budget.overshot",
					policy: over.counter.policy,
					rule: over.counter.limit,
					severity: over.severity,
					mode: over.mode,
					verdict: "allow",
					call: callIdOf(entry.call),
					session: entry.session,
					tool: "",
					span: null,
					message: overshotText(over, { ...entry.call, session: entry.session }),
					tags: over.tags,
				}),
			);
		case "input.rejected":
			return entry.severity === "high" || entry.severity === "critical"
				? [
						violation(0, {
							code: entry.code,
							policy: "",
							rule: "",
							severity: entry.severity,
							mode: "enforce",
							verdict: "deny",
							call: callIdOf(entry.call),
							session: "",
							tool: "",
							span: null,
							message: entry.detail,
							tags: [],
						}),
					]
				: [];
		case "decision.repeated":
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
			return [];
	}
}

/** A rule that was broken: not an engine denial such as a halt, not a hold, which breaks nothing, and not one that is lifted. */
const isBroken = ({ rule }: Reason): boolean =>
	rule.effect === "deny" && rule.policy !== "" && rule.code !== EXCEPTION_USED;

/** UTF-16 units of a scope key in a message: a key can be longer than a message may be. */
const SCOPE_MAX = 512;

function overshotText({ counter, debt }: Overshoot, subject: Subject): string {
	const whose = cutTo(accountKey(counter, subject), SCOPE_MAX);
	const { measure } = counter;
	return `${measure === "cost" ? costText(debt) : debt} over the maximum of ${measure} for ${whose}; carried as debt`;
}
