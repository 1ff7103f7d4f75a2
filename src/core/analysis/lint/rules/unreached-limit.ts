/** Limits that another one always reaches first. */
import type { CompiledLimit } from "../../../policy/rules.ts";
import type { LintRule } from "../finding.ts";
import { areAmong, toolsOf } from "../proofs.ts";

const WIDTH = { session: 0, agent: 1, tenant: 2 } as const;

export const unreachedLimit: LintRule = {
	id: "unreached-limit",
	certainty: "proven",
	about: "a limit that another one always reaches first",
	find: (policy) =>
		policy.rules.limits.flatMap((limit, index, limits) => {
			const first = limits.find(
				(other, at) => at !== index && stopsBefore(other, limit) && !(at > index && stopsBefore(limit, other)),
			);
			if (first === undefined) return [];
			return [
				{
					place: limit.place,
					message: `the limit \`${limit.name}\` is never reached: \`${first.name}\` stops calls before it does`,
					help: `lower \`max\` of \`${limit.name}\`, or remove it; only \`budgets adjust\`, or what it has counted before \`${first.name}\` was there, could bring it into play`,
				},
			];
		}),
};

/** Does the first deny every call that the second would stop? It counts at least as much, and admits no more. */
function stopsBefore(one: CompiledLimit, other: CompiledLimit): boolean {
	return (
		one.measure === other.measure &&
		one.effect === "deny" &&
		one.mode === "enforce" &&
		other.mode === "enforce" &&
		one.max <= other.max &&
		one.reserve >= other.reserve &&
		WIDTH[one.scope] >= WIDTH[other.scope] &&
		looksBackAsFar(one, other) &&
		areAmong(toolsOf(other.tools), toolsOf(one.tools))
	);
}

/** A window may count up to one of its 60 steps more than its length. */
function looksBackAsFar({ windowMs: one }: CompiledLimit, { windowMs: other }: CompiledLimit): boolean {
	if (one === 0 || one === other) return true;
	return other !== 0 && one * 60 >= other * 61;
}
