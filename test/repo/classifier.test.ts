import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generatedRules } from "../../tools/classifier/generate.ts";

describe("the classifier's rule pack", () => {
	it("is checked, and its code is as its files say (`npm run classifier`)", () => {
		const generated = generatedRules();
		if (!generated.ok) throw new Error(generated.error.join("\n"));
		const { path, text } = generated.value;
		const written = readFileSync(join(import.meta.dirname, "../..", path), "utf8");
		expect(written === text, `${path} is another`).toBe(true);
	});
});
