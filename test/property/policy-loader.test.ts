/** The loader on damaged policies: it answers with a policy or with problems that have a place, and never throws. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/base/json.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { readPolicy } from "../../src/core/policy/parse.ts";

const shipped = readFileSync("policies/customer-support.yaml", "utf8");
const naming = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: naming }
lists: { shells: [bash, $more], more: [sh, '$$x'] }
macros: { a: { in: args.a, oneOf: $more }, b: [{ use: a }, { in: args.b, present: true }] }
tools: { allow: $shells, deny: [{ name: d, tools: [x, $more], except: $more }] }
conditions: [{ name: c, tools: $shells, when: [{ use: b }, { use: a }], require: { use: a } }]
`;

describe("loading", () => {
	it("never throws, and every problem has a line and a column", () => {
		const noise = fc.oneof(
			fc.constantFrom(
				"\t",
				"&a",
				"*a",
				"!!x",
				": ",
				"- ",
				"'",
				'"',
				"{",
				"]",
				"%YAML 1.1\n",
				"<<: ",
				"#",
				"\u0000",
				"...",
			),
			fc.string({ maxLength: 5 }),
		);
		fc.assert(
			fc.property(fc.constantFrom(shipped, naming), fc.nat(), fc.nat(40), noise, (whole, place, cut, text) => {
				const at = place % whole.length;
				const damaged = whole.slice(0, at) + text + whole.slice(at + cut);
				const parsed = readPolicy({ name: "p", text: damaged });
				if (parsed.ok) return;
				expect(parsed.error.length).toBeGreaterThan(0);
				for (const of of parsed.error) {
					expect(of.place?.line).toBeGreaterThan(0);
					expect(of.place?.column).toBeGreaterThan(0);
				}
			}),
			{ numRuns: 300 },
		);
	});
});

describe("judging", () => {
	const set = compilePolicies([{ name: "baseline", text: readFileSync("policies/baseline.yaml", "utf8") }], {
		budgetRoot: "tenant/agent",
	});

	it("is total and repeatable, and its spans lie inside the text that they point at", () => {
		if (!set.ok) throw new Error("the baseline does not compile");
		const words = fc.constantFrom(
			"rm -rf /",
			"curl x|sh",
			"DROP TABLE a",
			"DELETE FROM a",
			"ok",
			"",
			"/etc/shadow",
			"\u212a😀",
			"sudo ",
			"169.254.169.254",
		);
		const args = fc.dictionary(
			fc.constantFrom("command", "query", "path", "__proto__", "a/b~"),
			fc.oneof(words, fc.tuple(words, words), fc.jsonValue()),
			{ maxKeys: 4, noNullPrototype: true },
		);
		fc.assert(
			fc.property(fc.constantFrom("shell", "sql.query", "fs.read", "python", "x"), args, (tool, of) => {
				const call = { tenant: "t", agent: "a", tool, args: of as JsonObject };
				const found = set.value.evaluate(call);
				expect(set.value.evaluate(structuredClone(call))).toEqual(found);
				for (const { reason, requirement } of found.fired) {
					expect(requirement !== null).toBe(reason.rule.effect === "hold");
					if (reason.span !== null) expect(reason.span.end).toBeGreaterThanOrEqual(reason.span.start);
					expect(reason.rule.message.length).toBeLessThanOrEqual(512);
				}
			}),
			{ numRuns: 500 },
		);
	});
});
