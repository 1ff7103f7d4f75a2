import { describe, expect, it } from "vitest";
import { type Comparison, compare, isStricterThan } from "../../../../../src/core/analysis/comparison/compare.ts";
import type { CompiledPolicySet } from "../../../../../src/core/policy/compiled.ts";
import { ALL, conditions, limits, MIRRORED, patterns, policies } from "../../../../support/compared-policies.ts";

const held = (approval: string): string =>
	`tools: { allow: all, hold: [pay] }\napprovals: { default: { ${approval} } }\n`;
const owed = (obligation: string): string => `${ALL}obligations: [{ ${obligation} }]\n`;
const lifted = (expires: string, more = ""): string =>
	`${patterns("substring: rm")}exceptions: [{ name: e, rules: [r0], owner: ann, reason: a trial, expires: ${expires}${more} }]\n`;
const followed = (more: string): string =>
	`${ALL}sequences: [{ name: s, after: { tools: [read_secret] }, then: { tools: ['http.*'] }, ${more} }]\n`;

/** The witness that the first is not as strict as the second: the last call, how many there are, and what both say. */
function shown({ witnesses: [witness] }: Comparison) {
	if (witness === undefined) throw new Error("there is no witness");
	const last = witness.calls.at(-1);
	return {
		calls: witness.calls.length,
		tool: last?.tool,
		args: last?.args,
		verdicts: witness.decisions.map(({ verdict }) => verdict),
	};
}

