import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEntry } from "../../src/core/codec/decode.ts";
import { encodeEntry } from "../../src/core/codec/encode.ts";
import type { PolicyCatalogue } from "../../src/core/engine/decide/context.ts";
import { decide } from "../../src/core/engine/decide/decide.ts";
import { evolve } from "../../src/core/engine/evolve/evolve.ts";
import type { Input } from "../../src/core/engine/input.ts";
import { stateDigest } from "../../src/core/state/digest.ts";
import { emptyState, type State } from "../../src/core/state/state.ts";
import { beginning, happen, histories, lived, policySets } from "../support/engine-history.ts";
import type { World } from "../support/engine-world.ts";
import { imageOf, stateOf } from "../support/state-image.ts";

const catalogue: PolicyCatalogue = { get: (digest) => policySets().find((set) => set.digest === digest) ?? null };

/** Takes the inputs from `from` on with a state of one's own; every entry and digest must be the world's. */
function continues(world: World, state: State, from: number): void {
	for (let at = from; at < world.inputs.length; at++) {
		const entry = decide(state, world.inputs[at] as Input, catalogue);
		const leaf = encodeEntry(entry);
		if (!Buffer.from(leaf).equals(world.leaves[at] as Uint8Array)) {
			expect(entry).toEqual(world.entries[at]);
			throw new Error(`the bytes of entry ${at} differ`);
		}
		evolve(state, entry);
		if (stateDigest(state) !== world.digests[at]) throw new Error(`the state after entry ${at} differs`);
	}
}

describe("a ledger of any history", () => {
	it("folds from its bytes to the same state digest at every prefix", () => {
		fc.assert(
			fc.property(histories({ days: true }), (history) => {
				const world = lived(history);
				const state = emptyState(world.layout, 0);
				for (const [at, leaf] of world.leaves.entries()) {
					const entry = decodeEntry(leaf);
					if (!entry.ok) throw new Error(entry.error.message);
					evolve(state, entry.value);
					if (stateDigest(state) !== world.digests[at]) throw new Error(`the state after entry ${at} differs`);
				}
			}),
			{ numRuns: 100 },
		);
	});

	it("is byte for byte the same when it is decided again from its inputs", () => {
		fc.assert(
			fc.property(histories({ days: true }), (history) => {
				const world = lived(history);
				continues(world, emptyState(world.layout, 0), 0);
			}),
			{ numRuns: 100 },
		);
	});

	it.each([
		["", { days: true }],
		[", also where many things fall due in one millisecond", { round: true }],
	])("goes on in the same way from a snapshot taken anywhere%s", (_where, options) => {
		fc.assert(
			fc.property(histories(options), fc.nat(), (history, seed) => {
				const world = beginning();
				const cut = seed % history.length;
				let image = world.image();
				for (const [at, each] of history.entries()) {
					happen(world, each);
					if (at === cut) image = world.image();
				}
				const state = stateOf(world.layout, image);
				expect(imageOf(state)).toEqual(image);
				continues(world, state, image.head.nextSeq);
			}),
			{ numRuns: 100 },
		);
	});
});
