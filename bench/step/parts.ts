/** The parts of a step, as they are measured: one interface for this tree and for the commit that it is compared with. */

import { decodeInput } from "../../src/core/codec/decode.ts";
import { encodeDerived, encodeEntry, encodeInput } from "../../src/core/codec/encode.ts";
import { decide } from "../../src/core/engine/decide/decide.ts";
import { evolve } from "../../src/core/engine/evolve/evolve.ts";
import { beginFold } from "../../src/core/ledger/fold.ts";
import { repliesOf } from "../../src/core/ledger/projections/replies.ts";
import { CompactRange } from "../../src/core/merkle/compact-range.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { NO_POLICY } from "../../src/core/state/head.ts";
import { beginAppend, step as stepOnce } from "../../src/processor/step.ts";
import { consume, inputOf } from "../../src/reading/consumed.ts";

/** A policy, a record, an entry, a state: whatever the tree under measurement makes of them. */
type Opaque = unknown;

export interface StepParts {
	compile(policy: string): Opaque;
	encodeInput(record: object): Uint8Array;
	/** The record. */
	decodeInput(bytes: Uint8Array): Opaque;
	/** A world of its own: a state under the policy. `isDigested`: with the digests that a ledger needs. */
	begin(policy: Opaque, options: { readonly isDigested: boolean }): StepWorld;
	encodeEntry(entry: Opaque): Uint8Array;
	/** The reply derived from a decision's entry, encoded. */
	reply(entry: Opaque): Uint8Array;
	/** A tree of its own; what it returns adds a leaf. */
	tree(): (leaf: Uint8Array) => void;
}

export interface StepWorld {
	/** The entry for a decoded record. */
	decide(record: Opaque, offset: number, time: number): Opaque;
	evolve(entry: Opaque): void;
	/** Bytes in, entry bytes out. */
	step(bytes: Uint8Array, offset: number, time: number): void;
}

export const parts: StepParts = {
	compile(policy) {
		const set = compilePolicies([{ name: "bench.yaml", text: policy }], { budgetRoot: "tenant/agent" });
		if (!set.ok) throw new Error(JSON.stringify(set.error));
		return set.value;
	},
	encodeInput: (record) => encodeInput(record as Parameters<typeof encodeInput>[0]),
	decodeInput(bytes) {
		const read = decodeInput(bytes, "intents");
		if (!read.ok) throw new Error(read.error.message);
		return read.value;
	},
	begin(policy, { isDigested }) {
		const set = policy as { readonly digest: string } & never;
		const folded = beginFold({ ...DEFAULT_LAYOUT, partitions: 1 }, 0, { isDigested });
		const { state } = folded;
		state.policy = { ...NO_POLICY, digest: (set as { digest: string }).digest, generation: 1, activationId: "bench" };
		const catalogue = { get: () => set };
		let append = beginAppend("00000000000000000000000000000000", 0);
		return {
			decide: (record, offset, time) =>
				decide(
					state,
					{
						kind: "read",
						cause: { topic: "intents", partition: 0, offset },
						causeTime: time,
						late: false,
						ahead: false,
						blind: false,
						address: null,
						record: record as never,
					},
					catalogue,
				),
			evolve: (entry) => void evolve(state, entry as never),
			step(value, offset, timestamp) {
				const record = { topic: "intents", partition: 0, offset, timestamp, key: null, value, headers: {} };
				stepOnce(folded, append, inputOf(consume(record, "intents"), timestamp), catalogue);
				if (append.records.length === 500) append = beginAppend(append.claimId, state.nextSeq);
			},
		};
	},
	encodeEntry: (entry) => encodeEntry(entry as never),
	reply(entry) {
		const [addressed] = repliesOf(entry as never, { topic: "replies", replyId: "bench" }, "");
		if (addressed === undefined) throw new Error("a decision without a reply");
		return encodeDerived(addressed.reply);
	},
	tree() {
		const range = new CompactRange();
		return (leaf) => range.append(leaf);
	},
};
