/** The thread that finds out whether one set of policies needs a second operator to come into force in place of another. */
import { parentPort, workerData } from "node:worker_threads";
import { reviewOf } from "../../core/analysis/review.ts";
import { compilePolicies } from "../../core/policy/compile.ts";
import type { PolicyChange } from "../../ports/policy-reviewer.ts";

const { inForce, next, budgetRoot } = workerData as PolicyChange;
const [before, after] = [inForce, next].map((sources) => compilePolicies(sources, { budgetRoot }));
parentPort?.postMessage(before?.ok === true && after?.ok === true && !reviewOf(before.value, after.value).isNeeded);
