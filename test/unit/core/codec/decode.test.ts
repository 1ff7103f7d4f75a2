/** Bytes are hostile until they are decoded: every fault is a value with a code, and says what could be read. */
import { describe, expect, it } from "vitest";
import { canonicalize } from "../../../../src/core/base/canonical-json.ts";
import {
	decodeDerived,
	decodeEntry,
	decodeInput,
	identify,
	type RecordFault,
} from "../../../../src/core/codec/decode.ts";
import { encodeDerived, encodeEntry, encodeInput } from "../../../../src/core/codec/encode.ts";
import type { LedgerEntry } from "../../../../src/core/model/entries.ts";
import type { IntentSubmitted, OutcomeReported } from "../../../../src/core/model/inputs.ts";
import type { Claim } from "../../../../src/core/model/records.ts";
import { encodeLoosely } from "../../../support/loose-encoder.ts";

const INTENT: IntentSubmitted = {
	type: "intent.submitted",
	id: "call-1",
	principal: {
		tenant: "acme",
		agent: "coder",
		session: "run-7",
		actor: ["planner"],
		onBehalfOf: null,
		askedBy: null,
		sessionStartedAt: null,
	},
	tool: "shell.run",
	args: { command: "ls" },
	argsText: canonicalize({ command: "ls" }),
	salt: new Uint8Array(16).fill(1),
	sessionSalt: new Uint8Array(16).fill(2),
	estimate: { tokens: 10, costMicros: 20 },
	issuedAt: 1_772_000_000_000,
	deadline: 1_772_000_030_000,
	executor: "0123456789abcdefghijkl",
	facts: null,
	caps: [{ name: "key-7", measure: "tokens", max: 1_000 }],
};

const CALL = { tenant: "acme", agent: "coder", id: "call-1" };

const OUTCOME: OutcomeReported = {
	type: "outcome.reported",
	actor: [],
	call: CALL,
	session: "run-7",
	status: "ok",
	sketch: "0a".repeat(128),
	usage: { tokens: 1, costMicros: 2, executionMs: 3 },
};

const TICK: LedgerEntry = {
	kind: "clock.ticked",
	seq: 1,
	at: 2,
	semantics: 1,
	cause: { topic: "control", partition: 0, offset: 5 },
	causeTime: 2,
	late: false,
	ahead: false,
	effects: [],
	stateDigest: "",
};

const CLAIM: Claim = {
	type: "claim",
	claimId: "c1",
	instance: "host-1",
	layout: { partitions: 12, budgetRoot: "tenant/agent", dedupeMs: 1, sessionMs: 2 },
};

function faultOf(read: { readonly ok: boolean; readonly error?: RecordFault }): RecordFault {
	if (read.ok || read.error === undefined) throw new Error("the bytes were accepted");
	return read.error;
}

/** The fault of an intent in which something is out of bounds. */
const faultIn = (change: object): RecordFault =>
	faultOf(decodeInput(encodeLoosely("intent-submitted", { ...INTENT, ...change }), "intents"));

const faultOfArguments = (argsText: string): RecordFault => faultIn({ argsText });

/** The bytes with one piece replaced, found by what it is. */
function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
	const hex = Buffer.from(bytes).toString("hex");
	const at = hex.indexOf(from);
	if (at < 0 || at % 2 === 1) throw new Error(`${from} does not occur`);
	return new Uint8Array(Buffer.from(hex.slice(0, at) + to + hex.slice(at + from.length), "hex"));
}

const hexOf = (text: string): string => Buffer.from(text).toString("hex");

describe("a header", () => {
	it("that is not whole is RECORD_TRUNCATED", () => {
		expect(faultOf(decodeEntry(new Uint8Array(9))).code).toBe("RECORD_TRUNCATED");
	});

	it("without the single-object marker is RECORD_MALFORMED, which is not an unknown schema", () => {
		const fault = faultOf(decodeInput(Buffer.from('{"id":"call-1"}'), "intents"));
		expect(fault).toMatchObject({ code: "RECORD_MALFORMED", unknownSchema: false });
	});

	it("with an unknown fingerprint says so, and names it as the map of fingerprints would", () => {
		const bytes = encodeInput(INTENT).slice();
		bytes.set([8, 7, 6, 5, 4, 3, 2, 1], 2);
		expect(faultOf(decodeInput(bytes, "intents"))).toMatchObject({
			code: "RECORD_SCHEMA_UNKNOWN",
			unknownSchema: true,
			message: "no schema with the fingerprint `0807060504030201` is known to this version",
		});
		expect(identify(bytes)).toBeNull();
	});

	it("whose fingerprint is known only by half is unknown", () => {
		const bytes = encodeInput(INTENT);
		bytes[9] = (bytes[9] as number) ^ 1;
		expect(faultOf(decodeInput(bytes, "intents")).unknownSchema).toBe(true);
	});

	it("says what the record is", () => {
		expect(identify(encodeInput(INTENT))).toMatchObject({ family: "intents", types: ["intent.submitted"] });
		expect(identify(encodeDerived(CLAIM))).toMatchObject({ family: "derived", types: ["claim"] });
		expect(identify(new Uint8Array(3))).toBeNull();
	});
});

