/** Inputs that are gone: an operator's record lets a partition go on, only from where it stands, and is kept. */
import { describe, expect, it } from "vitest";
import type { InputsSkipped } from "../../../../src/core/model/inputs.ts";
import { type Act, given, intent, policy, rejected } from "../../../support/engine.ts";

const skipped =
	(of: Pick<InputsSkipped, "from" | "until"> & Partial<InputsSkipped>): Act =>
	(world) => {
		const head = { id: "skip-1", issuedBy: "ops", issuedAt: 0, topic: "intents", reason: "retention" } as const;
		world.publish({ ...head, ...of, type: "inputs.skipped" });
	};

describe("an operator's word that inputs are gone", () => {
	it("is kept, and moves the partition on to the first that is left", () => {
		given(policy(), intent({ id: "a" }))
			.when(skipped({ from: 1, until: 9 }))
			.then((world) => {
				expect(world.last).toMatchObject({
					...{ kind: "inputs.skipped", by: "ops", topic: "intents", from: 1, until: 9, reason: "retention" },
				});
				expect(world.state.inputs.intents).toBe(9);
			});
	});

	it("has no effect where the partition does not stand, backwards, or twice", () => {
		for (const of of [
			{ from: 0, until: 9 },
			{ from: 2, until: 9 },
			{ from: 1, until: 1 },
			{ from: 1, until: 0 },
		])
			given(policy(), intent({ id: "a" }))
				.when(skipped(of))
				.then(rejected("inputs.unfit"), (world) => expect(world.state.inputs.intents).toBe(1));
		given(policy(), intent({ id: "a" }), skipped({ from: 1, until: 9 }))
			.when(skipped({ from: 9, until: 12 }))
			.then(rejected("control.repeated"), (world) => expect(world.state.inputs.intents).toBe(9));
	});

	it("about control cannot pass over records that are still to come, itself among them", () => {
		given(policy(), intent({ id: "a" }))
			.when((world) => skipped({ topic: "control", from: world.state.inputs.control, until: 9 })(world))
			.then(rejected("inputs.unfit"), (world) => expect(world.state.inputs.control).toBeLessThan(9));
	});
});
