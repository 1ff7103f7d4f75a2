/** What somebody is shown who answers for a call (V1–V4 of visible.ts). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutText, visibleArguments, visibleText } from "../../../../src/core/arguments/visible.ts";
import { canonicalize } from "../../../../src/core/base/canonical-json.ts";
import type { Json, JsonObject } from "../../../../src/core/base/json.ts";
import { DECEIVING } from "../../../../src/core/base/unseen.ts";

const WHOLE = { textLengthMax: null, linesMax: null };
const shown = (args: JsonObject) => visibleArguments(args, WHOLE).lines.join("\n");

/** Reads what was shown: JSON with escapes of code points, counted runs, and texts that go on in the next quotes. */
function readBack(page: string): Json {
	const texts = page.replace(/"((?:[^"\\]|\\.)*)"(?:\s*"((?:[^"\\]|\\.)*)")*/gsu, (all) => {
		const inner = [...all.matchAll(/"((?:[^"\\]|\\.)*)"/gsu)].map(([, text]) => text).join("");
		return JSON.stringify(
			inner.replace(/\\u\{([0-9a-f]+)(?:×(\d+))?\}|\\(.)/gsu, (_, rune?: string, count = "1", sign = "") =>
				rune === undefined
					? ({ n: "\n", t: "\t", r: "\r" }[sign as "n"] ?? sign)
					: String.fromCodePoint(Number.parseInt(rune, 16)).repeat(Number(count)),
			),
		);
	});
	return JSON.parse(texts) as Json;
}

