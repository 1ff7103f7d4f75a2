/** Sketches are the same in every language: the vectors were computed by the Python of docs/design/drift.md. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { driftOf, sketchOf } from "../../../../src/core/base/sketch.ts";

interface Vectors {
	readonly texts: readonly {
		readonly name: string;
		readonly text: string;
		readonly repeated: number;
		readonly sketch: string;
	}[];
	readonly drifts: readonly { readonly baseline: string; readonly other: string; readonly drift: number }[];
}

const { texts, drifts } = JSON.parse(
	readFileSync(new URL("../../../../vectors/sketches.json", import.meta.url), "utf8"),
) as Vectors;

const named = (name: string): string => {
	const found = texts.find((text) => text.name === name);
	if (found === undefined) throw new Error(`no text ${name}`);
	return found.sketch;
};

describe("a sketch", () => {
	it.each(texts)("of $name is that of the vectors", ({ text, repeated, sketch }) => {
		expect(sketchOf(text.repeat(repeated))).toBe(sketch);
	});

	it("of a text is one for each beginning, however long it goes on", () => {
		expect(sketchOf("x".repeat(16_384))).toBe(sketchOf("x".repeat(1_000_000)));
	});
});

describe("drift", () => {
	it.each(drifts)("of $other from $baseline is $drift", ({ baseline, other, drift }) => {
		expect(driftOf(named(baseline), named(other))).toBe(drift);
		expect(driftOf(named(other), named(baseline))).toBe(drift);
	});

	it("is near the share of changed characters, on either side of Agent-OS's threshold", () => {
		const text = "the agent has read 12 files of the project and has written a summary of them to notes.md";
		const changed = (every: number): string =>
			text.replace(/./g, (letter, at: number) => (at % every === 0 ? "#" : letter));
		expect(driftOf(sketchOf(text), sketchOf(changed(20)))).toBeLessThan(0.15);
		expect(driftOf(sketchOf(text), sketchOf(changed(3)))).toBeGreaterThan(0.15);
		expect(driftOf(sketchOf(text), sketchOf("{}"))).toBe(1);
	});

	it("cannot be told of what is no sketch", () => {
		const sketch = sketchOf("a text");
		for (const other of ["", "ab", sketch.toUpperCase(), `${sketch}00`, "zz".repeat(128)]) {
			expect(driftOf(sketch, other), other).toBeNull();
			expect(driftOf(other, sketch), other).toBeNull();
		}
	});
});
