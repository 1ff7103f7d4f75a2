/**
 * Sets with stages, as one set without any for each part of the scale of sessions.
 *
 * Sessions of one part see the same rules in force, and rules that count or remember for a session alone tell nothing of another
 * one: such sets are compared part by part. A rule that counts or remembers for an agent or a tenant sees calls of all parts, and
 * says nothing of one of them.
 */
import type { CompiledPolicy } from "../../policy/rules.ts";
import { scaleOf } from "../../policy/staged-policies.ts";
import { policyAt } from "../../policy/staged-rules.ts";
import { SHARE_MAX, type Share, shareOfSession } from "../../policy/stages.ts";
import type { DecidedCall } from "../trial.ts";

/** Shares from `from` up to, and without, `to`. */
export interface Slice {
	readonly from: Share;
	readonly to: Share;
}

export const isStaged = (policies: readonly CompiledPolicy[]): boolean =>
	policies.some(({ stages }) => stages.length > 0);

/** Does no rule count or remember for more than one session? */
export const isOfSessions = (policies: readonly CompiledPolicy[]): boolean =>
	policies.every(
		({ limits, sequences }) =>
			limits.every(({ scope, measure }) => scope === "session" || measure === "identical_calls") &&
			sequences.every(({ sequence }) => sequence.scope === "session"),
	);

export function slicesOf(policies: readonly CompiledPolicy[]): readonly Slice[] {
	const scale = scaleOf(policies);
	return scale.map((from, index) => ({ from, to: scale[index + 1] ?? SHARE_MAX }));
}

/** The policies for sessions of the slice. */
export const policiesAt = (policies: readonly CompiledPolicy[], { from }: Slice): readonly CompiledPolicy[] =>
	policies.map((policy) => ({ ...policyAt(policy, from), stages: [] }));

/** Names that are tried; a slice of a hundredth of a percent has one of ten thousand. */
const NAMES_MAX = 100_000;

/** The call in a session of the slice: its own, or the first of `s-0`, `s-1`, … that is one. */
export function placedIn(call: DecidedCall, { from, to }: Slice): DecidedCall {
	const isIn = (session: string): boolean => {
		const share = shareOfSession({ tenant: call.tenant, agent: call.agent, session });
		return from <= share && share < to;
	};
	if (isIn(call.session)) return call;
	for (let number = 0; number < NAMES_MAX; number++) {
		const session = `${call.session}-${number}`;
		if (isIn(session)) return { ...call, session };
	}
	return call;
}
