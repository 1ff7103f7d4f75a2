import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { personName } from "../../src/core/base/person-name.ts";
import { encodeEntry } from "../../src/core/codec/encode.ts";
import { decide } from "../../src/core/engine/decide/decide.ts";
import { evolve } from "../../src/core/engine/evolve/evolve.ts";
import type { Input } from "../../src/core/engine/input.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import { emptyState } from "../../src/core/state/state.ts";
import { policySets } from "../support/engine-history.ts";
import { World } from "../support/engine-world.ts";

/** What the owner has found out before the step is in what came of it. */
const isUnreviewed = (entry: LedgerEntry): boolean =>
	entry.kind === "policy.proposed" || (entry.kind === "input.rejected" && entry.code === "policy.unreviewed");

const anyActivation = fc.record({
	set: fc.nat(2),
	/** Of the generation that is in force. */
	ahead: fc.integer({ min: -1, max: 3 }),
	by: fc.constantFrom("ops", "ann", "Ann ", "\uff21nn"),
	isAsked: fc.boolean(),
	isFound: fc.boolean(),
});
type AnyActivation = ReturnType<typeof anyActivation.generate>["value"];

const anyActivations = fc.array(anyActivation, { minLength: 10, maxLength: 40, size: "max" });

function activate(world: World, { set, ahead, by, isAsked, isFound }: AnyActivation): void {
	const digest = policySets()[set % policySets().length]?.digest ?? "";
	const head = { id: `control-${world.entries.length}`, issuedBy: by, issuedAt: world.now };
	const generation = Math.max(0, world.state.policy.generation + ahead);
	world.publish(
		{ ...head, type: "policy.activated", generation, digest, needsReview: isAsked },
		{ needsReview: isFound },
	);
}

function newWorld(): World {
	const world = new World();
	for (const set of policySets()) world.know(set);
	return world;
}

describe("activations of any operators", () => {
	it("put into force alone only what needs no review, and what does by the word of two people", () => {
		let confirmed = 0;
		fc.assert(
			fc.property(anyActivations, (activations) => {
				const world = newWorld();
				for (const each of activations) {
					const { policy: before } = world.state;
					activate(world, each);
					const { last, state } = world;
					if (last.kind !== "policy.activated") {
						const { proposed: _, ...inForce } = before;
						expect(state.policy).toMatchObject(inForce);
						continue;
					}
					const open = before.proposed?.digest === last.digest ? before.proposed : null;
					expect(last.proposedBy).toBe(open?.by ?? "");
					expect(state.policy).toMatchObject({ digest: last.digest, generation: last.generation });
					if (open === null) {
						if (last.digest !== before.digest) expect([each.isAsked, each.isFound]).toEqual([false, false]);
					} else {
						expect(personName(open.by)).not.toBe(personName(each.by));
						confirmed += 1;
					}
				}
			}),
			{ numRuns: 200 },
		);
		expect(confirmed).toBeGreaterThan(50);
	});

	it("are decided again to the same bytes with the marks that their entries tell", () => {
		fc.assert(
			fc.property(anyActivations, (activations) => {
				const world = newWorld();
				for (const each of activations) activate(world, each);
				const state = emptyState(world.layout, 0);
				for (const [index, input] of world.inputs.entries()) {
					const said = world.entries[index] as LedgerEntry;
					const again = { ...input, needsReview: isUnreviewed(said) } as Input;
					const entry = decide(state, again, world.catalogue);
					expect(Buffer.from(encodeEntry(entry))).toEqual(Buffer.from(world.leaves[index] as Uint8Array));
					evolve(state, entry);
				}
			}),
			{ numRuns: 200 },
		);
	});
});
