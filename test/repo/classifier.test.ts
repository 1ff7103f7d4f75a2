import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generatedRules } from "../../tools/classifier/generate.ts";
import { generatedTags } from "../../tools/classifier/tags.ts";

describe("the classifier's rule pack", () => {
	it.each([generatedRules, generatedTags])(
		"is checked, and its code is as its files say (`npm run classifier`): %o",
		(generate) => {
			const generated = generate();
			if (!generated.ok) throw new Error(generated.error.join("\n"));
			const { path, text } = generated.value;
			const written = readFileSync(join(import.meta.dirname, "../..", path), "utf8");
			expect(written === text, `${path} is another`).toBe(true);
		},
	);
});
