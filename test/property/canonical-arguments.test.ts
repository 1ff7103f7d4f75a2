/** Arguments are accepted by one look at their text exactly where parsing, writing anew and comparing accepts them. */
import { deepStrictEqual } from "node:assert/strict";
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { parseArguments } from "../../src/core/arguments/canonical.ts";
import { isPlainlyCanonical } from "../../src/core/base/canonical-check.ts";
import { canonicalize, parseIJson } from "../../src/core/base/canonical-json.ts";
import type { Json } from "../../src/core/base/json.ts";
import { ARGS_DEPTH_MAX, ARGS_LENGTH_MAX, ARGS_MEMBERS_MAX } from "../../src/core/model/bounds.ts";
import { damageText } from "../fuzz/mutate.ts";
import { Dice } from "../kill-loop/dice.ts";

/** What the text says, if it is the canonical text of an object; else why not. */
function slowly(text: string): unknown {
	const parsed = parseIJson(text, {
		depthMax: ARGS_DEPTH_MAX,
		lengthMax: ARGS_LENGTH_MAX,
		membersMax: ARGS_MEMBERS_MAX,
	});
	if (!parsed.ok) return parsed;
	const { value } = parsed;
	const fault = (message: string) => ({ ok: false, error: { code: "RECORD_JSON", message } });
	if (typeof value !== "object" || value === null || Array.isArray(value))
		return fault("the arguments are not an object");
	return canonicalize(value) === text ? parsed : fault("the arguments are not canonical JSON (RFC 8785)");
}

const numbers = fc.oneof(
	fc.integer(),
	fc.maxSafeInteger(),
	fc.double({ noNaN: true, noDefaultInfinity: true }),
	fc.constantFrom(0, -0, 1e15, 1e16, 1e20, 1e21, 2 ** 53, 5e-324, 0.1, -1.5e-7),
);
const texts = fc.string({
	unit: fc.oneof(
		fc.constantFrom('"', "\\", "/", "\n", "\u0000", "\u001f", "\u007f", "é", "🙂"),
		fc.string({ minLength: 1, maxLength: 1 }),
	),
	maxLength: 12,
});
const values: Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
	value: fc.oneof(
		{ depthSize: "small" },
		texts,
		numbers,
		fc.constantFrom(true, false, null),
		fc.array(tie("value"), { maxLength: 4 }),
		fc.dictionary(texts, tie("value"), { maxKeys: 4 }),
	),
})).value as Arbitrary<Json>;

const objects = fc.dictionary(texts, values, { maxKeys: 6 }).map((value) => canonicalize(value as Json));

const RUNS = Number(process.env["ASSENT_ARGUMENTS"] ?? 20_000);

describe("arguments", () => {
	it("are accepted, or refused with the same fault, as the slow way does", () => {
		let accepted = 0;
		let damaged = 0;
		fc.assert(
			fc.property(objects, objects, fc.nat(), fc.boolean(), (text, other, seed, isSound) => {
				const given = isSound ? text : damageText(new Dice(seed), text, other);
				const read = parseArguments(given);
				deepStrictEqual(read, slowly(given));
				if (read.ok) accepted += 1;
				if (!read.ok) damaged += 1;
			}),
			{ numRuns: RUNS },
		);
		expect(accepted).toBeGreaterThan(RUNS / 4);
		expect(damaged).toBeGreaterThan(RUNS / 10);
	});

	it("need no second look where nothing in them is escaped", () => {
		const plain = objects.filter((text) => !text.includes("\\"));
		fc.assert(
			fc.property(plain, (text) => {
				expect(isPlainlyCanonical(text, ARGS_DEPTH_MAX)).toBe(true);
			}),
			{ numRuns: 2_000 },
		);
	});
});
