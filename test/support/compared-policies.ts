/** Sets of policies for tests of their comparison, from what is between the braces of their rules. */
import type { Relation } from "../../src/core/analysis/comparison/compare.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";

/** A policy for each text: what stands below its name. */
export function policies(...bodies: readonly string[]): CompiledPolicySet {
	const sources = bodies.map((body, at) => ({
		name: `${at}.yaml`,
		text: `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p${at} }\n${body}`,
	}));
	const set = compilePolicies(sources, { budgetRoot: "tenant" });
	if (!set.ok) throw new Error(JSON.stringify(set.error));
	return set.value;
}

export const ALL = "tools: { allow: all }\n";
export const patterns = (...rules: readonly string[]): string =>
	`${ALL}patterns: [${rules.map((rule, at) => `{ name: r${at}, ${rule} }`).join(", ")}]\n`;
export const conditions = (...rules: readonly string[]): string =>
	`${ALL}conditions: [${rules.map((rule, at) => `{ name: c${at}, ${rule} }`).join(", ")}]\n`;
export const limits = (...rules: readonly string[]): string =>
	`${ALL}limits: [${rules.map((rule, at) => `{ name: l${at}, scope: agent, ${rule} }`).join(", ")}]\n`;

/** What the second may be beside the first, where the first is this beside the second. */
export const MIRRORED: Readonly<Record<Relation, readonly Relation[]>> = {
	equal: ["equal"],
	stricter: ["looser"],
	looser: ["stricter"],
	incomparable: ["incomparable"],
	"not-as-strict": ["unknown"],
	unknown: ["unknown", "not-as-strict", "stricter"],
};
