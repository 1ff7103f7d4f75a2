import { describe, expect, it } from "vitest";
import { isSentence } from "../../../../src/core/classify/sentence.ts";

describe("isSentence", () => {
	it.each([
		"the old form took ' OR 1=1 for a name",
		"UNION SELECT card FROM payments shows up in the log",
		"Is it safe to run?",
	])("hears somebody speak: %s", (text) => expect(isSentence(text)).toBe(true));

	it.each([
		"",
		"blue suede shoes",
		"x' UNION SELECT a, b FROM users --",
		"SELECT name FROM users WHERE id = 1 ORDER BY name LIMIT 3",
		"1 OR 1=1 -- said to nobody who would read it",
		"rm -rf / --no-preserve-root",
		"create table users drop database",
	])("hears nobody: %s", (text) => expect(isSentence(text)).toBe(false));
});
