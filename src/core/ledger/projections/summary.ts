/** An entry in one flat row, for adapters that keep an index beside the log. */
import type { LedgerEntry, Reason } from "../../model/entries.ts";
import type { CallId } from "../../model/ids.ts";
import type { EpochMs } from "../../model/units.ts";

export interface EntrySummary {
	readonly seq: number;
	readonly kind: string;
	readonly at: EpochMs;
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
	readonly intent: string;
	readonly tool: string;
	readonly verdict: string;
	readonly code: string;
	readonly policy: string;
	readonly rule: string;
}

export function summaryOf(entry: LedgerEntry): EntrySummary {
	const { seq, kind, at } = entry;
	const nothing = {
		tenant: "",
		agent: "",
		session: "",
		intent: "",
		tool: "",
		verdict: "",
		code: "",
		policy: "",
		rule: "",
	};
	const about = (call: CallId) => ({ tenant: call.tenant, agent: call.agent, intent: call.id });
	const why = (reason: Reason | null | undefined) =>
		reason ? { code: reason.rule.code, policy: reason.rule.policy, rule: reason.rule.name } : {};
	const base = { seq, kind, at, ...nothing };
	switch (entry.kind) {
		case "decision.made":
		case "decision.held":
			return {
				...base,
				...about(entry.call),
				session: entry.call.session,
				tool: entry.call.tool,
				verdict: entry.kind === "decision.held" ? "hold" : entry.verdict,
				...why(entry.decision.reasons[0]),
			};
		case "decision.repeated":
			return { ...base, ...about(entry.call), verdict: entry.verdict, ...why(entry.firstReason) };
		case "approval.recorded":
			return {
				...base,
				...about(entry.call),
				session: entry.call.session,
				tool: entry.call.tool,
				verdict: entry.result,
				...why(entry.decision?.reasons[0]),
			};
		case "usage.settled":
		case "intent.abandoned":
			return { ...base, ...about(entry.call), session: entry.session };
		case "session.ended":
			return { ...base, tenant: entry.tenant, agent: entry.agent, session: entry.session };
		case "input.rejected":
			return { ...base, ...about(entry.call), verdict: "deny", code: entry.code };
		case "budget.adjusted":
			return { ...base, policy: entry.counter.policy, rule: entry.counter.limit, code: entry.change };
		case "halt.set":
		case "halt.lifted":
			return {
				...base,
				tenant: entry.scope.tenant ?? "",
				agent: entry.scope.agent ?? "",
				session: entry.scope.session ?? "",
			};
		case "payload.erased": {
			const { tenant, agent, session, intent } = entry.scope;
			return { ...base, tenant, agent, session: session ?? "", intent: intent ?? "" };
		}
		case "policy.activated":
		case "policy.proposed":
			return { ...base, code: entry.digest };
		case "inputs.skipped":
		case "clock.ticked":
			return base;
	}
}
