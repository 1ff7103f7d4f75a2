import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { vectorFiles } from "../../tools/vectors/vector-files.ts";

describe("the vectors for other languages", () => {
	it.each(vectorFiles())("$path is as the code writes it (`npm run vectors`)", ({ path, text }) => {
		const written = readFileSync(join(import.meta.dirname, "../..", path), "utf8");
		expect(JSON.parse(written)).toEqual(JSON.parse(text));
		// Letters that look alike, or like nothing, are spelled out.
		expect(written).toMatch(/^[\t\n\x20-\x7e]+$/);
	});
});