describe("arguments that are shown", () => {
	it("have a line for each value, in the order of canonical JSON", () => {
		expect(visibleArguments({ to: ["a@b.c", 2], "10": {}, "9": null, text: 'say "hi"' }, WHOLE)).toEqual({
			lines: [
				"{",
				'  "10": {},',
				'  "9": null,',
				'  "text": "say \\"hi\\"",',
				'  "to": [',
				'    "a@b.c",',
				"    2",
				"  ]",
				"}",
			],
			isCut: false,
			unseen: [],
			hasRightToLeft: false,
		});
	});

	it("have a text of several lines in quotes line by line, so that no line passes for an argument", () => {
		expect(shown({ script: 'ls\n",\n"to": "me"', to: "you" })).toBe(
			["{", '  "script":', '    "ls\\n"', '    "\\",\\n"', '    "\\"to\\": \\"me\\"",', '  "to": "you"', "}"].join(
				"\n",
			),
		);
	});

	it.each([
		["a direction that is turned", "a\u202etxt.exe", '"a\\u{202e}txt.exe"'],
		["no width", "pay\u200bpal", '"pay\\u{200b}pal"'],
		["tags", "hi\u{e0041}", '"hi\\u{e0041}"'],
		["variation selectors", "a\ufe0f\u{e0100}", '"a\\u{fe0f}\\u{e0100}"'],
		["fillers", "\u3164\u115f\u2800", '"\\u{3164}\\u{115f}\\u{2800}"'],
		["sequences for a terminal", "\u001b[2Jx\u0007", '"\\u{1b}[2Jx\\u{7}"'],
		["one-byte controls", "\u009b2J\u0085", '"\\u{9b}2J\\u{85}"'],
		["blanks that are no space", "rm\u00a0-rf\u3000/", '"rm\\u{a0}-rf\\u{3000}/"'],
		["signs of one font", "\ue0b0", '"\\u{e0b0}"'],
		["a carriage return that would overwrite", "rm -rf /\rls", '"rm -rf /\\rls"'],
		["a mark on nothing", "\u0301a", '"\\u{301}a"'],
		["a mark on a quote", "/\u0338", '"/\\u{338}"'],
		["marks without end", `a${"\u0301".repeat(6)}`, `"a${"\u0301".repeat(4)}\\u{301}\\u{301}"`],
		["a flood of blanks", `ls${" ".repeat(300)};rm`, '"ls\\u{20×300};rm"'],
		["a flood of lines", `ls${"\n".repeat(300)}rm`, '"ls\\u{a×300}rm"'],
		["a flood of nothing", `a${"\u200b".repeat(500)}`, '"a\\u{200b×500}"'],
		["what is written with marks and signs", "é ñ ü 请求 🚀 สวัสดี", '"é ñ ü 请求 🚀 สวัสดี"'],
	])("show %s", (_, text, expected) => expect(visibleText(text)).toBe(expected));

	it("show a text that looks like an escape as what it is", () => {
		expect(visibleText("\\u{202e}")).toBe('"\\\\u{202e}"');
		expect(visibleText("\\u{… 9 characters …}")).toBe('"\\\\u{… 9 characters …}"');
	});

	it("show what hides in a key, too, and name it all beside", () => {
		const { lines, unseen, hasRightToLeft } = visibleArguments(
			{ "t\u200bo": "\u202eשלום\n", n: { a: ["\u00a0"] } },
			WHOLE,
		);
		expect(lines.join("\n")).toContain('"t\\u{200b}o":');
		expect(unseen).toEqual(["U+00A0", "U+200B", "U+202E"]);
		expect(hasRightToLeft).toBe(true);
	});

	it("are cut in the middle, and say by how much", () => {
		const text = `${"a".repeat(5_000)}; rm -rf /`;
		const { lines, isCut } = visibleArguments({ text, to: "x" }, { textLengthMax: 100, linesMax: null });
		expect([lines.length, isCut]).toEqual([4, true]);
		expect(lines[1]).toBe(`  "text": "${"a".repeat(75)}\\u{… 4,910 characters …}${"a".repeat(15)}; rm -rf /",`);
		const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`k${index}`, index]));
		const page = visibleArguments(many, { textLengthMax: null, linesMax: 12 });
		expect([page.lines.length, page.isCut, page.lines[9], page.lines.at(-1)]).toEqual([
			13,
			true,
			"\\u{… 50 lines …}",
			"}",
		]);
	});

	it("count what is left out in the text's own length, hidden runs included", () => {
		expect(cutText(`${"\u200b".repeat(9)}${"b".repeat(100)}`, 40).text).toBe(
			`"\\u{200b×9}${"b".repeat(20)}\\u{… 70 characters …}${"b".repeat(10)}"`,
		);
		expect(cutText("abc", 3)).toEqual({ text: '"abc"', isCut: false });
	});

	it("read back to what they were, and hide nothing, whatever they are", () => {
		const text = fc.oneof(
			fc.string({ unit: "binary", maxLength: 40 }).filter((each) => each.isWellFormed()),
			fc.string({
				unit: fc.constantFrom("\u0301", "a", "\\", '"', "u", "{", "×", "}", " ", "\n", "\u200b"),
				maxLength: 60,
			}),
		);
		const { value } = fc.letrec((tie) => ({
			value: fc.oneof(
				{ maxDepth: 3 },
				text,
				fc.integer(),
				fc.double({ noNaN: true, noDefaultInfinity: true }),
				fc.constantFrom(null, true),
				tie("list"),
				tie("object"),
			),
			list: fc.array(tie("value"), { maxLength: 4 }),
			object: fc.dictionary(text, tie("value"), { maxKeys: 4 }),
		}));
		const hidden = new RegExp(`[${DECEIVING}]`, "u");
		fc.assert(
			fc.property(fc.dictionary(text, value, { maxKeys: 5 }), (given) => {
				const args = JSON.parse(JSON.stringify(given)) as JsonObject;
				const { lines } = visibleArguments(args, WHOLE);
				for (const line of lines) expect(line).not.toMatch(hidden);
				expect(canonicalize(readBack(lines.join("\n")))).toBe(canonicalize(args));
			}),
			{ numRuns: 1_000 },
		);
	});
});
