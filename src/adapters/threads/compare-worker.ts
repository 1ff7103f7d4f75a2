/** The thread that compares two sets of policies, the second of which may be anybody's. */
import { parentPort, workerData } from "node:worker_threads";
import { compare } from "../../core/analysis/comparison/compare.ts";
import type { Problem } from "../../core/base/errors.ts";
import { ok, type Result } from "../../core/base/result.ts";
import { compilePolicies } from "../../core/policy/compile.ts";
import type { PolicyPair, PolicyRelation } from "../../ports/policy-comparer.ts";

const { first, second, budgetRoot } = workerData as PolicyPair;
parentPort?.postMessage(answer());

function answer(): Result<PolicyRelation, readonly Problem[]> {
	const other = compilePolicies(second, { budgetRoot });
	if (!other.ok) return other;
	const one = compilePolicies(first, { budgetRoot });
	if (!one.ok) throw new Error("the first set of policies does not compile");
	const { relation, summary, looser } = compare(one.value, other.value);
	const told = looser.map(({ dimension, policy, rule, why }) => ({
		dimension,
		rule: `${policy}/${rule}`,
		why: why ?? "",
	}));
	return ok({ relation, summary, looser: told });
}
