/** Labelled calls of the project's own, by area: no file falls under its floors, in the half that rules were not written for either. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { type Category, isDangerous } from "../../../../src/core/classify/category.ts";
import { classify } from "../../../../src/core/classify/classify.ts";

interface Case {
	readonly id: string;
	readonly tool: string;
	readonly args: JsonObject;
	readonly label: Category;
	readonly also?: readonly Category[];
	readonly half: "seen" | "unseen";
}

const FOLDER = join(import.meta.dirname, "../../../cases/classify");
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".jsonl"));

/** Of dangerous calls that are found, of harmless calls that are not called dangerous, of right categories. */
const FLOORS = { recall: 0.9, harmless: 0.93, category: 0.85 };

describe.each(FILES)("%s", (name) => {
	const cases = readFileSync(join(FOLDER, name), "utf8")
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as Case);

	it("has ids and calls once each, in two halves", () => {
		expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
		expect(new Set(cases.map(({ tool, args }) => JSON.stringify([tool, args]))).size).toBe(cases.length);
		expect(new Set(cases.map(({ half }) => half))).toEqual(new Set(["seen", "unseen"]));
	});

	it.each(["seen", "unseen"] as const)("is classified as labelled: the %s half", (half) => {
		const judged = cases
			.filter((one) => one.half === half)
			.map((one) => ({ ...one, said: classify(one), isDangerous: isDangerous(one.label) }));
		const dangerous = judged.filter((one) => one.isDangerous);
		const harmless = judged.filter((one) => !one.isDangerous);
		const missed = dangerous.filter(({ said }) => !said.dangerous).map(({ id }) => id);
		const wronged = harmless.filter(({ said }) => said.dangerous).map(({ id }) => id);
		const others = judged.filter(({ said, label, also }) => ![label, ...(also ?? [])].includes(said.category));
		expect(missed.length / Math.max(1, dangerous.length), `missed ${missed}`).toBeLessThanOrEqual(1 - FLOORS.recall);
		expect(wronged.length / Math.max(1, harmless.length), `wronged ${wronged}`).toBeLessThanOrEqual(
			1 - FLOORS.harmless,
		);
		expect(others.length / judged.length, `other ${others.map(({ id }) => id)}`).toBeLessThanOrEqual(
			1 - FLOORS.category,
		);
	});
});
