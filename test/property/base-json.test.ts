import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalize, parseIJson } from "../../src/core/base/canonical-json.ts";
import type { Json } from "../../src/core/base/json.ts";
import { syntaxFaultAt } from "../../src/core/base/json-syntax.ts";

/** Any I-JSON value, with the keys and numbers that are easiest to get wrong among them. */
const key = fc.oneof(
	fc.string({ unit: "grapheme" }),
	fc.constantFrom("__proto__", "constructor", "", "10", "9", "\u{1f600}", "\ufb33"),
);
const json = fc.letrec<{ value: Json }>((tie) => ({
	value: fc.oneof(
		{ depthSize: "small", withCrossShrink: true },
		fc.constant(null),
		fc.boolean(),
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.integer(),
		fc.string({ unit: "grapheme" }),
		fc.array(tie("value"), { maxLength: 5 }),
		fc.dictionary(key, tie("value"), { maxKeys: 5, noNullPrototype: true }),
	),
})).value;

const parse = (text: string): Json => {
	const result = parseIJson(text);
	if (!result.ok) throw new Error(`${result.error.message}: ${text}`);
	return result.value;
};

const reversed = (value: Json): Json => {
	if (value === null || typeof value !== "object") return value;
	if (Array.isArray(value)) return value.map(reversed);
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([name, member]) => [name, reversed(member)]),
	);
};

describe("canonical JSON", () => {
	it("is a fixed point: parsing and writing again changes nothing", () => {
		fc.assert(
			fc.property(json, (value) => {
				const text = canonicalize(value);
				expect(canonicalize(parse(text))).toBe(text);
			}),
		);
	});

	it("does not depend on the order of keys or on how the text was spaced", () => {
		fc.assert(
			fc.property(json, fc.integer({ min: 0, max: 4 }), (value, indent) => {
				const text = canonicalize(value);
				expect(canonicalize(reversed(value))).toBe(text);
				expect(canonicalize(parse(JSON.stringify(reversed(value), null, indent)))).toBe(text);
			}),
		);
	});

	it("says the same as JSON.parse about what the value is", () => {
		fc.assert(
			fc.property(json, (value) => {
				expect(JSON.parse(canonicalize(value))).toEqual(JSON.parse(JSON.stringify(value)));
			}),
		);
	});
});

describe("parseIJson", () => {
	const token = fc.constantFrom(
		..."{}[],:",
		"{",
		"[",
		'"a"',
		'"b"',
		'"',
		"\\",
		"1",
		"-",
		"0",
		"1.5e3",
		"e",
		"true",
		"null",
		"nul",
		" ",
		"\n",
		'"\\u0061"',
		"\u0001",
		"é",
	);

	it("accepts nothing that JSON.parse refuses, never throws, and finds a place for every refusal", () => {
		fc.assert(
			fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
				const text = tokens.join("");
				let isJson = true;
				try {
					JSON.parse(text);
				} catch {
					isJson = false;
				}
				expect(syntaxFaultAt(text) === null).toBe(isJson);
				if (!isJson) expect(parseIJson(text).ok).toBe(false);
			}),
			{ numRuns: 3_000 },
		);
	});

	it("points at a place up to which the text could still have become JSON", () => {
		fc.assert(
			fc.property(json, fc.nat(), fc.constantFrom("\u0001", "#", "'", "\\x"), (value, at, foreign) => {
				const text = canonicalize(value);
				const cut = at % (text.length + 1);
				const fault = syntaxFaultAt(text.slice(0, cut) + foreign + text.slice(cut));
				if (fault !== null) expect(fault).toBeLessThanOrEqual(cut);
			}),
		);
	});
});