describe("a record in another place", () => {
	it("is RECORD_TOPIC, and its call can be answered", () => {
		expect(faultOf(decodeInput(encodeInput(INTENT), "control"))).toMatchObject({
			code: "RECORD_TOPIC",
			message: "`IntentSubmitted` does not belong on `control`",
			call: CALL,
			session: "run-7",
		});
	});

	it("is refused by every decoder but its own", () => {
		expect(faultOf(decodeEntry(encodeDerived(CLAIM))).code).toBe("RECORD_TOPIC");
		expect(faultOf(decodeDerived(encodeEntry(TICK))).code).toBe("RECORD_TOPIC");
		expect(faultOf(decodeInput(encodeEntry(TICK), "control")).code).toBe("RECORD_TOPIC");
	});
});

describe("a value out of bounds", () => {
	it.each([
		["tool", { tool: "" }, "is empty"],
		["tool", { tool: "t".repeat(257) }, "has 257 characters, at most 256 are accepted"],
		["tool", { tool: "t".repeat(768) }, "has 768 characters, at most 256 are accepted"],
		["tool", { tool: "t".repeat(769) }, "has more than 256 characters"],
		["tool", { tool: "a\nb" }, "holds a control character"],
		["tool", { tool: "a\u007fb" }, "holds a control character"],
		["tool", { tool: "ä\u0085b" }, "holds a control character"],
		["salt", { salt: new Uint8Array(15) }, "has 15 bytes, accepted are 16 to 64"],
		["sessionSalt", { sessionSalt: new Uint8Array(65) }, "has 65 bytes, accepted are 16 to 64"],
		["issuedAt", { issuedAt: -1 }, "is negative"],
		["estimate.tokens", { estimate: { tokens: -5, costMicros: 0 } }, "is negative"],
		[
			"principal.actor",
			{ principal: { ...INTENT.principal, actor: new Array(17).fill("a") } },
			"has 17 items, at most 16 are accepted",
		],
		["principal.actor[1]", { principal: { ...INTENT.principal, actor: ["a", ""] } }, "is empty"],
	])("in `%s` is RECORD_FIELD, names the field and keeps the call", (path, change, what) => {
		expect(faultIn(change)).toEqual({
			code: "RECORD_FIELD",
			message: `field \`${path}\` of \`IntentSubmitted\` ${what}`,
			call: CALL,
			session: "run-7",
			unknownSchema: false,
		});
	});

	it("may be 256 characters of three bytes each", () => {
		const tool = "語".repeat(256);
		expect(decodeInput(encodeInput({ ...INTENT, tool }), "intents")).toMatchObject({ ok: true, value: { tool } });
	});

	it("counts characters as UTF-16 code units", () => {
		expect(faultIn({ tool: "🙂".repeat(129) }).message).toContain("has 258 characters");
	});

	it("in the call's own names leaves no call to answer", () => {
		expect(faultIn({ id: "" })).toMatchObject({ call: null, session: null });
		expect(faultIn({ principal: { ...INTENT.principal, agent: "a\tb" } })).toMatchObject({ call: null, session: null });
		expect(faultIn({ principal: { ...INTENT.principal, session: "" } })).toMatchObject({ call: CALL, session: null });
	});

	it("is a word that this version does not know", () => {
		const fault = faultOf(decodeInput(encodeLoosely("outcome-reported", { ...OUTCOME, status: "maybe" }), "intents"));
		expect(fault).toMatchObject({
			code: "RECORD_FIELD",
			message: "field `status` of `OutcomeReported` is none of `ok`, `error`, `unknown`",
			call: CALL,
			session: "run-7",
		});
	});

	it.each(["f".repeat(63), "F".repeat(64), "", "g".repeat(64)])("is a digest such as `%s`", (root) => {
		const checkpoint = { id: "0-1", partition: 0, size: 1, at: 1, root, stateDigest: "", policyDigest: "" };
		expect(faultOf(decodeDerived(encodeLoosely("checkpoint-created", checkpoint))).code).toBe("RECORD_FIELD");
	});

	it("is a list of reasons longer than what is accepted", () => {
		const words = { effect: "deny", mode: "audit", severity: "low", message: "", tags: [] };
		const rule = { code: "x", policy: "", name: "", ...words };
		const reason = { rule, span: null };
		const { kind: _, ...head } = TICK;
		const entry = {
			...head,
			call: {
				...{ ...CALL, session: "s", actor: [], onBehalfOf: null, askedBy: null, publisher: null },
				...{ tool: "t", commitment: "0".repeat(64), issuedAt: 1 },
			},
			executor: "",
			verdict: "deny",
			facts: null,
			decision: {
				reasons: new Array(1_025).fill(reason),
				obligations: { redact: [], callDeadlineMs: 0, leaseMs: 0, messages: [] },
				uses: [],
				begins: [],
				policyDigest: "",
			},
		};
		const bytes = encodeLoosely("decision-made-entry", { ...entry, call: { ...entry.call, sessionStartedAt: 1 } });
		expect(faultOf(decodeEntry(bytes)).message).toContain("`decision.reasons` of `DecisionMadeEntry` has 1025 items");
	});
});

