/** The thread that compares one set of policies with the set in force. */
import { parentPort, workerData } from "node:worker_threads";
import { isStricterThan } from "../../core/analysis/comparison/compare.ts";
import { compilePolicies } from "../../core/policy/compile.ts";
import type { PolicyChange } from "../../ports/policy-reviewer.ts";

const { inForce, next, budgetRoot } = workerData as PolicyChange;
const [before, after] = [inForce, next].map((sources) => compilePolicies(sources, { budgetRoot }));
parentPort?.postMessage(before?.ok === true && after?.ok === true && isStricterThan(after.value, before.value));
