/** The whole step by its rate: how many inputs a second one core takes under a policy. */
import { encodeInput } from "../../src/core/codec/encode.ts";
import { beginFold } from "../../src/core/ledger/fold.ts";
import type { IntentSubmitted } from "../../src/core/model/inputs.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { NO_POLICY } from "../../src/core/state/head.ts";
import { beginAppend, step } from "../../src/processor/step.ts";
import { consume, inputOf } from "../../src/reading/consumed.ts";
import { outcomeOf } from "./workload.ts";

const ROUNDS = 10;
const LAYOUT = { ...DEFAULT_LAYOUT, partitions: 1 };

/**
 * Bytes in → entry bytes out: decode, digests, match, budgets, encode, fold. An outcome follows each intent. By CPU time, of the best of
 * some rounds, each by a policy set that has seen no call yet: in the first ones code is still being compiled.
 */
export function stepRate(intents: readonly IntentSubmitted[], policy: string): number {
	const values = intents.flatMap((intent) => [encodeInput(intent), encodeInput(outcomeOf(intent))]);
	let best = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const set = compiled(policy);
		const folded = beginFold(LAYOUT, 0);
		folded.state.policy = { ...NO_POLICY, digest: set.digest, generation: 1, activationId: "bench" };
		const before = process.cpuUsage();
		let append = beginAppend("00000000000000000000000000000000", 0);
		for (const [offset, value] of values.entries()) {
			const timestamp = (intents[offset >> 1] as IntentSubmitted).issuedAt;
			const consumed = consume(
				{ topic: "intents", partition: 0, offset, timestamp, key: null, value, headers: {} },
				"intents",
			);
			step(folded, append, inputOf(consumed, timestamp), { get: () => set });
			if (append.records.length === 500) append = beginAppend(append.claimId, folded.state.nextSeq);
		}
		const { user, system } = process.cpuUsage(before);
		best = Math.max(best, (values.length / (user + system)) * 1_000_000);
	}
	return best;
}

export function compiled(text: string): CompiledPolicySet {
	const set = compilePolicies([{ name: "bench.yaml", text }], { budgetRoot: "tenant/agent" });
	if (!set.ok) throw new Error(JSON.stringify(set.error));
	return set.value;
}
