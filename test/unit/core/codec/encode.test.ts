/** An encoder never writes what its decoder would refuse. */
import { describe, expect, it } from "vitest";
import { canonicalize } from "../../../../src/core/base/canonical-json.ts";
import { AssentError } from "../../../../src/core/base/errors.ts";
import { decodeDerived, decodeInput } from "../../../../src/core/codec/decode.ts";
import { checkPublishable, encodeDerived, encodeEntry, encodeInput } from "../../../../src/core/codec/encode.ts";
import { ENTRY_BYTES_MAX } from "../../../../src/core/model/bounds.ts";
import type { InputRejectedEntry, IntentAbandonedEntry } from "../../../../src/core/model/entries.ts";
import type { ApprovalGranted, IntentSubmitted } from "../../../../src/core/model/inputs.ts";
import type { PolicyBundle, SnapshotChunk } from "../../../../src/core/model/records.ts";

const APPROVAL: ApprovalGranted = {
	type: "approval.granted",
	call: { tenant: "acme", agent: "coder", id: "call-1" },
	session: "run-7",
	commitment: "ab".repeat(32),
	id: "ctl-1",
	issuedBy: "kim",
	issuedAt: 5,
	comment: "",
};

const HEAD = {
	seq: 0,
	at: 1,
	semantics: 1,
	cause: { topic: "intents", partition: 0, offset: 0 },
	causeTime: 1,
	late: false,
	ahead: false,
	effects: [],
	stateDigest: "",
} as const;

const CHUNK: SnapshotChunk = { type: "snapshot.chunk", snapshotId: "s", index: 0, bytes: new Uint8Array(4) };

function thrown(run: () => unknown): { readonly code: string; readonly message: string } {
	try {
		run();
	} catch (error) {
		if (error instanceof AssentError) return { code: error.code, message: error.problem.message };
		throw error;
	}
	throw new Error("nothing was thrown");
}

const refusalOf = (change: object): { readonly code: string; readonly message: string } =>
	thrown(() => encodeInput({ ...APPROVAL, ...change } as ApprovalGranted));

describe("a value out of bounds", () => {
	it.each([
		["a lone surrogate in a short text", { comment: "a\ud800b" }, "field `comment` holds a lone surrogate"],
		[
			"a lone surrogate in a long text",
			{ comment: `${"x".repeat(500)}\udc00` },
			"field `comment` holds a lone surrogate",
		],
		[
			"a text that is too long",
			{ comment: "x".repeat(2_049) },
			"field `comment` has 2049 characters, at most 2048 are accepted",
		],
		["a control character in a name", { id: "a\u0000" }, "field `id` holds a control character"],
		["an empty name", { session: "" }, "field `session` is empty"],
		["a fraction", { issuedAt: 1.5 }, "field `issuedAt` is not an integer of 0 to 9007199254740990"],
		["a negative number", { issuedAt: -1 }, "field `issuedAt` is not an integer of 0 to 9007199254740990"],
		["a number beyond 2^53", { issuedAt: 2 ** 60 }, "field `issuedAt` is not an integer of 0 to 9007199254740990"],
		["no number", { issuedAt: Number.NaN }, "field `issuedAt` is not an integer of 0 to 9007199254740990"],
		["a text for a number", { issuedAt: "5" }, "field `issuedAt` is not an integer of 0 to 9007199254740990"],
		["a missing field", { comment: undefined }, "field `comment` is not a text"],
		["a missing record", { call: null }, "field `call` is not a record"],
		[
			"a fault inside a record",
			{ call: { ...APPROVAL.call, id: "x".repeat(257) } },
			"field `call.id` has 257 characters, at most 256 are accepted",
		],
	])("is thrown as RECORD_FIELD: %s", (_, change, why) => {
		expect(refusalOf(change)).toEqual({
			code: "RECORD_FIELD",
			message: `\`ApprovalGranted\` cannot be written: ${why}`,
		});
	});

	it("is thrown with its place in a list", () => {
		const bundle = { type: "policy.bundle", digest: "0".repeat(64), sources: [{ name: "a", text: "" }, { name: "b" }] };
		expect(thrown(() => encodeDerived(bundle as unknown as PolicyBundle)).message).toContain(
			"`sources[1].text` is not a text",
		);
	});

	it("is thrown for words, digests, booleans, lists and bytes alike", () => {
		const entry: InputRejectedEntry = {
			...HEAD,
			kind: "input.rejected",
			code: "x",
			detail: "",
			call: { tenant: "", agent: "", id: "" },
			severity: "low",
			commitment: "",
			recordDigest: "",
		};
		const messageOf = (change: object): string =>
			thrown(() => encodeEntry({ ...entry, ...change } as InputRejectedEntry)).message;
		expect(messageOf({ severity: "huge" })).toContain("`severity` is none of `low`, `medium`, `high`, `critical`");
		expect(messageOf({ recordDigest: "A".repeat(64) })).toContain("`recordDigest` is not a digest");
		expect(messageOf({ recordDigest: 7 })).toContain("`recordDigest` is not a text");
		expect(messageOf({ stateDigest: "ab" })).toContain("`stateDigest` is not a digest");
		expect(messageOf({ late: 1 })).toContain("`late` is neither true nor false");
		expect(messageOf({ effects: {} })).toContain("`effects` is not a list");
		expect(messageOf({ effects: new Array(1_025) })).toContain("`effects` has 1025 items");
		expect(thrown(() => encodeDerived({ ...CHUNK, bytes: [1] as never })).message).toContain(
			"`bytes` is not a byte array",
		);
	});

	it("leaves nothing behind that the next record could show", () => {
		const before = encodeInput(APPROVAL);
		expect(refusalOf({ comment: 7 }).code).toBe("RECORD_FIELD");
		expect(encodeInput(APPROVAL)).toEqual(before);
		expect(refusalOf({ session: 7 }).message).toContain("`session`");
	});

	it("is thrown for a type without a schema", () => {
		expect(thrown(() => encodeInput({ type: "toString" } as never)).code).toBe("ASSENT_INTERNAL");
	});
});

