/** Parts that come again and again are written by copying and read as one object; nobody can tell by what is written or read. */
import { deepStrictEqual } from "node:assert/strict";
import { describe, expect, it } from "vitest";
import { compileBodyReader, cursorOver } from "../../../../src/core/codec/body-reader.ts";
import { compileBodyWriter } from "../../../../src/core/codec/body-writer.ts";
import { count, field, list, name, record, type Shape, shared } from "../../../../src/core/codec/shape.ts";
import { createSink } from "../../../../src/core/codec/sink.ts";

interface Limit {
	readonly policy: string;
	readonly limit: string;
	readonly scopes: readonly string[];
}

interface Use {
	readonly of: Limit;
	readonly amount: number;
}

const limit = record<Limit>("Limit", "A limit.", {
	policy: field(name, "Its policy."),
	limit: field(name, "Its name."),
	scopes: field(list(name), "Its scopes."),
});

const usesOf = (of: typeof limit): Shape =>
	list(record<Use>("Use", "A use.", { of: field(of, "Of what."), amount: field(count, "How much.") }), 10_000);

function writerOf(shape: Shape): (value: unknown) => Buffer {
	const write = compileBodyWriter(shape);
	return (value) => {
		const sink = createSink();
		sink.limit = 1_000_000;
		if (!write(sink, value)) throw new Error(`\`${sink.path}\` ${sink.what}`);
		return Buffer.from(sink.buffer.subarray(0, sink.at));
	};
}

function readerOf(shape: Shape): (bytes: Buffer) => readonly Use[] {
	const read = compileBodyReader(shape);
	return (bytes) => read(cursorOver(bytes, 0)) as readonly Use[];
}

const plain = writerOf(usesOf(limit));

function limitOf(index: number): Limit {
	return Object.freeze({ policy: "payments", limit: `limit-${index}`, scopes: Object.freeze(["agent"]) });
}

const few = [3, 1, 2, 1, 3, 3].map((index) => ({ of: limitOf(index), amount: index }));

describe("a shared part", () => {
	it("has the bytes that it would have alone, the first time and later", () => {
		const write = writerOf(usesOf(shared(limit)));
		const [one, other] = [limitOf(1), limitOf(2)];
		const uses = [one, other, one, one].map((of, amount) => ({ of, amount }));
		for (let time = 0; time < 3; time++) expect(write(uses)).toEqual(plain(uses));
	});

	it("is kept as it was written where its record moves to another slab meanwhile", () => {
		const uses = few.map(({ of, amount }) => ({ of, amount }));
		const slab = createSink().buffer.length;
		for (let left = 0; left < 1_200; left++) {
			const write = compileBodyWriter(usesOf(shared(limit)));
			const sink = createSink();
			sink.limit = 1_000_000;
			for (const start of [slab - left, 0]) {
				sink.start = start;
				sink.at = start;
				expect(write(sink, uses)).toBe(true);
				expect(Buffer.from(sink.buffer.subarray(sink.start, sink.at))).toEqual(plain(uses));
			}
		}
	});

	it("that can still change is written as it is now", () => {
		const write = writerOf(usesOf(shared(limit)));
		const open = { policy: "payments", limit: "calls", scopes: ["agent"] };
		const halfOpen = Object.freeze({ policy: "payments", limit: "calls", scopes: ["agent"] });
		write([{ of: open, amount: 1 }]);
		write([{ of: halfOpen, amount: 1 }]);
		open.limit = "cost";
		halfOpen.scopes.push("tenant");
		for (const of of [open, halfOpen]) expect(write([{ of, amount: 1 }])).toEqual(plain([{ of, amount: 1 }]));
	});

	it("that is out of bounds is refused each time, at its field", () => {
		const write = writerOf(usesOf(shared(limit)));
		const bad = Object.freeze({ policy: "", limit: "calls", scopes: Object.freeze([]) });
		for (let time = 0; time < 2; time++) {
			expect(() => write([{ of: bad, amount: 1 }])).toThrow("`[0].of.policy` is empty");
		}
	});

	it("is read as one frozen object from the same bytes, in any order and record", () => {
		const read = readerOf(usesOf(shared(limit)));
		const first = read(plain(few));
		deepStrictEqual(first, few);
		const again = read(plain([...few].reverse()));
		deepStrictEqual(again, [...few].reverse());
		const objects = new Set([...first, ...again].map(({ of }) => of));
		expect(objects.size).toBe(3);
		for (const object of objects) {
			expect(Object.isFrozen(object)).toBe(true);
			expect(Object.isFrozen(object.scopes)).toBe(true);
		}
	});

	it("that was read is written with the bytes it was read from", () => {
		const shape = usesOf(shared(limit));
		const bytes = plain(few);
		expect(writerOf(shape)(readerOf(shape)(bytes))).toEqual(bytes);
	});

	it("is read rightly however many there are", () => {
		const read = readerOf(usesOf(shared(limit)));
		for (let from = 0; from < 30_000; from += 2_500) {
			const uses = Array.from({ length: 2_500 }, (_, index) => ({
				of: { policy: `p${(from + index) % 300}`, limit: `limit-${from + index}`, scopes: [] },
				amount: index,
			}));
			deepStrictEqual(read(plain(uses)), uses);
		}
	});

	it("of many bytes, or of few, is read and written like any other", () => {
		const shape = usesOf(shared(limit));
		const long = {
			policy: "p".repeat(256),
			limit: "l".repeat(256),
			scopes: Array.from({ length: 20 }, () => "s".repeat(99)),
		};
		const short = { policy: "p", limit: "l", scopes: [] };
		const uses = [long, short, long, short].map((of, amount) => ({ of, amount }));
		for (let time = 0; time < 2; time++) deepStrictEqual(readerOf(shape)(plain(uses)), uses);
		expect(writerOf(shape)(uses)).toEqual(plain(uses));
	});

	it("that is cut short, or altered, is refused as if it had not been read before", () => {
		const read = readerOf(usesOf(shared(limit)));
		const once = readerOf(usesOf(limit));
		const bytes = plain(few);
		read(bytes);
		for (let at = 0; at < bytes.length; at++) {
			expect(read(bytes.subarray(0, at))).toBeUndefined();
			const altered = Buffer.from(bytes);
			altered[at] = (altered[at] as number) ^ 1;
			deepStrictEqual(read(altered), once(altered));
		}
	});
});
