/** Whatever an exception asks of the arguments: it never lifts a rule in doubt, and it lifts nothing but what it names. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";

const PREDICATES = [
	"number: '> 10'",
	"oneOf: [a, 1, true]",
	"boolean: true",
	"present: true",
	"length: '<= 3'",
	"count: 2",
	"url: { hosts: ['*.a.org'], schemes: [https] }",
	"path: '/data/{tenant}/**'",
	"email: '*@a.org'",
	"regex: '^a+$'",
	"glob: '/srv/**', style: path",
	"sameAs: args.other",
] as const;

/** One tool for each predicate: `stop-N` always fires there, `free-N` is what the exception asks, as a rule that requires it. */
const set = (() => {
	const lines = (write: (predicate: string, index: number) => string): string => PREDICATES.map(write).join("\n");
	const text = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: p }
tools: { allow: all, deny: [{ name: other, tools: ['*'] }] }
conditions:
${lines((_, index) => `  - { name: stop-${index}, tools: [t${index}], when: { in: args.missing, present: false } }`)}
${lines((predicate, index) => `  - { name: free-${index}, tools: [t${index}], require: { in: args.x, ${predicate} } }`)}
exceptions:
${lines((predicate, index) => `  - { name: e${index}, rules: [stop-${index}], when: { in: args.x, ${predicate} }, owner: ann, reason: why, expires: 2026-12-31T00:00:00Z }`)}
`;
	const compiled = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
	if (!compiled.ok) throw new Error(compiled.error.map(({ message }) => message).join("; "));
	return compiled.value;
})();

const text = fc.constantFrom(
	..."a aaa A 1 11 12abc 1e3 true yes https://x.a.org http://x.a.org https://a.org. /data/acme/x /data/acme/../b /data/ACME/x ann@a.org,b@b.org ann@a.org /srv/x \\srv\\x".split(
		" ",
	),
	"",
	" a",
	"ａ",
);
const scalar = fc.oneof<fc.Arbitrary<Json>[]>(text, fc.constantFrom<Json[]>(1, 11, 10.5, true, false, null));
const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.constantFrom<Json[]>({}, { a: 1 }, [[1]]));
const others = fc.dictionary(fc.constantFrom("X", "xs", "other", "note", "note"), value, {
	maxKeys: 2,
	noNullPrototype: true,
});
const args = fc
	.tuple(fc.option(value, { freq: 9 }), others)
	.map(([x, more]): JsonObject => (x === null ? more : { x, ...more }));

describe("an exception", () => {
	it("applies exactly where a rule that requires the same has nothing to say", () => {
		const lifted = new Set<number>();
		fc.assert(
			fc.property(fc.nat(PREDICATES.length - 1), args, (index, given) => {
				const codes = codesOf(index, given, 0);
				const isLifted = codes.get(`e${index}`) === "exception.used";
				expect(codes.has(`free-${index}`), JSON.stringify(given)).toBe(!isLifted);
				expect(codes.has(`stop-${index}`)).toBe(!isLifted);
				expect(codes.get("other")).toBe("tool.denied");
				if (isLifted) lifted.add(index);
				expect(codesOf(index, given, Date.UTC(2026, 11, 31)).get(`stop-${index}`)).toBe("condition.met");
			}),
			{ numRuns: 15_000 },
		);
		expect([...lifted].sort((a, b) => a - b)).toEqual(PREDICATES.map((_, index) => index));
	});
});

function codesOf(index: number, given: JsonObject, at: number): ReadonlyMap<string, string> {
	const { fired } = set.evaluate({ tenant: "acme", agent: "a", session: "s", tool: `t${index}`, args: given, at });
	return new Map(fired.map(({ reason: { rule } }) => [rule.name, rule.code]));
}
