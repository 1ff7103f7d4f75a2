/** A set in which rules or policies have force for a share of the sessions: one evaluator for each part of the scale. */
import type { Subject } from "../model/ids.ts";
import type { CallView, CompiledPolicySet, Evaluation } from "./compiled.ts";
import { PolicyEvaluator } from "./evaluator.ts";
import type { CompiledLimit, CompiledPolicy } from "./rules.ts";
import { policyAt } from "./staged-rules.ts";
import { SHARE_MAX, type Share, shareOfSession } from "./stages.ts";
import type { CompiledTrust } from "./trust.ts";

/** Where on the scale of sessions something changes: at 0, and at each stage. */
export const scaleOf = (policies: readonly CompiledPolicy[]): readonly Share[] =>
	[...new Set([0, ...policies.flatMap(({ stages }) => stages.map(({ below }) => below))])]
		.filter((share) => share < SHARE_MAX)
		.sort((a, b) => a - b);

export class StagedPolicies implements CompiledPolicySet {
	readonly digest: string;
	readonly policies: readonly CompiledPolicy[];
	readonly trust: CompiledTrust | null;
	readonly limits: readonly CompiledLimit[];
	/** Every stage in force. */
	readonly #whole: PolicyEvaluator;
	/** The last part that begins at or below a session's share is its own. */
	readonly #parts: readonly { readonly from: Share; readonly evaluator: PolicyEvaluator }[];

	constructor(rules: Pick<CompiledPolicySet, "digest" | "policies" | "trust">) {
		const { digest, policies, trust } = rules;
		const whole = new PolicyEvaluator(rules);
		this.digest = digest;
		this.policies = policies;
		this.trust = trust;
		this.limits = whole.limits;
		this.#whole = whole;
		this.#parts = scaleOf(policies).map((from) => {
			const here = policies.map((policy) => policyAt(policy, from));
			return { from, evaluator: new PolicyEvaluator({ ...rules, policies: here }, whole) };
		});
	}

	evaluate(call: CallView): Evaluation {
		const { tenant, agent, session } = call;
		// Nobody knows where a session is that has no name: in doubt every stage is in force.
		return (session === undefined ? this.#whole : this.#of({ tenant, agent, session })).evaluate(call);
	}

	limit(policy: string, name: string, session?: Subject): CompiledLimit | null {
		return (session === undefined ? this.#whole : this.#of(session)).limit(policy, name);
	}

	#of(session: Subject): PolicyEvaluator {
		const share = shareOfSession(session);
		return this.#parts.findLast(({ from }) => from <= share)?.evaluator ?? this.#whole;
	}
}
