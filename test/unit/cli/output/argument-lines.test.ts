/** What an approver sees of a call's arguments: every one of them, cut where it is long, and nothing that could mislead. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { argumentLines, oneWord } from "../../../../src/cli/output/argument-lines.ts";
import { canonicalize } from "../../../../src/core/base/canonical-json.ts";
import type { Json, JsonObject } from "../../../../src/core/base/json.ts";

const linesOf = (args: JsonObject) => argumentLines(args, canonicalize(args));

const leafCount = (value: Json): number => {
	const members = value !== null && typeof value === "object" ? Object.values(value) : [];
	return members.length === 0 ? 1 : members.reduce((sum: number, each: Json) => sum + leafCount(each), 0);
};

describe("arguments in a list", () => {
	it("stand on one line where they fit", () => {
		expect(linesOf({ command: "ls", at: [1, 2] })).toEqual({ lines: ['{"at":[1,2],"command":"ls"}'], isCut: false });
	});

	it("have a line each where they do not, with their paths", () => {
		const long = "x".repeat(200);
		expect(linesOf({ to: [{ mail: "a@b.c" }], "odd key": true, none: {}, text: long }).lines).toEqual([
			'to[0].mail: "a@b.c"',
			'["odd key"]: true',
			"none: {}",
			`text: "${"x".repeat(60)}\\u{… 120 characters …}${"x".repeat(20)}"`,
		]);
	});

	it("say how many are not shown", () => {
		const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`key${index}`, index]));
		const { lines, isCut } = linesOf(many);
		expect([lines.length, lines.at(-1), isCut]).toEqual([41, "\\u{… 20 more …}", true]);
	});

	it("never lose an argument or a cut in silence, never steer the terminal, and stay short", () => {
		const text = fc.oneof(
			fc.string({ unit: "binary", maxLength: 300 }),
			fc.constantFrom("…", "\u202e", "a\nb", "語".repeat(90)),
		);
		const { value } = fc.letrec((tie) => ({
			value: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.constant(null), tie("list"), tie("object")),
			list: fc.array(tie("value"), { maxLength: 4 }),
			object: fc.dictionary(text, tie("value"), { maxKeys: 4 }),
		}));
		fc.assert(
			fc.property(fc.dictionary(text, value, { maxKeys: 6 }), (given) => {
				const args = JSON.parse(JSON.stringify(given)) as JsonObject;
				const whole = canonicalize(args);
				const { lines, isCut } = argumentLines(args, whole);
				for (const line of lines) {
					expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\u2800\u00a0]/u);
					expect(line.length).toBeLessThan(300);
				}
				if (lines.length === 1 && !isCut && lines[0]?.startsWith("{")) return;
				expect(lines.length).toBe(Math.min(leafCount(args), 40) + (leafCount(args) > 40 ? 1 : 0));
				expect(lines.some((line) => /(?<!\\)(?:\\\\)*\\u\{… [\d,]+ (?:characters|more|steps) …\}/.test(line))).toBe(
					isCut,
				);
			}),
			{ numRuns: 500 },
		);
	});
});

describe("a name as one word", () => {
	it("is in quotes where it could be taken for several", () => {
		expect(oneWord("ann@example.com")).toBe("ann@example.com");
		expect(oneWord("a  b")).toBe('"a  b"');
		expect(oneWord('"a"')).toBe('"\\"a\\""');
		expect(oneWord("a\u200bb")).toBe("a\\u200bb");
	});
});
