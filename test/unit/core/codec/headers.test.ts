import { describe, expect, it } from "vitest";
import { readReplyAddress, replyHeaders, submissionHeaders, traceHeaders } from "../../../../src/core/codec/headers.ts";

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
