/** Doubt denies: taking an argument away, renaming it or changing its type never lets a call pass that a rule had stopped. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";

const KEYS = ["command", "path", "url"] as const;
const WORDS = ["ls", "rm", "git log", "/srv/a", "/etc/b", "LS", "x"];

const pattern = fc.oneof(
	fc.constantFrom("regex: '.'", "regex: '^'", "glob: '*'", "glob: '**', style: path"),
	fc.constantFrom("substring: rm", "regex: '(?:rm|etc)'", "regex: '^/'"),
);
const unless = fc.constantFrom(
	"regex: '^(?:ls|git)\\b'",
	"substring: ls",
	"glob: '/srv/**', style: path",
	"regex: '^/srv/', case: insensitive",
);
const rule = fc.record({
	pattern,
	unless,
	/** A rule over several is passed by a call that has one of them: all are changed. */
	keys: fc.uniqueArray(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 2 }),
	hold: fc.boolean(),
	missing: fc.constantFrom("", ", missing: match"),
});

const word = fc.constantFrom(...WORDS);
const value: fc.Arbitrary<Json> = fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 }));
const args = fc.dictionary(fc.constantFrom(...KEYS, "note"), value, { noNullPrototype: true });

type Change = (args: JsonObject, key: string) => JsonObject;
const without = (args: JsonObject, key: string): JsonObject =>
	Object.fromEntries(Object.entries(args).filter(([name]) => name !== key));
const change = fc.constantFrom<Change>(
	without,
	(of, key) => ({ ...without(of, key), [`${key}_`]: of[key] ?? "rm" }),
	(of, key) => ({ ...without(of, key), [key.toUpperCase()]: of[key] ?? "rm" }),
	(of, key) => ({ ...without(of, key), input: { [key]: of[key] ?? "rm" } }),
	(of, key) => ({ ...of, [key]: null }),
	(of, key) => ({ ...of, [key]: "" }),
	(of, key) => ({ ...of, [key]: [] }),
	(of, key) => ({ ...of, [key]: { value: of[key] ?? "rm" } }),
	(of, key) => ({ ...of, [key]: [of[key] ?? "rm", ""] }),
);

const STRICTNESS = { allow: 0, hold: 1, deny: 2 };

describe("a policy of rules that permit by exception", () => {
	it("is never looser on a call whose arguments are removed, renamed or emptied", () => {
		fc.assert(
			fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), args, change, (rules, before, apply) => {
				const lines = rules.map(
					(of, at) =>
						`  - { name: r${at}, ${of.pattern}, in: [${of.keys.map((key) => `args.${key}`).join(", ")}], unless: { ${of.unless} }, effect: ${of.hold ? "hold" : "deny"}${of.missing} }\n`,
				);
				const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\napprovals: { default: { approvers: [a] } }\npatterns:\n${lines.join("")}`;
				const set = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
				if (!set.ok) throw new Error(set.error.map((of) => of.message).join("; "));
				const verdict = (of: JsonObject): keyof typeof STRICTNESS => {
					const { fired } = set.value.evaluate({ tenant: "t", agent: "a", tool: "t", args: of });
					if (fired.some(({ reason }) => reason.rule.effect === "deny")) return "deny";
					return fired.length > 0 ? "hold" : "allow";
				};
				for (const only of rules) {
					// Of the other rules some lose an argument of several, which they may: they are asked alone.
					if (
						rules.some(
							({ keys }) =>
								keys.some((key) => only.keys.includes(key)) && !keys.every((key) => only.keys.includes(key)),
						)
					)
						continue;
					const after = only.keys.reduce(apply, before);
					expect(STRICTNESS[verdict(after)], JSON.stringify(after)).toBeGreaterThanOrEqual(STRICTNESS[verdict(before)]);
				}
			}),
			{ numRuns: 600 },
		);
	});
});
