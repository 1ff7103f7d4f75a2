/**
 * The parts of a step as the commit before has them (`BEFORE` of compare.ts): imported from a checkout of it, so that both
 * are measured in the same minutes. Not compiled with this tree, whose files have other names.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** @param {string} root the checkout */
export async function partsOf(root) {
	const load = (path) => import(pathToFileURL(join(root, "src", path)).href);
	const { decodeInput } = await load("core/codec/decode.ts");
	const { encodeDerived, encodeEntry, encodeInput } = await load("core/codec/encode.ts");
	const { decide } = await load("core/engine/decide.ts");
	const { evolve } = await load("core/engine/evolve.ts");
	const { beginFold } = await load("core/audit/fold.ts");
	const { CompactRange } = await load("core/audit/tree.ts");
	const { repliesOf } = await load("core/ledger/projections.ts");
	const { compilePolicies } = await load("core/policy/compile.ts");
	const { DEFAULT_LAYOUT } = await load("app/topics.ts");
	const { beginAppend, consume, inputOf, take } = await load("processor/step.ts");
	return {
		compile(policy) {
			const set = compilePolicies([{ name: "bench.yaml", text: policy }], { budgetRoot: "tenant/agent" });
			if (!set.ok) throw new Error(JSON.stringify(set.error));
			return set.value;
		},
		encodeInput,
		decodeInput(bytes) {
			const read = decodeInput(bytes, "intents");
			if (!read.ok) throw new Error(read.error.message);
			return read.value;
		},
		begin(set, { isDigested }) {
			const folded = beginFold({ ...DEFAULT_LAYOUT, partitions: 1 }, 0, { isDigested });
			const { state } = folded;
			state.policy = { digest: set.digest, generation: 1, activationId: "bench" };
			const catalogue = { get: () => set };
			let append = beginAppend("00000000000000000000000000000000", 0);
			return {
				decide: (record, offset, time) => {
					const cause = { topic: "intents", partition: 0, offset };
					const input = { kind: "read", cause, time, late: false, ahead: false, blind: false, address: null, record };
					return decide(state, input, catalogue);
				},
				evolve: (entry) => void evolve(state, entry),
				step(value, offset, timestamp) {
					const record = { topic: "intents", partition: 0, offset, timestamp, key: null, value, headers: {} };
					take(folded, append, inputOf(consume(record, "intents"), timestamp, undefined), catalogue);
					if (append.records.length === 500) append = beginAppend(append.claimId, state.nextSeq);
				},
			};
		},
		encodeEntry,
		reply: (entry) => encodeDerived(repliesOf(entry, { topic: "replies", replyId: "bench" }, "")[0].reply),
		tree() {
			const range = new CompactRange();
			return (leaf) => range.append(leaf);
		},
	};
}
