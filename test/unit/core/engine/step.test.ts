import { describe, expect, it } from "vitest";
import { encodeEntry } from "../../../../src/core/codec/encode.ts";
import { decide } from "../../../../src/core/engine/decide/decide.ts";
import { evolve } from "../../../../src/core/engine/evolve/evolve.ts";
import type { Input } from "../../../../src/core/engine/input.ts";
import { decideAndWrite } from "../../../../src/core/engine/step.ts";
import { given, intent, policy } from "../../../support/engine.ts";
import { intentOf } from "../../../support/engine-world.ts";

const { world } = given(policy("limits: [{name: cap, measure: tool_calls, scope: agent, max: 5}]"), intent());

const input = (id: string): Input => ({
	kind: "read",
	cause: { topic: "intents", partition: 0, offset: world.state.inputs.intents },
	causeTime: world.now,
	late: false,
	ahead: false,
	address: null,
	record: intentOf({ id, issuedAt: world.now }),
});

describe("writing what was decided", () => {
	it("gives the entry and its bytes", () => {
		const { entry, value } = decideAndWrite(world.state, input("c"), world.catalogue);
		expect(entry).toEqual(decide(world.state, input("c"), world.catalogue));
		expect(Buffer.from(value).equals(encodeEntry(entry))).toBe(true);
	});

	it("replaces what its schema cannot hold by a rejection: no input can stop a partition", () => {
		// A set that breaks its promise: decisions under it cannot be written.
		const known = world.catalogue.get(world.state.policy.digest);
		if (known === null || typeof known === "string") throw new Error("no policy is in force");
		const broken = {
			digest: "no digest",
			evaluate: known.evaluate.bind(known),
			limit: () => null,
			policies: [],
			trust: null,
			limits: [],
		};
		const { entry, value } = decideAndWrite(world.state, input("c"), { get: () => broken });
		expect(entry).toMatchObject({ kind: "input.rejected", code: "entry.oversized", call: { id: "c" }, seq: 2 });
		expect(Buffer.from(value).equals(encodeEntry(entry))).toBe(true);
		evolve(world.state, entry);
		expect(world.state.nextSeq).toBe(3);
		expect(world.counter("cap").reserved).toBe(1);
	});
});