describe("sets of policies", () => {
	it.each([
		[
			"the same lists in another order",
			"equal",
			"tools: { allow: [a, b], deny: [c, d] }",
			"tools: { allow: [b, a], deny: [D, c] }",
		],
		["nothing, and a list", "stricter", "tools: { allow: none }", "tools: { allow: [read_file] }"],
		["a list, and everything", "stricter", "tools: { allow: [read_file] }", ALL],
		["one tool, and two others", "incomparable", "tools: { allow: [shell] }", "tools: { allow: [read_file, list] }"],
		[
			"a glob, and a list of what it holds",
			"looser",
			"tools: { allow: [read_*] }",
			"tools: { allow: [read_file, read_dir] }",
		],
		[
			"what one allows, and what the other does not deny",
			"stricter",
			"tools: { allow: ['read_*'] }",
			"tools: { allow: all, deny: ['git.*'] }",
		],
		[
			"a list without some, and the rest of it",
			"equal",
			"tools: { allow: [{ tools: [a, b], except: [b] }] }",
			"tools: { allow: [a] }",
		],
		[
			"what is held, and what is denied",
			"looser",
			"tools: { default: hold, allow: [a] }\napprovals: { default: { approvers: ['*'] } }",
			"tools: { allow: [a] }",
		],
		["a policy that only records", "stricter", `mode: audit\n${ALL}`, ALL],
		["a rule that only records", "looser", patterns("substring: rm, mode: audit"), patterns("substring: rm")],
		["fewer agents", "stricter", `appliesTo: { agents: [ops] }\n${ALL}`, ALL],
		["two words, and a third", "incomparable", patterns("substring: [a, b]"), patterns("substring: [c]")],
		[
			"two words, one of which is in the other",
			"equal",
			patterns("substring: [rm, rm -rf]"),
			patterns("substring: rm"),
		],
		["two rules for one", "equal", patterns("substring: a", "substring: b"), patterns("regex: '[ab]'")],
		["one argument, and all of them", "looser", patterns("substring: rm, in: args.command"), patterns("substring: rm")],
		[
			"an argument below another",
			"looser",
			patterns("substring: rm, in: args.a.b"),
			patterns("substring: rm, in: args.*.b"),
		],
		[
			"fewer exemptions",
			"stricter",
			patterns("regex: '^', in: args.path, unless: { style: path, glob: /srv/** }"),
			patterns("regex: '^', in: args.path, unless: { style: path, glob: [/srv/**, /tmp/**] }"),
		],
		[
			"what is missing",
			"stricter",
			patterns("regex: x, in: args.path, missing: match"),
			patterns("regex: x, in: args.path"),
		],
		[
			"a lower bound",
			"stricter",
			conditions("when: { in: args.n, number: '> 10' }"),
			conditions("when: { in: args.n, number: '>= 100' }"),
		],
		[
			"an open bound",
			"looser",
			conditions("when: { in: args.n, number: '> 5' }"),
			conditions("when: { in: args.n, number: '>= 5' }"),
		],
		[
			"a list that an exception lifts, and a word in its calls",
			"incomparable",
			"tools: { allow: all, deny: [{ name: d, tools: [rm] }] }\nexceptions: [{ name: e, rules: [d], owner: ann, reason: a trial, expires: 2026-12-31T00:00:00Z, when: { in: args.x, oneOf: [a] } }]",
			`${ALL}patterns: [{ name: r, tools: [rm], substring: a }]`,
		],
		[
			"a bound written in another way",
			"equal",
			conditions("when: { in: args.n, number: '>= 1, <= 5' }"),
			conditions("when: { in: args.n, number: 1..5 }"),
		],
		[
			"fewer values that are asked for",
			"stricter",
			conditions("require: { in: args.to, oneOf: [a] }"),
			conditions("require: { in: args.to, oneOf: [b, a] }"),
		],
		[
			"one more test for the same",
			"looser",
			conditions("when: [{ in: args.n, number: '> 1' }, { in: args.c, oneOf: [x] }]"),
			conditions("when: { in: args.n, number: '> 1' }"),
		],
		[
			"fewer hosts",
			"stricter",
			conditions("require: { in: args.url, url: { hosts: [a.com] } }"),
			conditions("require: { in: args.url, url: { hosts: [b.com, a.com] } }"),
		],
		["fewer calls", "stricter", limits("measure: tool_calls, max: 3"), limits("measure: tool_calls, max: 5")],
		[
			"calls for life, and within an hour",
			"stricter",
			limits("measure: tool_calls, max: 3"),
			limits("measure: tool_calls, max: 3, per: 1h"),
		],
		[
			"ten a minute are never above 600 an hour",
			"stricter",
			limits("measure: tool_calls, max: 10, per: 1m"),
			limits("measure: tool_calls, max: 600, per: 1h"),
		],
		[
			"ten a minute can be above 500 an hour",
			"incomparable",
			limits("measure: tool_calls, max: 10, per: 1m"),
			limits("measure: tool_calls, max: 500, per: 1h"),
		],
		[
			"five and five are ten",
			"stricter",
			limits("measure: tool_calls, max: 5, tools: [a]", "measure: tool_calls, max: 5, tools: [b]"),
			limits("measure: tool_calls, max: 10, tools: [a, b]"),
		],
		["tokens without a limit", "looser", ALL, limits("measure: tokens, max: 1000")],
		["time without a limit", "looser", ALL, limits("measure: execution_time, max: 5m, reserve: 1s")],
		["calls at a time without a limit", "looser", ALL, limits("measure: concurrent_calls, max: 2")],
	] as const)("%s: %s", (_, relation, first, second) => {
		const [a, b] = [policies(first), policies(second)];
		expect(compare(a, b).relation).toBe(relation);
		expect(MIRRORED[relation]).toContain(compare(b, a).relation);
		expect(isStricterThan(a, b)).toBe(relation === "equal" || relation === "stricter");
	});

	it.each([
		[
			"a quorum of two, and one vote",
			"stricter",
			held("approvers: [ann, bob], quorum: 2"),
			held("approvers: [ann, bob]"),
		],
		["other people", "incomparable", held("approvers: [ann]"), held("approvers: [bob]")],
		["fewer people", "stricter", held("approvers: [ann]"), held("approvers: [a*]")],
		["a longer wait", "looser", held("approvers: [ann], expires: 2h"), held("approvers: [ann], expires: 1h")],
		["one's own word", "looser", held("approvers: [ann], self: allowed"), held("approvers: [ann]")],
		["more that is redacted", "stricter", owed("redact: [args.a]"), owed("redact: [args.a.b]")],
		["a shorter deadline", "stricter", owed("deadline: 1m"), owed("deadline: 2m")],
		["a rule with an exception", "looser", lifted("2026-12-31T00:00:00Z"), patterns("substring: rm")],
		["an exception for longer", "looser", lifted("2026-12-31T00:00:00Z"), lifted("2026-11-30T00:00:00Z")],
		[
			"an exception for fewer calls",
			"stricter",
			lifted("2026-12-31T00:00:00Z", ", when: { in: args.x, oneOf: [a rm] }"),
			lifted("2026-12-31T00:00:00Z"),
		],
		["a sequence for longer", "stricter", followed("within: 2h"), followed("within: 1h")],
		["a sequence of one agent", "stricter", followed("within: 1h, scope: agent"), followed("within: 1h")],
		["a sequence of one agent without end", "stricter", followed("scope: agent"), followed("scope: session")],
		[
			"a sequence of one agent without end, and for a time",
			"stricter",
			followed("scope: agent"),
			followed("within: 1h"),
		],
		["a sequence, and none", "stricter", followed("within: 1h"), ALL],
		["a sequence, and a rule for its end", "looser", followed("within: 1h"), "tools: { allow: all, deny: ['http.*'] }"],
	] as const)("with votes, obligations, exceptions and sequences: %s: %s", (_, relation, first, second) => {
		const [a, b] = [policies(first), policies(second)];
		expect(compare(a, b).relation).toBe(relation);
		expect(MIRRORED[relation]).toContain(compare(b, a).relation);
	});

	it("are compared by what was changed where both are long and say much the same", () => {
		const lists = Array.from({ length: 14 }, (_, at) => `{ name: d${at}, tools: ['*${"abcdefghijklmn"[at]}*'] }`);
		const long = (more: string): CompiledPolicySet =>
			policies(`tools: { allow: all, deny: [${lists.join(", ")}] }\npatterns: [{ name: r, substring: ${more} }]`);
		expect(compare(long("xx"), long("xxx"))).toMatchObject({ relation: "stricter", work: { cells: 1 } });
		expect(shown(compare(long("xxx"), long("xx")))).toMatchObject({ verdicts: ["allow", "deny"] });
	});

	it("show calls that the one admits and the other does not", () => {
		expect(shown(compare(policies(ALL), policies("tools: { allow: all, deny: [rm] }")))).toEqual({
			calls: 1,
			tool: "rm",
			args: {},
			verdicts: ["allow", "deny"],
		});
		const one = policies(patterns("substring: [a, b]"));
		expect(shown(compare(one, policies(patterns("substring: c, in: args.cmd"))))).toEqual({
			calls: 1,
			tool: "a",
			args: { cmd: "c" },
			verdicts: ["allow", "deny"],
		});
	});

	it("put what may be anywhere under a key that no rule names", () => {
		const named = "require: { in: [args.x, args.Y], oneOf: [a], missing: ignore }";
		const more = `conditions: [{ name: c, ${named} }]`;
		const [one, other] = [policies(`${ALL}${more}`), policies(`${patterns("substring: rm")}${more}`)];
		expect(shown(compare(one, other))).toMatchObject({ args: { z: "rm" }, verdicts: ["allow", "deny"] });
		const any = "patterns: [{ name: r, substring: rm, in: args.*.path }]\n";
		expect(shown(compare(one, policies(`${ALL}${any}${more}`)))).toMatchObject({ args: { z: { path: "rm" } } });
	});

	it("say which obligations differ", () => {
		const [one, other] = [policies(owed("deadline: 2m")), policies(owed("redact: [args.a.*], deadline: 1m"))];
		expect(compare(one, other).looser).toMatchObject([
			{ why: "`args.a.*` is not redacted; a call may take 2m, and no more than 1m in the other set", is: "broken" },
		]);
		expect(compare(one, policies(owed("deadline: 1m"))).looser).toMatchObject([
			{ why: "a call may take 2m, and no more than 1m in the other set", is: "broken" },
		]);
	});

	it("show as many calls as it takes to pass a limit", () => {
		const comparison = compare(
			policies(limits("measure: tool_calls, max: 9")),
			policies(limits("measure: tool_calls, max: 4")),
		);
		expect(shown(comparison)).toMatchObject({ calls: 5, verdicts: ["allow", "deny"] });
		const rates = compare(
			policies(limits("measure: tool_calls, max: 10, per: 1m")),
			policies(limits("measure: tool_calls, max: 500, per: 1h")),
		);
		expect(shown(rates)).toMatchObject({ calls: 501, verdicts: ["allow", "deny"] });
	});

	it("say by dimension and scope what is stricter", () => {
		const comparison = compare(
			policies(
				`${patterns("substring: rm, in: args.command")}limits: [{ name: l, measure: tool_calls, scope: agent, max: 9 }]`,
			),
			policies(`${ALL}limits: [{ name: l, measure: tool_calls, scope: agent, max: 5 }]`),
		);
		expect(comparison.dimensions).toEqual([
			{ dimension: "limits", scope: "tool_calls per agent", relation: "looser" },
			{ dimension: "arguments", scope: "args.command", relation: "stricter" },
		]);
		expect(comparison.relation).toBe("incomparable");
	});

	it("are several on each side, and each governs whom it applies to", () => {
		const ops = "appliesTo: { agents: [ops] }\ntools: { allow: all, deny: [bash] }";
		const both = policies(ALL, ops);
		expect(compare(both, policies(ALL)).relation).toBe("stricter");
		expect(compare(both, policies(ops)).relation).toBe("looser");
		expect(compare(both, policies("tools: { allow: all, deny: [bash] }")).relation).toBe("looser");
	});

	it("are compared rule by rule where their globs tell thousands of kinds of tools apart", () => {
		const globs = "abcdefghijklmnopqrst".split("").map((letter) => `'*${letter}${letter}*'`);
		const many = (names: readonly string[], more = ""): CompiledPolicySet =>
			policies(
				`tools: { allow: all, deny: [${names.map((glob) => `{ name: t${glob[2]}, tools: [${glob}] }`).join(", ")}] }\n` +
					`patterns: [${names.map((glob) => `{ name: r${glob[2]}, tools: [${glob}, x], substring: w${glob[2]} }`).join(", ")}]\n` +
					`obligations: [{ tools: ['*oo*'], deadline: 1m }]\n` +
					`limits: [{ name: l, scope: agent, measure: tool_calls, tools: ['*zz*', x], max: 5 }]\n${more}`,
			);
		const all = many(globs);
		expect(compare(all, many(globs.slice(1)))).toMatchObject({ relation: "stricter" });
		// The same for fewer, without going through their kinds first.
		const few = many(globs.slice(0, 6));
		const related = (one: CompiledPolicySet, other: CompiledPolicySet) => compare(one, other, { kindsMax: 0 });
		expect(related(many(globs.slice(1, 6)), few)).toMatchObject({ relation: "looser" });
		expect(related(few, many(globs.slice(0, 6).reverse())).isAtLeastAsStrict).toBe("yes");
		const sequence = "sequences: [{ name: s, after: { tools: ['*read*'] }, then: { tools: ['*send*'] } }]\n";
		const bounded = many(globs.slice(0, 6), sequence);
		expect(related(bounded, few).relation).toBe("stricter");
		expect(related(few, bounded)).toMatchObject({ relation: "looser", looser: [{ dimension: "sequences" }] });
		const open = many(globs.slice(0, 6), "mode: audit\n");
		expect(related(open, few).relation).toBe("stricter");
		expect(related(few, open)).toMatchObject({ relation: "looser", looser: [{ dimension: "principals" }] });
	});

	it("are looser where a call may take longer than calls take without an obligation", () => {
		const long = policies(owed("tools: ['*'], deadline: 5h"));
		for (const bounds of [{}, { kindsMax: 0 }]) {
			expect(compare(policies(ALL), long, bounds).relation).toBe("stricter");
			expect(compare(long, policies(ALL), bounds)).toMatchObject({
				relation: "looser",
				looser: [{ dimension: "obligations", why: "a call may take 5h, and no more than 10m in the other set" }],
			});
		}
	});

	it("are unknown where they tell too many groups of principals apart, before long", () => {
		const letters = "abcdefghi".split("");
		const lifting = letters.flatMap((letter) => [
			`{ name: t${letter}, rules: [r0], appliesTo: { tenants: ['*${letter}*'] }, owner: o, reason: r, expires: 2026-12-31T00:00:00Z }`,
			`{ name: a${letter}, rules: [r0], appliesTo: { agents: ['*${letter}*'] }, owner: o, reason: r, expires: 2026-12-31T00:00:00Z }`,
		]);
		const many = policies(`${patterns("substring: no")}exceptions: [${lifting.join(", ")}]\n`);
		expect(compare(many, policies(patterns("substring: yes"))).isAtLeastAsStrict).not.toBe("yes");
	});

	it("are unknown where the steps run out, with the reason", () => {
		const [a, b] = [policies(patterns("regex: 'a.{0,40}b'")), policies(patterns("regex: 'a.{0,41}b'"))];
		const comparison = compare(a, b, { stepsMax: 1 });
		expect(comparison.relation).toBe("unknown");
		expect(JSON.stringify([comparison.looser, comparison.stricter])).toContain("more than 1 steps");
	});

	it("cost the same steps whatever was compared before", () => {
		const [a, b] = [policies(patterns("regex: 'x.*y'")), policies(patterns("regex: 'x+y'"))];
		expect(compare(a, b).work).toEqual(compare(a, b).work);
	});
});

