/** What signatures of records are over: fixed, because publishers in other languages make them. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { HEADER } from "../../../../src/core/codec/headers.ts";
import {
	controlMessage,
	publisherHeaders,
	publisherMessage,
	readSignature,
} from "../../../../src/core/codec/signed.ts";

const value = new TextEncoder().encode("the bytes of the record");
const headers = { [HEADER.replyTo]: "replies.gateway-1", [HEADER.replyId]: "ä-1", traceparent: "00-…" };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

describe("the message that is signed", () => {
	it("of a record of intents is over topic, key, reply address and bytes", () => {
		expect(hex(publisherMessage({ partition: 3, key: "acme/coder", value, headers }))).toBe(
			sha256("assent.publisher.v1\0" + "7:intents10:acme/coder17:replies.gateway-14:ä-1the bytes of the record"),
		);
		expect(hex(publisherMessage({ partition: 3, key: null, value, headers: {} }))).toBe(
			sha256("assent.publisher.v1\0" + "7:intents0:0:0:the bytes of the record"),
		);
	});

	it("of a control record is over topic, partition, key and bytes", () => {
		expect(hex(controlMessage({ partition: 11, key: "acme/coder", value }))).toBe(
			sha256("assent.control.v1\0" + "7:control2:1110:acme/coderthe bytes of the record"),
		);
		const [one, other] = [1, 2].map((partition) => hex(controlMessage({ partition, key: null, value })));
		expect(one).not.toBe(other);
	});
});

describe("a signature", () => {
	const signature = new Uint8Array(64).map((_, at) => at);
	it("is in a header, beside the publisher's name", () => {
		const written = publisherHeaders("gateway-1", signature);
		expect(Object.keys(written)).toEqual(["assent-publisher", "assent-signature"]);
		expect(readSignature(written)).toEqual(signature);
	});

	it.each([undefined, "", "nonsense", Buffer.alloc(63).toString("base64"), `${Buffer.alloc(64).toString("base64")}\n`])(
		"that reads %j is none",
		(text) => {
			expect(readSignature(text === undefined ? {} : { [HEADER.signature]: text })).toBeNull();
		},
	);

	it("is none where headers only inherit it", () => {
		const inherited = Object.create({ [HEADER.signature]: Buffer.from(signature).toString("base64") });
		expect(readSignature(inherited)).toBeNull();
	});
});
