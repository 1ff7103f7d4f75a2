/** What Assent answers where Agent-OS computes with policies: each policy is imported, and sets of them are compared. */
import { compare } from "../../src/core/analysis/comparison/compare.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { importAgentOs } from "../../src/core/policy/import/agent-os-import.ts";
import { type Answers, type RecordedPolicy, yamlOf } from "./vectors.ts";

/** Composed there, side by side here: the strictest of them counts. */
export const composed = (policies: readonly RecordedPolicy[], result: RecordedPolicy): Answers => ({
	theirs: "equal",
	ours: compare(setOf(policies), setOf([result])).relation,
});

/** An extended policy is accepted where it is proven to admit nothing that its base does not. */
export const extended = (base: RecordedPolicy, result: RecordedPolicy): Answers => ({
	theirs: "accepted",
	ours: ACCEPTANCE[compare(setOf([result]), setOf([base])).isAtLeastAsStrict],
});

const ACCEPTANCE = { yes: "accepted", no: "refused", unknown: "unknown" } as const;

export const stricter = (a: RecordedPolicy, b: RecordedPolicy, isStricter: boolean): Answers => ({
	theirs: isStricter ? "yes" : "no",
	ours: compare(setOf([a]), setOf([b])).isAtLeastAsStrict,
});

/** Names are once in a set. */
function setOf(policies: readonly RecordedPolicy[]): CompiledPolicySet {
	const sources = policies.map((policy, index) => {
		const imported = importAgentOs(`p${index}.yaml`, yamlOf({ ...policy, name: `p${index}` }), { approvers: ["*"] });
		if (!imported.ok) throw new Error(`a recorded policy is refused: ${imported.error[0]?.message}`);
		return { name: `p${index}.yaml`, text: imported.value.text };
	});
	const set = compilePolicies(sources, { budgetRoot: "tenant" });
	if (!set.ok) throw new Error(`an imported policy does not load: ${set.error[0]?.message}`);
	return set.value;
}