describe("globs over paths", () => {
	const ssh = "glob: '**/.ssh/*', style: path, in: args.path";

	it("look at more than what is written, so that no regex is known to stop as much", () => {
		const regex = policies(patterns("regex: '^(?:.*/)?[.]ssh/[^/]*$', in: args.path"));
		const all = policies(patterns("glob: '**', style: path, in: args.path"));
		expect(compare(regex, policies(patterns(ssh))).isAtLeastAsStrict).not.toBe("yes");
		expect(compare(all, policies(patterns(ssh))).isAtLeastAsStrict).toBe("yes");
		expect(
			compare(policies(patterns(ssh)), policies(patterns("glob: '/a/.ssh/*', style: path, in: args.path"))).relation,
		).toBe("stricter");
	});

	it("let pass less than a regex that says the same", () => {
		const exempt = (unless: string) => policies(patterns(`regex: '^', in: args.path, unless: ${unless}`));
		const [path, regex] = [exempt("{ glob: '/srv/**', style: path }"), exempt("{ regex: '^/srv(?:/|$)' }")];
		expect(compare(regex, path).isAtLeastAsStrict).not.toBe("yes");
		expect(compare(path, regex).isAtMostAsStrict).not.toBe("yes");
		expect(compare(path, exempt("{ glob: ['/srv/**', '/tmp/**'], style: path }")).relation).toBe("stricter");
	});
});
