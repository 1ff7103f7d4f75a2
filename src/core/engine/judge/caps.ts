/**
 * What credentials let their bearers spend, as limits for life that count each call. A credential is issued once, so that its maximum
 * never changes; whoever vouches for the bearer says it with every intent, and each intent is held to its own.
 */
import { capCounter } from "../../model/counters.ts";
import type { IntentSubmitted, SpendingCap } from "../../model/inputs.ts";
import type { CompiledLimit } from "../../policy/compiled.ts";
import type { DrawnLimit } from "./draws.ts";

/** The caps of the intent in its order, which are of no policy, then the limits of policies. */
export function limitsOf(policies: readonly CompiledLimit[], { caps }: IntentSubmitted): readonly DrawnLimit[] {
	if (caps.length === 0) return policies;
	const limits: DrawnLimit[] = [];
	for (const cap of caps) {
		// Said twice, it is counted once, and the lowest holds.
		const same = caps.filter(({ name, measure }) => name === cap.name && measure === cap.measure);
		if (same[0] === cap) limits.push(limitOf({ ...cap, max: Math.min(...same.map(({ max }) => max)) }));
	}
	return [...limits, ...policies];
}

const NO_TAGS: readonly string[] = Object.freeze([]);

const limitOf = (cap: SpendingCap): DrawnLimit => ({
	policy: "",
	name: cap.name,
	counter: capCounter(cap),
	measure: cap.measure,
	scope: "agent",
	max: cap.max,
	reserve: 0,
	effect: "deny",
	mode: "enforce",
	severity: "medium",
	message: "the credential's budget does not cover this call",
	tags: NO_TAGS,
	requirement: null,
});