describe("bytes that fit no schema", () => {
	const tick = encodeEntry(TICK);

	it("are refused when something follows after the end", () => {
		const fault = faultOf(decodeEntry(new Uint8Array([...tick, 0])));
		expect(fault).toMatchObject({
			code: "RECORD_MALFORMED",
			message: "1 bytes follow after the end of `ClockTickedEntry`",
		});
	});

	it("are refused as a whole when the record is larger than a megabyte, and its call can still be answered", () => {
		const bytes = new Uint8Array(1_000_001);
		bytes.set(encodeInput(INTENT));
		expect(faultOf(decodeInput(bytes, "intents"))).toMatchObject({ code: "RECORD_OVERSIZED", call: CALL });
	});

	it.each([
		["2^52 items", "8080808080808010", "RECORD_FIELD"],
		["a negative block count, which a size follows", "0102", "RECORD_FIELD"],
		["more items than there are bytes", "fe07", "RECORD_TRUNCATED"],
	])("are refused at once when a list claims %s", (_, effects, code) => {
		// In place of the empty list of effects and the empty state digest.
		const bytes = new Uint8Array([...tick.subarray(0, -2), ...Buffer.from(effects, "hex"), 0, 0, 0]);
		const fault = faultOf(decodeEntry(bytes));
		expect(fault.code).toBe(code);
		expect(fault.message).toContain("field `effects` of `ClockTickedEntry`");
	});

	it("are refused when a list comes in two blocks, one value having one encoding", () => {
		const one = encodeInput({ ...INTENT, principal: { ...INTENT.principal, actor: ["pl", "an"] } });
		const twice = replaced(one, `0404${hexOf("pl")}04${hexOf("an")}00`, `0204${hexOf("pl")}0204${hexOf("an")}00`);
		expect(faultOf(decodeInput(twice, "intents"))).toMatchObject({ code: "RECORD_MALFORMED", call: CALL });
	});

	it("are refused when a number takes more bytes than it needs", () => {
		const at = hexOf("shell.run");
		const longer = replaced(encodeInput(INTENT), `12${at}`, `9200${at}`);
		expect(faultOf(decodeInput(longer, "intents"))).toMatchObject({
			code: "RECORD_MALFORMED",
			message: "field `tool` of `IntentSubmitted` is a number in more bytes than it needs",
		});
	});

	it.each([
		["the largest safe integer, which avsc cannot write", "feffffffffffff1f"],
		["beyond 2^53", "8080808080808020"],
		["beyond 2^64", "feffffffffffffffffffff01"],
		["negative beyond what a double tells apart", "ffffffffffffff1f"],
	])("are refused when a number is %s", (_, hex) => {
		const bytes = replaced(encodeEntry({ ...TICK, seq: 1_234_567 }), "8eda9601", hex);
		expect(faultOf(decodeEntry(bytes)).code).toBe("RECORD_FIELD");
	});

	it("are refused when a boolean is neither 0 nor 1, or a union has no such branch", () => {
		const bytes = encodeEntry(TICK);
		const late = bytes.length - 4;
		expect(faultOf(decodeEntry(bytes.with(late, 2)))).toMatchObject({ code: "RECORD_MALFORMED" });
		const intent = encodeInput({ ...INTENT, principal: { ...INTENT.principal, actor: [] } });
		const union = replaced(intent, `${hexOf("run-7")}000000`, `${hexOf("run-7")}000400`);
		expect(faultOf(decodeInput(union, "intents")).message).toContain("`principal.onBehalfOf`");
	});

	it.each([
		["a lone surrogate", "eda080"],
		["an overlong form", "c0afaf"],
		["a byte that begins nothing", "61ff62"],
		["a character beyond Unicode cut short", "f48f61"],
	])("are refused when a text holds %s", (_, hex) => {
		const bytes = replaced(encodeInput({ ...INTENT, tool: "abc" }), `06${hexOf("abc")}`, `06${hex}`);
		const fault = faultOf(decodeInput(bytes, "intents"));
		expect(fault).toMatchObject({ code: "RECORD_MALFORMED", call: CALL });
		expect(fault.message).toBe("field `tool` of `IntentSubmitted` is not UTF-8");
	});
});