describe("an intent's arguments", () => {
	const intent: IntentSubmitted = {
		type: "intent.submitted",
		id: "call-1",
		principal: {
			tenant: "a",
			agent: "b",
			session: "c",
			actor: [],
			onBehalfOf: null,
			askedBy: null,
			sessionStartedAt: null,
		},
		tool: "t",
		args: {},
		argsText: canonicalize({}),
		salt: new Uint8Array(16),
		sessionSalt: new Uint8Array(16),
		estimate: { tokens: 0, costMicros: 0 },
		issuedAt: 1,
		deadline: 2,
		executor: "",
		facts: null,
		caps: [],
	};

	it("are canonical by their type, so that nobody looks again before they are written", () => {
		// @ts-expect-error a text that nobody has read is none
		const unread: IntentSubmitted = { ...intent, argsText: '{"b":1,"a":1}' };
		expect(decodeInput(encodeInput(unread), "intents")).toMatchObject({ ok: false, error: { code: "RECORD_JSON" } });
	});

	it("make a record that publishers may not send when it has more than 900,000 bytes", () => {
		const argsText = canonicalize({ a: "x".repeat(899_000) });
		const wide = canonicalize({ a: "ä".repeat(470_000) });
		expect(checkPublishable(encodeInput({ ...intent, argsText })).ok).toBe(true);
		const bytes = encodeInput({ ...intent, argsText: wide });
		expect(decodeInput(bytes, "intents").ok).toBe(true);
		expect(checkPublishable(bytes)).toMatchObject({ ok: false, error: { code: "RECORD_OVERSIZED" } });
		expect(checkPublishable(new Uint8Array(900_000)).ok).toBe(true);
		expect(checkPublishable(new Uint8Array(900_001)).ok).toBe(false);
	});

	it("make a record that is not written when it has more than a megabyte", () => {
		const argsText = canonicalize({ a: "語".repeat(400_000) });
		expect(thrown(() => encodeInput({ ...intent, argsText })).code).toBe("RECORD_OVERSIZED");
	});
});

describe("sizes", () => {
	it("of a ledger entry end where a tile could not hold the leaf", () => {
		const abandoned = (pointers: number): IntentAbandonedEntry => ({
			...HEAD,
			kind: "intent.abandoned",
			effects: new Array(pointers).fill({
				kind: "hold.expired",
				call: { tenant: "t".repeat(256), agent: "a".repeat(256), id: "i".repeat(256) },
				session: "s".repeat(256),
				tool: "u".repeat(256),
				address: null,
				commitment: "",
			}),
			call: { tenant: "a", agent: "b", id: "c" },
			session: "d",
			reason: "",
		});
		expect(encodeEntry(abandoned(40)).length).toBeLessThan(ENTRY_BYTES_MAX);
		expect(thrown(() => encodeEntry(abandoned(60))).code).toBe("RECORD_OVERSIZED");
		expect(thrown(() => encodeEntry(abandoned(1_000))).code).toBe("RECORD_OVERSIZED");
	});

	it("of a snapshot's chunk may come near a megabyte", () => {
		const bytes = new Uint8Array(990_000).fill(3);
		const record = { ...CHUNK, bytes };
		expect(decodeDerived(encodeDerived(record))).toEqual({ ok: true, value: record });
	});
});

describe("the bytes", () => {
	it("stay as they were, however many records of whatever length are written after them", () => {
		const lengths = Array.from({ length: 300 }, (_, index) => (index * 37) % 2_000);
		const written = lengths.map((length) => encodeInput({ ...APPROVAL, comment: "x".repeat(length) }));
		const kept = written.map((bytes) => Uint8Array.from(bytes));
		const large = encodeDerived({ ...CHUNK, bytes: new Uint8Array(100_000).fill(9) });
		const keptLarge = Uint8Array.from(large);
		for (const length of lengths) encodeInput({ ...APPROVAL, comment: "z".repeat(length) });
		expect(written).toEqual(kept);
		expect(large).toEqual(keptLarge);
		for (const [index, bytes] of written.entries()) {
			const comment = "x".repeat(lengths[index] ?? 0);
			expect(decodeInput(bytes, "control")).toMatchObject({ ok: true, value: { comment } });
		}
	});
});
