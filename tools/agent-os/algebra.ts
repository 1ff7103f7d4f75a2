/** What Assent answers where Agent-OS computes with policies: each policy is imported, and sets of them are compared. */
import { compare } from "../../src/core/analysis/comparison/compare.ts";
import { diffPolicies } from "../../src/core/analysis/policy-diff.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { importAgentOs } from "../../src/core/policy/import/agent-os-import.ts";
import { type ReadPolicy, readPolicy } from "../../src/core/policy/parse.ts";
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

/** The fields of a GovernancePolicy that differ, by what they are in a policy; there each is named by its key. */
export function changed(a: RecordedPolicy, b: RecordedPolicy, fields: readonly string[]): Answers {
	const [before, after] = [a, b].map((policy) => {
		const read = readPolicy({ name: "p.yaml", text: importedText(policy, "p") });
		if (!read.ok) throw new Error(`an imported policy does not load: ${read.error[0]?.message}`);
		return read.value;
	}) as [ReadPolicy, ReadPolicy];
	const subjects = diffPolicies([before], [after]).map(({ subject }) => fieldOf(subject));
	return { theirs: [...fields].sort().join(", "), ours: [...new Set(subjects)].sort().join(", ") || "nothing" };
}

/** What a field of a GovernancePolicy becomes. */
const FIELDS: readonly (readonly [begin: string, field: string])[] = [
	["tools.allow", "allowed_tools"],
	["limits/max-tokens", "max_tokens"],
	["limits/max-tool-calls", "max_tool_calls"],
	["obligations", "timeout_seconds"],
];

const fieldOf = (subject: string): string => FIELDS.find(([begin]) => subject.startsWith(begin))?.[1] ?? subject;

function importedText(policy: RecordedPolicy, name: string): string {
	const imported = importAgentOs(`${name}.yaml`, yamlOf({ ...policy, name }), { approvers: ["*"] });
	if (!imported.ok) throw new Error(`a recorded policy is refused: ${imported.error[0]?.message}`);
	return imported.value.text;
}

/** Names are once in a set. */
function setOf(policies: readonly RecordedPolicy[]): CompiledPolicySet {
	const sources = policies.map((policy, index) => ({
		name: `p${index}.yaml`,
		text: importedText(policy, `p${index}`),
	}));
	const set = compilePolicies(sources, { budgetRoot: "tenant" });
	if (!set.ok) throw new Error(`an imported policy does not load: ${set.error[0]?.message}`);
	return set.value;
}
