/** Words that readers stumble over do not come back into what the program and its pages say. */
import { describe, expect, it } from "vitest";
import { filesBelow, textOf } from "../support/repository.ts";

const WORDS = /\b(?:anew|all the same|for ever|mend(?:s|ed|ing)?|(?:for|of|by|to|from|with) who)\b/i;

const READ = /^(?:src|docs|policies|schemas|tools|bench)\/.*\.(?:ts|md|yaml|avsc|json)$|^[A-Z]+\.md$/;

const PATHS = filesBelow("").filter((path) => READ.test(path));

describe("sources and pages", () => {
	it("say again, anyway, forever and fix, and give every `who` a head", () => {
		const found = PATHS.flatMap((path) =>
			textOf(path)
				.split("\n")
				.flatMap((line, at) => (WORDS.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : [])),
		);
		expect(PATHS.length).toBeGreaterThan(300);
		expect(found).toEqual([]);
	});
});
