/** The thread that compares two sets of policies which its creator has found to compile. */
import { parentPort, workerData } from "node:worker_threads";
import { compare } from "../../core/analysis/comparison/compare.ts";
import { compilePolicies } from "../../core/policy/compile.ts";
import type { PolicyPair, PolicyRelation } from "../../ports/policy-comparer.ts";

const { first, second, budgetRoot } = workerData as PolicyPair;
const [one, other] = [first, second].map((sources) => compilePolicies(sources, { budgetRoot }));
if (one?.ok !== true || other?.ok !== true) throw new Error("a set of policies does not compile");
const { relation, summary, looser } = compare(one.value, other.value);
const answer: PolicyRelation = {
	relation,
	summary,
	looser: looser.map(({ dimension, policy, rule, why }) => ({ dimension, rule: `${policy}/${rule}`, why: why ?? "" })),
};
parentPort?.postMessage(answer);
