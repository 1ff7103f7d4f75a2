/** Documents of the kind `Trust`: whose keys a set of policies believes. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { threadCompiler } from "../../../../src/adapters/threads/compile-thread.ts";
import { compare } from "../../../../src/core/analysis/comparison/compare.ts";
import { formatSources } from "../../../../src/core/analysis/formatting.ts";
import { diffPolicies } from "../../../../src/core/analysis/policy-diff.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../../../src/core/policy/compiled.ts";
import { trustJsonSchema } from "../../../../src/core/policy/json-schema.ts";
import { readTrusts } from "../../../../src/core/policy/policy-set.ts";
import { changesBetween } from "../../../../src/reading/bundle-changes.ts";

const K1 = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const K2 = "ops.example.com+4f234245+Ab5mId4XW7LFHE4gP7obGoqTjZGoxDsrGoQGc6UNSslF";
const PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const HEAD = "apiVersion: assent.dev/v1\nkind: Trust\nmetadata: { name: acme }\n";
const POLICY = {
	name: "p.yaml",
	text: "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\n",
};

const trust = (body: string, name = "t.yaml") => ({ name, text: HEAD + body });
const publisher = (more: string, key = K1): string => `publishers: [{ name: g, key: '${key}', ${more} }]\n`;
const people = (section: string, ...entries: readonly (readonly [string, string])[]): string =>
	`${section}: [${entries.map(([name, key]) => `{ name: ${name}, key: '${key}' }`).join(", ")}]\n`;

function compiled(...bodies: readonly string[]): CompiledPolicySet {
	const set = compilePolicies([POLICY, ...bodies.map((body, at) => trust(body, `t${at}.yaml`))], {
		budgetRoot: "tenant",
	});
	if (!set.ok) throw new Error(set.error[0]?.message);
	return set.value;
}

function problemsOf(...sources: readonly { name: string; text: string }[]): readonly string[] {
	const set = compilePolicies([POLICY, ...sources], { budgetRoot: "tenant" });
	if (set.ok) throw new Error("was loaded");
	return set.error.map(
		({ code, message, help, place }) => `${place?.line}:${place?.column} ${code} ${message} (${help})`,
	);
}

const FULL = `${publisher("tenants: [acme, 'b*']")}${people("operators", ["ann@example.com", K1], ["ann@example.com", K2])}${people("approvers", ["bo@example.com", K2])}`;

describe("a document of the kind Trust", () => {
	it("names publishers, operators and approvers with their keys", () => {
		expect(compiled(FULL).trust).toMatchObject({
			name: "acme",
			publishers: [
				{
					name: "g",
					key: { name: "PeterNeumann" },
					tenants: { globs: [{ text: "acme" }, { text: "b*" }] },
					agents: { globs: [{ text: "*" }] },
				},
			],
			operators: [{ name: "ann@example.com", key: { name: "PeterNeumann" } }, { key: { name: "ops.example.com" } }],
			approvers: [{ name: "bo@example.com" }],
		});
		expect(compiled(people("operators", ["ann", K1])).trust).toMatchObject({ publishers: null, approvers: null });
		expect(compiled().trust).toBeNull();
	});

	it("uses the lists of other files", () => {
		const lists = {
			name: "l.yaml",
			text: "apiVersion: assent.dev/v1\nkind: Lists\nmetadata: { name: l }\nlists: { ours: [acme, beta] }\n",
		};
		const set = compilePolicies([POLICY, trust(publisher("tenants: $ours")), lists], { budgetRoot: "tenant" });
		expect(set.ok && set.value.trust?.publishers?.[0]?.tenants.globs.map(({ text }) => text)).toEqual(["acme", "beta"]);
		expect(problemsOf(trust(publisher("tenants: $oors")), lists)).toEqual([
			expect.stringMatching(/^4:\d+ POLICY_REFERENCE .*`oors`.*did you mean .*`ours`/),
		]);
	});

	it("is part of the policy digest, by what it says", () => {
		const digests = [
			compiled(),
			compiled(FULL),
			compiled(`${FULL}# a comment\n`),
			compiled(FULL.replace("acme, ", "")),
		].map(({ digest }) => digest);
		expect(digests[1]).toBe(digests[2]);
		expect(new Set(digests).size).toBe(3);
	});

	it.each([
		[
			"",
			"1:1 POLICY_SCHEMA the document names nobody (list whose keys are believed: `publishers`, `operators` or `approvers`)",
		],
		["publisher: []\n", "4:1 POLICY_UNKNOWN_KEY unknown key `publisher` (did you mean `publishers`?)"],
		["publishers: []\n", "4:13 POLICY_SCHEMA `publishers` must have at least 1 entry"],
		[
			publisher("tenants: [acme], agent: [a]"),
			"4:117 POLICY_UNKNOWN_KEY unknown key `agent` in `publishers[0]` (did you mean `agents`?)",
		],
		[
			publisher("agents: [a]"),
			"4:14 POLICY_SCHEMA `tenants` is missing in `publishers[0]` (say for whom it may speak: `tenants: [...]`, or `['*']` for all of them)",
		],
		[publisher("tenants: ['[']"), "4:111 POLICY_GLOB `[` is never closed"],
		[
			publisher("tenants: [a]", K1.slice(0, -1)),
			"4:30 POLICY_SCHEMA `key` is no public key: it is no Ed25519 public key (write what `assent keys create NAME --out FILE` printed)",
		],
		[publisher("tenants: [a]", PRIVATE), "4:30 POLICY_SCHEMA `key` is a private key (whoever reads it can sign"],
		[
			people("operators", ["ann", K1], ["bo", K1], ["ann", K1]),
			"4:200 POLICY_DUPLICATE `ann` is already listed with this key (remove one of the two)",
		],
		[
			people("approvers", ["'ann '", K1]),
			"4:21 POLICY_SCHEMA `approvers[0].name` cannot be `ann `: a name is on one line, without space around it",
		],
	])("%j is refused", (body, message) => {
		const said = problemsOf(trust(body));
		expect(said).toEqual([expect.stringContaining(message)]);
		expect(said.join("")).not.toContain("AYEK");
	});

	it("is there once in a set", () => {
		expect(problemsOf(trust(FULL, "one.yaml"), trust(FULL, "two.yaml"))).toEqual([
			"2:7 POLICY_DUPLICATE the set already has a document of kind `Trust`: one.yaml:3 (list all keys in one of them, and remove the other)",
		]);
	});

	it("is compiled on a thread as it is here", async () => {
		const long = { name: "q.yaml", text: `${POLICY.text.replace("name: p", "name: q")}# ${"x".repeat(10_000)}\n` };
		const sources = [POLICY, long, trust(FULL)];
		const [there, here] = [
			await threadCompiler.compile(sources, "tenant"),
			compilePolicies(sources, { budgetRoot: "tenant" }),
		];
		expect(there.ok && there.value.trust).toEqual(here.ok && here.value.trust);
		expect(there.ok && there.value.trust?.publishers?.[0]?.key.bytes).toBeInstanceOf(Uint8Array);
	});

	it("is written as everybody writes it", () => {
		const [formatted] = formatSources([
			{
				name: "t.yaml",
				text: "kind: Trust\napiVersion: assent.dev/v1\noperators:\n  - key: 'K'\n    name: ann\nmetadata: { name: acme }\n".replace(
					"K",
					K1,
				),
			},
		]);
		expect(formatted?.formatted).toEqual({
			ok: true,
			value: `apiVersion: assent.dev/v1\nkind: Trust\nmetadata: { name: acme }\noperators:\n  - name: ann\n    key: '${K1}'\n`,
		});
	});

	it("has a diff by its entries", () => {
		const read = (body: string) => readTrusts([POLICY, trust(body)]);
		const changes = diffPolicies(
			read(FULL),
			read(FULL.replace("[acme, 'b*']", "['*']").replace(`, { name: ann@example.com, key: '${K2}' }`, "")),
		);
		expect(changes.map(({ subject, field, kind }) => [subject, field, kind])).toEqual([
			["publishers/g", "tenants", "changed"],
			["operators/ann@example.com#2", null, "removed"],
		]);
		expect(diffPolicies([], read(FULL))).toMatchObject([{ policy: "acme", subject: "trust", kind: "added" }]);
		expect(changesBetween([POLICY], [POLICY, trust(FULL)], "tenant")).toEqual({
			added: ["Trust"],
			removed: [],
			changed: [],
		});
	});

	it("schemas/trust.schema.json is current (regenerate it with `npm run schemas`)", () => {
		expect(readFileSync("schemas/trust.schema.json", "utf8")).toBe(trustJsonSchema());
	});
});

describe("compared sets", () => {
	const wide = publisher("tenants: ['*']");
	const narrow = publisher("tenants: [acme]");
	const both = `publishers: [{ name: g, key: '${K1}', tenants: [a] }, { name: h, key: '${K1}', tenants: [b] }]\n`;
	it.each([
		[
			"the same under another name",
			publisher("tenants: [a]"),
			publisher("tenants: [a]").replace("name: g", "name: h"),
			"equal",
		],
		["publishers dropped", "", narrow, "looser"],
		["publishers added", narrow, "", "stricter"],
		["more tenants", wide, narrow, "looser"],
		["fewer tenants", narrow, wide, "stricter"],
		["fewer agents of more tenants", publisher("tenants: ['*'], agents: [a]"), narrow, "incomparable"],
		["another key", publisher("tenants: [acme]", K2), narrow, "incomparable"],
		["what two entries allow together", publisher("tenants: [a, b]"), both, "unknown"],
		["operators dropped", narrow, narrow + people("operators", ["ann", K1]), "looser"],
		["an operator more", people("operators", ["ann", K1], ["bo", K2]), people("operators", ["ann", K1]), "looser"],
		["an operator's key changed", people("operators", ["ann", K2]), people("operators", ["ann", K1]), "incomparable"],
		["an operator's name changed", people("operators", ["bo", K1]), people("operators", ["ann", K1]), "incomparable"],
		["an approver less", people("approvers", ["ann", K1]), people("approvers", ["ann", K1], ["bo", K2]), "stricter"],
		[
			"approvers dropped, and an operator less",
			people("operators", ["ann", K1]),
			people("operators", ["ann", K1], ["bo", K1]) + people("approvers", ["ann", K1]),
			"incomparable",
		],
	])("%s: %s against %s is %s", (_, first, second, relation) => {
		const sets = [first, second].map((body) => (body === "" ? compiled() : compiled(body))) as [
			CompiledPolicySet,
			CompiledPolicySet,
		];
		const comparison = compare(...sets);
		expect(comparison.relation).toBe(relation);
		if (relation !== "equal") expect(comparison.dimensions.map(({ dimension }) => dimension)).toContain("trust");
	});

	it("say for whom a key may speak there alone", () => {
		expect(compare(compiled(publisher("tenants: [acme, beta]")), compiled(narrow)).looser).toMatchObject([
			{
				dimension: "trust",
				scope: "publishers",
				rule: "acme",
				is: "broken",
				why: expect.stringContaining("such as `beta`"),
				place: { file: "t0.yaml", line: 3 },
			},
		]);
	});

	it("are no less compared in their policies", () => {
		const other = compilePolicies(
			[{ ...POLICY, text: POLICY.text.replace("allow: all", "allow: none") }, trust(wide)],
			{
				budgetRoot: "tenant",
			},
		);
		if (!other.ok) throw new Error("was refused");
		expect(compare(other.value, compiled(narrow)).relation).toBe("incomparable");
		expect(compare(other.value, compiled(wide)).relation).toBe("stricter");
	});
});
