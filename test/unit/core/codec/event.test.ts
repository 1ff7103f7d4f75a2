import { describe, expect, it } from "vitest";
import { identify } from "../../../../src/core/codec/decode.ts";
import { encodeDerived, encodeInput } from "../../../../src/core/codec/encode.ts";
import { ceType, derivedEvent, inputEvent, type RecordType } from "../../../../src/core/codec/event.ts";
import { REGISTRY } from "../../../../src/core/codec/registry.ts";
import type { ClockTicked, HaltSet } from "../../../../src/core/model/inputs.ts";
import type { PolicyBundle } from "../../../../src/core/model/records.ts";

const TICK: ClockTicked = { type: "clock.ticked", id: "tick-1", issuedBy: "p1", issuedAt: 5 };
const FACTS = { id: "tick-1", source: "assent/processor/p1", time: 1_772_000_000_789 };

describe("a record as an event", () => {
	it("has the headers of the binary mode, with the schema's fingerprint", () => {
		expect(inputEvent(TICK, FACTS).headers).toEqual({
			"content-type": "application/avro",
			ce_specversion: "1.0",
			ce_type: "dev.assent.clock.ticked.v1",
			ce_id: "tick-1",
			ce_source: "assent/processor/p1",
			ce_time: "2026-02-25T06:13:20.789Z",
			"assent-schema": REGISTRY.writerOf("input", "clock.ticked")?.fingerprintHex,
		});
	});

	it.each([-1, 1.5, Number.NaN, 253_402_300_800_000, Number.MAX_SAFE_INTEGER])(
		"leaves out the time %d, which RFC 3339 cannot write",
		(time) => {
			expect(inputEvent(TICK, { ...FACTS, time }).headers).not.toHaveProperty("ce_time");
		},
	);

	it("names the schema that its bytes name, though an entry of the ledger has the same type", () => {
		const halt: HaltSet = {
			...TICK,
			type: "halt.set",
			scope: { tenant: null, agent: null, session: null },
			reason: "drill",
		};
		const bundle: PolicyBundle = { type: "policy.bundle", digest: "ab".repeat(32), sources: [], signature: "" };
		for (const [event, bytes] of [
			[inputEvent(halt, FACTS), encodeInput(halt)],
			[derivedEvent(bundle, FACTS), encodeDerived(bundle)],
		] as const) {
			expect(event.value).toEqual(bytes);
			expect(event.headers["assent-schema"]).toBe(identify(bytes)?.fingerprint);
		}
	});

	it("has a type of the form noun and past participle, whatever the record", () => {
		const types = REGISTRY.schemas.flatMap((schema) => schema.definition.types) as RecordType[];
		for (const type of types) expect(ceType(type)).toMatch(/^dev\.assent\.[a-z-]+\.[a-z]+\.v1$/);
		expect(ceType("claim")).toBe("dev.assent.partition.claimed.v1");
		expect(ceType("decision.made")).toBe("dev.assent.decision.made.v1");
	});
});
