import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { freezeDeep } from "../../../../src/core/base/frozen.ts";
import { readPlainJson } from "../../../../src/core/base/plain-json.ts";

class Call {
	readonly id = 1;
	get command(): string {
		return "rm -rf /";
	}
}

const hidden = (value: unknown): object => Object.defineProperty({}, "a", { value, enumerable: false });
const own = (key: string, value: unknown): object =>
	Object.defineProperty({}, key, { value, enumerable: true, configurable: true });
const withExtra = (): unknown => Object.assign([1], { extra: 2 });
const knot = (): object => {
	const self: Record<string, unknown> = {};
	self["a"] = { b: self };
	return self;
};

const faultOf = (value: unknown, caps?: Parameters<typeof readPlainJson>[1]): string => {
	const read = readPlainJson(value, caps);
	return read.ok ? `accepted: ${read.value.text}` : `${read.error.code} ${read.error.pointer}: ${read.error.message}`;
};

describe("readPlainJson", () => {
	it.each<[string, unknown, string]>([
		["a Map", { a: new Map([["x", 1]]) }, "RECORD_JSON /a: `/a` is an instance of `Map`"],
		["a Set", { a: new Set() }, "RECORD_JSON /a: `/a` is an instance of `Set`"],
		["a Date", { a: new Date(0) }, "RECORD_JSON /a: `/a` is an instance of `Date`"],
		["a Buffer", { a: Buffer.from("rm") }, "RECORD_JSON /a: `/a` is an instance of `Buffer`"],
		["a typed array", { a: new Float32Array(1) }, "RECORD_JSON /a: `/a` is an instance of `Float32Array`"],
		["a URL", { a: new URL("https://a") }, "RECORD_JSON /a: `/a` is an instance of `URL`"],
		["a boxed text", { a: Object("rm") }, "RECORD_JSON /a: `/a` is an instance of `String`"],
		["a boxed number", { a: Object(1) }, "RECORD_JSON /a: `/a` is an instance of `Number`"],
		["a class's instance", { a: [new Call()] }, "RECORD_JSON /a/0: `/a/0` is an instance of `Call`"],
		["a class's instance as a whole", new Call(), "RECORD_JSON : the value is an instance of `Call`"],
		["an array of a class", new (class Rows extends Array {})(), "RECORD_JSON : the value is an instance of `Rows`"],
		[
			"inherited members",
			Object.create({ a: 1 }),
			"RECORD_JSON : the value inherits members, which JSON does not hold",
		],
		[
			"a getter",
			{
				get a() {
					return 1;
				},
			},
			"RECORD_JSON /a: `/a` is a getter or a setter: its value could change",
		],
		["a setter", { set a(_: number) {} }, "RECORD_JSON /a: `/a` is a getter or a setter: its value could change"],
		["a hidden member", { b: hidden(1) }, "RECORD_JSON /b/a: `/b/a` is hidden (not enumerable)"],
		["a symbol for a key", { [Symbol("s")]: 1 }, "RECORD_JSON /Symbol(s): `/Symbol(s)` has a symbol for its key"],
		["an array with a hole", { a: new Array(2) }, "RECORD_JSON /a: `/a` is an array with holes"],
		[
			"an array with a member",
			{ a: withExtra() },
			"RECORD_JSON /a/extra: `/a/extra` is a member of an array beside its items",
		],
		["a function", { toJSON: () => 1 }, "RECORD_JSON /toJSON: `/toJSON` is a function"],
		["a symbol", { a: Symbol("s") }, "RECORD_JSON /a: `/a` is a symbol"],
		["a BigInt", { a: 1n }, "RECORD_JSON /a: `/a` is a BigInt: send it as a text"],
		["undefined in an array", [undefined], "RECORD_JSON /0: `/0` is `undefined`, which JSON does not have: use null"],
		["undefined as a whole", undefined, "RECORD_JSON : the value is `undefined`, which JSON does not have: use null"],
		["NaN", { a: Number.NaN }, "RECORD_JSON /a: `/a` is NaN"],
		["an infinity", [[-1 / 0]], "RECORD_JSON /0/0: `/0/0` is -Infinity"],
		["-0", { a: -0 }, "RECORD_JSON /a: `/a` is -0, which JSON readers take for 0"],
		["a lone surrogate", { a: "\ud83d" }, "RECORD_JSON /a: `/a` holds a lone surrogate"],
		[
			"a lone surrogate in a key",
			{ "a\udc00": 1 },
			"RECORD_JSON /a\ufffd: `/a\ufffd` has a key that holds a lone surrogate",
		],
		[
			"an own `__proto__`",
			JSON.parse('{"a":{"__proto__":{"x":1}}}'),
			"RECORD_JSON /a/__proto__: `/a/__proto__` has a key that sets the prototype of any copy",
		],
		["a value within itself", knot(), "RECORD_JSON /a/b: `/a/b` contains itself"],
		[
			"a pointer's own characters",
			{ "a/b": { "c~d": 1n } },
			"RECORD_JSON /a~1b/c~0d: `/a~1b/c~0d` is a BigInt: send it as a text",
		],
	])("refuses %s, and says where", (_what, value, fault) => {
		expect(faultOf(value)).toBe(fault);
	});

	it.each([2 ** 53, -(2 ** 53), JSON.parse("1497549923779084388") as number, 1e21])(
		"refuses the integer %d, which stands for its neighbours too",
		(value) => {
			expect(faultOf({ id: value })).toMatch(/^RECORD_JSON \/id: `\/id` is an integer beyond 2\^53 - 1/);
		},
	);

	it("accepts integers up to 2^53 - 1, and fractions", () => {
		expect(faultOf([2 ** 53 - 1, -(2 ** 53 - 1), 0, 1.5, 5e-324])).toBe(
			"accepted: [9007199254740991,-9007199254740991,0,1.5,5e-324]",
		);
	});

	it("leaves a member out whose value is undefined, of the text and of the parse alike", () => {
		const read = readPlainJson({ b: undefined, a: 1 });
		expect(read).toEqual({ ok: true, value: { text: '{"a":1}', value: { a: 1 } } });
		expect(Object.keys((read as unknown as { value: { value: object } }).value.value)).toEqual(["a"]);
	});

	it("takes objects without a prototype, and of another realm, for plain", () => {
		expect(faultOf(Object.assign(Object.create(null), { b: [1], a: {} }))).toBe('accepted: {"a":{},"b":[1]}');
		expect(faultOf(runInNewContext("({ a: [{ b: 1 }] })"))).toBe('accepted: {"a":[{"b":1}]}');
	});

	it("freezes what it gives back to the leaves, and has nothing in common with what it read", () => {
		const given = { a: [{ b: 1 }], c: {} };
		const read = readPlainJson(given);
		if (!read.ok) throw new Error(read.error.message);
		const value = read.value.value as { a: { b: number }[]; c: object };
		for (const part of [value, value.a, value.a[0], value.c]) expect(Object.isFrozen(part)).toBe(true);
		given.a[0] = { b: 2 };
		expect(value).toEqual({ a: [{ b: 1 }], c: {} });
		expect(freezeDeep(null)).toBeNull();
	});

	it("reads each member of a Proxy once, so that it cannot say one thing and then another", () => {
		let reads = 0;
		const liar = new Proxy(
			{ command: "ls" },
			{
				getOwnPropertyDescriptor: (of, key) => {
					const member = Reflect.getOwnPropertyDescriptor(of, key);
					return member && { ...member, value: reads++ === 0 ? "ls" : "rm -rf /" };
				},
			},
		);
		expect(readPlainJson(liar)).toMatchObject({ value: { text: '{"command":"ls"}', value: { command: "ls" } } });
		expect(reads).toBe(1);
	});

	it("refuses a Proxy that throws, that was revoked, or that has no end", () => {
		const throwing = new Proxy(
			{ a: 1 },
			{
				ownKeys: () => {
					throw new Error("no");
				},
			},
		);
		expect(faultOf({ a: throwing })).toContain("is a Proxy that cannot be read");
		const { proxy, revoke } = Proxy.revocable({}, {});
		revoke();
		expect(faultOf(proxy)).toContain("is a Proxy that cannot be read");
		const endless = (): object =>
			new Proxy(
				{ a: 0, b: 0 },
				{
					getOwnPropertyDescriptor: () => ({ value: endless(), enumerable: true, configurable: true, writable: true }),
				},
			);
		expect(faultOf(endless())).toContain("RECORD_DEPTH");
	});

	it("refuses what is nested too deeply, or would be too long, before it has written it out", () => {
		const caps = { depthMax: 3, lengthMax: 30, membersMax: 100 };
		expect(faultOf([[[1]]], caps)).toBe("accepted: [[[1]]]");
		expect(faultOf([[[[]]]], caps)).toBe("RECORD_DEPTH /0/0/0: `/0/0/0` is nested deeper than 3 levels");
		expect(faultOf("x".repeat(28), caps)).toContain("accepted");
		expect(faultOf("x".repeat(29), caps)).toContain("RECORD_OVERSIZED");
		expect(faultOf({ ["k".repeat(31)]: 1 }, caps)).toContain("RECORD_OVERSIZED");
		expect(faultOf({ text: "\u0001".repeat(2 ** 28) })).toContain("RECORD_OVERSIZED /text");
		expect(faultOf([..."1234567890123456"].map(Number), caps)).toContain("RECORD_OVERSIZED");
		// As long as it may be, whatever the indexes of its items are.
		expect(readPlainJson(new Array(499_000).fill(0)).ok).toBe(true);
		expect(faultOf(new Array(500_001).fill(0))).toContain("RECORD_OVERSIZED");
		// Sixty levels, each of which holds the next twice: 2^60 leaves.
		let shared: unknown = 1;
		for (let level = 0; level < 60; level++) shared = [shared, shared];
		expect(faultOf(shared)).toContain("RECORD_MEMBERS");
	});

	it("counts members and items at all depths, and none that is left out", () => {
		const caps = { depthMax: 9, lengthMax: 1_000, membersMax: 4 };
		expect(faultOf({ a: [1, 2, 3], b: undefined, c: undefined }, caps)).toContain("accepted");
		expect(faultOf([[], [], {}, {}], caps)).toContain("accepted");
		expect(faultOf({ a: [1, 2, 3], b: 1 }, caps)).toBe(
			"RECORD_MEMBERS /b: `/b` is too much: 4 members and items are accepted",
		);
		expect(faultOf({ a: [1, 2, 3, 4] }, caps)).toContain("RECORD_MEMBERS /a/3");
		// Before any of its items is looked at.
		expect(faultOf({ a: new Array(300).fill(1n) }, caps)).toContain("RECORD_MEMBERS /a:");
	});

	it("runs no code of the value", () => {
		let ran = 0;
		const run = (): number => {
			ran += 1;
			return ran;
		};
		const getter = Object.defineProperty({}, "a", { get: run, enumerable: true });
		const converting = { a: own("toString", run), [Symbol.toPrimitive]: run, toJSON: run };
		expect([readPlainJson(getter).ok, readPlainJson(converting).ok]).toEqual([false, false]);
		expect(ran).toBe(0);
	});
});
