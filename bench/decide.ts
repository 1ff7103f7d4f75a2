/**
 * The engine on one core: `decide` on decoded intents, and the whole step (bytes in, entry bytes out) with outcomes, for the
 * baseline policy and for a set of 100 rules. The peer is V8's RegExp, one pattern after the other, over the same texts: what
 * a hand-written guard would do, without budgets, ledger or linear time.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decide } from "../src/core/engine/decide/decide.ts";
import { evolve } from "../src/core/engine/evolve/evolve.ts";
import { beginFold } from "../src/core/ledger/fold.ts";
import type { IntentSubmitted } from "../src/core/model/inputs.ts";
import { DEFAULT_LAYOUT } from "../src/core/model/layout.ts";
import type { CompiledPolicySet } from "../src/core/policy/compiled.ts";
import { NO_POLICY } from "../src/core/state/head.ts";
import { decidePeers } from "./decide-peers.ts";
import { type BenchRow, percentile } from "./row.ts";
import { compiled, stepRate } from "./step/rate.ts";
import { hundredRules, intentsOf } from "./step/workload.ts";

const CALLS = 40_000;
const LAYOUT = { ...DEFAULT_LAYOUT, partitions: 1 };
const root = join(import.meta.dirname, "..");

export async function benchDecide(): Promise<BenchRow[]> {
	const { patterns, deniedTools, policy } = hundredRules();
	const shipped = readFileSync(join(root, "policies", "baseline.yaml"), "utf8");
	const intents = intentsOf(CALLS);
	const bytes = Math.round(intents.reduce((sum, intent) => sum + intent.argsText.length, 0) / intents.length);
	const rows: BenchRow[] = [{ what: "mean length of the arguments", value: bytes, unit: "characters" }];

	const regexps = patterns.map((text) => new RegExp(text, "is"));
	const peer = rate(() => {
		let hits = 0;
		for (const intent of intents) for (const regexp of regexps) if (regexp.test(intent.argsText)) hits += 1;
		return hits;
	});
	rows.push({ what: "peer: 100 V8 RegExps one by one, patterns alone", value: peer, unit: "calls/s" });

	let hundredPerSecond = 0;
	for (const [name, text] of [
		["100 rules", policy],
		["baseline policy, calls that come again", shipped],
	] as const) {
		const { perSecond, p99 } = decideRate(intents, compiled(text));
		rows.push({ what: `decide, ${name}`, value: perSecond, unit: "calls/s" });
		if (text === policy) hundredPerSecond = perSecond;
		rows.push({ what: `decide, ${name}, p99`, value: p99, unit: "µs" });
		rows.push({ what: `decide, ${name}, against the peer`, value: perSecond / peer, unit: "×" });
		rows.push({ what: `whole step, ${name}`, value: stepRate(intents, text), unit: "inputs/s" });
	}
	rows.push(...(await decidePeers({ patterns, deniedTools, intents, perSecond: hundredPerSecond })));
	return rows;
}

function rate(work: () => number): number {
	work();
	const startedAt = performance.now();
	work();
	return (CALLS / (performance.now() - startedAt)) * 1_000;
}

function decideRate(intents: readonly IntentSubmitted[], set: CompiledPolicySet): { perSecond: number; p99: number } {
	let best = { perSecond: 0, p99: 0 };
	for (let round = 0; round < 3; round++) {
		const { state } = beginFold(LAYOUT, 0);
		state.policy = { ...NO_POLICY, digest: set.digest, generation: 1, activationId: "bench" };
		const took: number[] = [];
		let inDecide = 0;
		for (const [offset, record] of intents.entries()) {
			const before = performance.now();
			const entry = decide(
				state,
				{
					kind: "read",
					cause: { topic: "intents", partition: 0, offset },
					causeTime: record.issuedAt,
					late: false,
					ahead: false,
					address: null,
					record,
				},
				{ get: () => set },
			);
			const ms = performance.now() - before;
			inDecide += ms;
			took.push(ms * 1_000);
			evolve(state, entry);
		}
		const perSecond = (intents.length / inDecide) * 1_000;
		if (perSecond > best.perSecond)
			best = {
				perSecond,
				p99: percentile(
					took.sort((a, b) => a - b),
					0.99,
				),
			};
	}
	return best;
}
