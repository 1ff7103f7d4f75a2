/** Words that readers stumble over do not come back into what the program and its pages say. */
import { describe, expect, it } from "vitest";
import { filesBelow, textOf } from "../support/repository.ts";

const WORDS = /\b(?:anew|all the same|for ever|mend(?:s|ed|ing)?|(?:for|of|by|to|from|with) who)\b/i;

/** What is `1 partitions` one day. Of brokers there are three or more where they are so written. */
const BARE_COUNT = /(?<!(?:of|than) )\$\{[^}]+\} (?:inputs|partitions|records|topics)\b/g;

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

	it("count with the helper that knows the singular, but for `1 of 2 partitions`", () => {
		const found = PATHS.filter((path) => path.startsWith("src/")).flatMap((path) =>
			[...textOf(path).matchAll(BARE_COUNT)].map(([text]) => `${path}: ${text}`),
		);
		expect(found).toEqual([]);
		expect(["over $", "{n} topics"].join("")).toMatch(new RegExp(BARE_COUNT.source));
	});
});
