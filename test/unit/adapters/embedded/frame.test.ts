import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checksum } from "../../../../src/adapters/embedded/checksum.ts";
import { FrameWriter, unpackFrame, writable } from "../../../../src/adapters/embedded/frame.ts";

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const outRecord = fc.record(
	{
		key: fc.option(text),
		value: fc.uint8Array({ maxLength: 300 }),
		headers: fc.dictionary(text, text, { maxKeys: 4 }),
		index: fc.record({
			seq: fc.nat(),
			kind: text,
			at: fc.nat(),
			tenant: text,
			agent: text,
			session: text,
			intent: text,
			tool: text,
			verdict: text,
			code: text,
			policy: text,
			rule: text,
		}),
	},
	{ requiredKeys: ["key", "value", "headers"] },
);
const append = fc.record({
	id: fc.maxSafeNat(),
	to: fc.record({ topic: text, partition: fc.nat(1_000) }),
	records: fc.array(outRecord, { maxLength: 5 }),
	expected: fc.option(fc.maxSafeNat()),
	isDurable: fc.boolean(),
	after: fc.option(fc.maxSafeNat()),
});

describe("a frame of appends", () => {
	it("unpacks to what was packed", () => {
		fc.assert(
			fc.property(fc.array(append, { maxLength: 6 }), fc.option(fc.maxSafeNat()), (appends, now) => {
				const frame = new FrameWriter();
				expect(frame.isEmpty).toBe(true);
				for (const each of appends) frame.add({ ...each, records: each.records.map(writable) });
				const unpacked = unpackFrame(frame.take(now)).map(({ records, now: stamp, ...rest }) => ({
					...rest,
					now: stamp,
					records: records.map(({ key, value, headers, index }) => ({
						key: key === null ? null : utf8(key),
						value: Uint8Array.from(value),
						headers: JSON.parse(utf8(headers)) as unknown,
						index,
					})),
				}));
				const expected = appends.map(({ records, ...rest }) => ({
					...rest,
					now,
					records: records.map((each) => ({ ...each, headers: { ...each.headers }, index: each.index ?? null })),
				}));
				expect(unpacked).toEqual(expected.map((each) => ({ ...each })));
				expect(frame.isEmpty).toBe(true);
			}),
			{ numRuns: 200 },
		);
	});

	it("holds appends far larger than it began with", () => {
		const frame = new FrameWriter();
		const value = new Uint8Array(3_000_000).fill(7);
		frame.add({
			id: 1,
			to: { topic: "t", partition: 0 },
			records: [writable({ key: null, value, headers: {} })],
			expected: null,
			isDurable: true,
			after: null,
		});
		expect(frame.bytes).toBeGreaterThan(3_000_000);
		expect(unpackFrame(frame.take(null))[0]?.records[0]?.value.length).toBe(3_000_000);
	});
});

describe("a record's checksum", () => {
	const of = { key: Buffer.from("k"), headers: Buffer.from("{}"), value: Buffer.from("value") };

	it("depends on each byte, on the place and on the time", () => {
		const at = { topic: 1, partition: 0, offset: 1, timestamp: 2_000_000_000_000 };
		const sum = checksum(at, of);
		expect(checksum({ ...at }, { ...of })).toBe(sum);
		const others = [
			checksum({ ...at, topic: 2 }, of),
			checksum({ ...at, partition: 1 }, of),
			checksum({ ...at, offset: 2 }, of),
			checksum({ ...at, timestamp: at.timestamp + 1 }, of),
			checksum(at, { ...of, key: Buffer.from("l") }),
			checksum(at, { ...of, headers: Buffer.from("[]") }),
			checksum(at, { ...of, value: Buffer.from("valuf") }),
		];
		expect(others).not.toContain(sum);
	});
});

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
