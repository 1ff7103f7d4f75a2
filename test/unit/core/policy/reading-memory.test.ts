/** What is remembered of calls that come again: from the second time on, within bounds, and of no other call. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReadingMemory } from "../../../../src/core/policy/reading-memory.ts";

const memoryOf = (max?: number) => new ReadingMemory<string[]>(() => [], max);

describe("the memory of readings", () => {
	it("begins with the second time, and knows the third", () => {
		const memory = memoryOf();
		expect(memory.of("bash", '{"command":"ls"}')).toBeNull();
		memory.of("bash", '{"command":"ls"}')?.push("found");
		expect(memory.of("bash", '{"command":"ls"}')).toEqual(["found"]);
		expect(memory.of("sh", '{"command":"ls"}')).toBeNull();
	});

	it("tells apart calls whose ends are the same, however long", () => {
		const memory = memoryOf();
		const textOf = (middle: string) => `{"text":"${"a".repeat(300)}${middle}${"b".repeat(300)}"}`;
		memory.of("t", textOf("1"));
		memory.of("t", textOf("1"))?.push("one");
		memory.of("t", textOf("2"));
		expect(memory.of("t", textOf("2"))).toEqual([]);
		expect(memory.of("t", textOf("1"))).toEqual(["one"]);
	});

	it("knows again nearly all of a few thousand calls that take turns", () => {
		const memory = memoryOf();
		const calls = Array.from({ length: 3_000 }, (_, index) => `{"path":"src/file-${index}.ts"}`);
		for (const call of calls) memory.of("read", call);
		expect(calls.filter((call) => memory.of("read", call) === null).length).toBeLessThan(30);
	});

	it("remembers no long arguments", () => {
		const memory = memoryOf();
		const text = `{"text":"${"a".repeat(9_000)}"}`;
		expect([1, 2, 3].map(() => memory.of("t", text))).toEqual([null, null, null]);
	});

	it("forgets what was not asked for longest", () => {
		const memory = memoryOf(2);
		const ask = (name: string) => memory.of(name, "{}");
		for (const name of ["a", "b", "c", "d", "e"]) {
			ask(name);
			ask(name)?.push(name);
		}
		expect(["e", "d", "c", "b", "a"].map(ask)).toEqual([["e"], ["d"], ["c"], [], []]);
	});

	it("gives no call what another was given", () => {
		const asked = fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.nat({ max: 5 })), { maxLength: 60 });
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 3 }), asked, (max, calls) => {
				const memory = memoryOf(max);
				for (const [tool, text] of calls) {
					const own = `${tool} ${text}`;
					const answers = memory.of(tool, String(text));
					expect(answers?.every((each) => each === own) ?? true).toBe(true);
					answers?.push(own);
				}
			}),
		);
	});
});
