import { describe, expect, it } from "vitest";
import { encodeInput } from "../../../../src/core/codec/encode.ts";
import {
	ceHeaders,
	ceType,
	type RecordType,
	readReplyAddress,
	replyHeaders,
	submissionHeaders,
	traceHeaders,
} from "../../../../src/core/codec/headers.ts";
import { REGISTRY } from "../../../../src/core/codec/registry.ts";
import type { ClockTicked } from "../../../../src/core/model/inputs.ts";

const TICK: ClockTicked = { type: "clock.ticked", id: "tick-1", issuedBy: "p1", issuedAt: 5 };

describe("CloudEvents headers", () => {
	const facts = {
		id: "tick-1",
		type: "clock.ticked",
		source: "assent/processor/p1",
		value: encodeInput(TICK),
	} as const;

	it("are those of the binary mode, with the schema's fingerprint", () => {
		expect(ceHeaders({ ...facts, time: 1_772_000_000_789 })).toEqual({
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
		"leave out the time %d, which RFC 3339 cannot write",
		(time) => {
			expect(ceHeaders({ ...facts, time })).not.toHaveProperty("ce_time");
		},
	);

	it("leave out the schema of bytes that name none", () => {
		expect(ceHeaders({ ...facts, value: new Uint8Array(4), time: 0 })).not.toHaveProperty("assent-schema");
	});

	it("have a type of the form noun and past participle for every record", () => {
		const types = REGISTRY.schemas.flatMap((schema) => schema.definition.types) as RecordType[];
		for (const type of types) expect(ceType(type)).toMatch(/^dev\.assent\.[a-z-]+\.[a-z]+\.v1$/);
		expect(ceType("claim")).toBe("dev.assent.partition.claimed.v1");
		expect(ceType("decision.made")).toBe("dev.assent.decision.made.v1");
	});
});

describe("the reply address", () => {
	it("comes back from the headers of a submission", () => {
		const address = { topic: "replies.gateway-1", replyId: "sub-42" };
		expect(readReplyAddress(submissionHeaders("call-1", address))).toEqual(address);
		expect(submissionHeaders("call-1", address)["assent-intent"]).toBe("call-1");
	});

	it("is null when the submission wants none", () => {
		expect(readReplyAddress(submissionHeaders("call-1", null))).toBeNull();
	});

	it.each(["replies", "replies.a", `replies.${"g".repeat(64)}`, "replies.0-9-z"])("may be `%s`", (topic) => {
		expect(readReplyAddress({ "assent-reply-to": topic, "assent-reply-id": "r" })).toEqual({ topic, replyId: "r" });
	});

	it.each([
		"decisions",
		"intents",
		"",
		"replies.",
		"replies.A",
		"replies.a.b",
		"replies/../control",
		"replies\n",
		"replies.a\n",
		"xreplies",
		"assent.replies",
		`replies.${"g".repeat(65)}`,
	])("is null for any other topic, such as %j: only reply topics are ever written", (topic) => {
		expect(readReplyAddress({ "assent-reply-to": topic, "assent-reply-id": "r" })).toBeNull();
	});

	it.each(["", "a\nb", "\ud800", "r".repeat(257)])("is null for the reply id %j", (replyId) => {
		expect(readReplyAddress({ "assent-reply-to": "replies", "assent-reply-id": replyId })).toBeNull();
	});

	it("is null when half of it is missing, or comes from a prototype", () => {
		expect(readReplyAddress({ "assent-reply-to": "replies" })).toBeNull();
		expect(readReplyAddress({ "assent-reply-id": "r" })).toBeNull();
		const inherited = Object.create({ "assent-reply-to": "replies", "assent-reply-id": "r" }) as Record<string, string>;
		expect(readReplyAddress(inherited)).toBeNull();
	});

	it("is echoed by the reply without its topic", () => {
		expect(replyHeaders("sub-42", "call-1")).toEqual({ "assent-reply-id": "sub-42", "assent-intent": "call-1" });
	});
});

describe("trace context", () => {
	it("is passed on", () => {
		const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
		expect(traceHeaders({ traceparent, other: "x" })).toEqual({ traceparent });
	});

	it.each([
		"00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
		"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nevil: 1",
		"",
	])("is dropped when it is malformed: %j", (traceparent) => {
		expect(traceHeaders({ traceparent })).toEqual({});
	});

	it("may be missing", () => {
		expect(traceHeaders({})).toEqual({});
	});
});