describe("arguments", () => {
	it.each([
		["not JSON", "{", "RECORD_JSON"],
		["empty", "", "RECORD_JSON"],
		["no object", "[]", "RECORD_JSON"],
		["null", "null", "RECORD_JSON"],
		["not canonical for their white space", '{"a": 1}', "RECORD_JSON"],
		["not canonical for the order of keys", '{"b":1,"a":2}', "RECORD_JSON"],
		["not canonical for a number", '{"a":1.0}', "RECORD_JSON"],
		["not canonical for an escape", '{"a":"\\u0062"}', "RECORD_JSON"],
		["with a key given twice", '{"a":1,"a":1}', "RECORD_JSON"],
		["with a key given twice, once escaped", '{"a":1,"\\u0061":1}', "RECORD_JSON"],
		["with an escaped lone surrogate", '{"a":"\\ud800"}', "RECORD_JSON"],
		["with a number beyond the doubles", '{"a":1e999}', "RECORD_JSON"],
		["nested too deeply", `{"a":${"[".repeat(64)}${"]".repeat(64)}}`, "RECORD_DEPTH"],
		["nested nine thousand times", `{"a":${"[".repeat(9_000)}`, "RECORD_DEPTH"],
		["nested a hundred thousand times", `{"a":${"[".repeat(100_000)}`, "RECORD_MEMBERS"],
		["of more than 10,000 members", `{"a":[${"0,".repeat(9_999)}0]}`, "RECORD_MEMBERS"],
	])("that are %s are refused, and the call can be answered", (_, argsText, code) => {
		expect(faultOfArguments(argsText)).toMatchObject({ code, call: CALL, session: "run-7", unknownSchema: false });
	});

	it("may be nested 64 levels deep", () => {
		const argsText = `{"a":${"[".repeat(63)}${"]".repeat(63)}}`;
		expect(decodeInput(encodeLoosely("intent-submitted", { ...INTENT, argsText }), "intents").ok).toBe(true);
	});

	it("may have 10,000 members and items", () => {
		const argsText = `{"a":[${"0,".repeat(9_998)}0]}`;
		expect(decodeInput(encodeLoosely("intent-submitted", { ...INTENT, argsText }), "intents").ok).toBe(true);
	});

	it("are cut off at 900,000 characters, as a field out of bounds", () => {
		const argsText = `{"a":"${"x".repeat(900_000)}"}`;
		expect(faultOfArguments(argsText)).toMatchObject({ code: "RECORD_FIELD", call: CALL });
		const most = `{"a":"${"x".repeat(900_000 - 8)}"}`;
		expect(decodeInput(encodeLoosely("intent-submitted", { ...INTENT, argsText: most }), "intents").ok).toBe(true);
	});

	it("keep a key named `__proto__` as data and pollute nothing", () => {
		const argsText = '{"__proto__":{"polluted":true},"constructor":{"prototype":1}}';
		const read = decodeInput(encodeLoosely("intent-submitted", { ...INTENT, argsText }), "intents");
		if (!read.ok || read.value.type !== "intent.submitted") throw new Error("not read");
		const { args } = read.value;
		expect(Object.keys(args)).toEqual(["__proto__", "constructor"]);
		expect(Object.getPrototypeOf(args)).toBe(Object.prototype);
		expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
	});

	it("are not quoted in a fault: faults reach the ledger", () => {
		expect(faultOfArguments('{"secret-key":1,"secret-key":1}').message).not.toContain("secret");
		expect(faultOfArguments('{"password":hunter2}').message).not.toContain("hunter2");
	});
});

describe("what is read", () => {
	it("shares no memory with the bytes", () => {
		const bytes = encodeInput(INTENT);
		const read = decodeInput(bytes, "intents");
		bytes.fill(0xff);
		expect(read).toMatchObject({ ok: true, value: { tool: "shell.run", salt: INTENT.salt } });
	});

	it("is the same from a Buffer, a Uint8Array and a slice in the midst of a larger one", () => {
		const bytes = encodeInput(INTENT);
		const padded = new Uint8Array(bytes.length + 20);
		padded.set(bytes, 7);
		const expected = decodeInput(bytes, "intents");
		expect(decodeInput(Buffer.from(bytes), "intents")).toEqual(expected);
		expect(decodeInput(padded.subarray(7, 7 + bytes.length), "intents")).toEqual(expected);
	});
});
