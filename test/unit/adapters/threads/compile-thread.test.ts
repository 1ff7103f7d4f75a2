/** A set that was compiled on another thread is the set that would have been compiled here. */
import { describe, expect, it } from "vitest";
import { threadCompiler } from "../../../../src/adapters/threads/compile-thread.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import { filesBelow, textOf } from "../../../support/repository.ts";

const RULES = 400;

/** Some of everything that a policy can say, and a few hundred rules. */
const text = (name: string): string => `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: ${name} }
tools: { default: hold, allow: [{ tools: ['t*', mail], except: [t7] }, pay], deny: [{ name: no-wipe, tools: [wipe], severity: high }] }
approvals: { default: { approvers: [ann], quorum: 1 } }
patterns:
${lines((at) => `  - { name: p${at}, regex: '\\bword${at}\\s+-\\w*f', in: [args.command, args.*.commands], unless: { substring: dry-run }, message: not ${at} }`)}
conditions:
${lines((at) => `  - { name: c${at}, tools: [t${at}], when: { in: args.amount, number: '> ${at}' }, effect: hold }`)}
sequences:
  - { name: s, after: { tools: [t1], when: { in: args.to, email: '*@b.org' } }, then: { tools: [t2, mail], require: { in: args.to, substring: x } }, within: 5m }
exceptions:
  - { name: e, rules: [p1, no-wipe], tools: [t1, wipe], when: { in: args.to, email: '*@a.org' }, owner: ann, reason: why, expires: 2026-12-31T00:00:00Z }
limits: [{ name: calls, measure: tool_calls, scope: agent, max: 5, per: 1h }]
obligations: [{ tools: [mail], redact: [args.password, args.users.*.password], deadline: 5s, message: careful }]
`;

const lines = (write: (at: number) => string): string => Array.from({ length: RULES }, (_, at) => write(at)).join("\n");
const sources = [
	{ name: "b.yaml", text: text("b") },
	{ name: "a.yaml", text: text("a") },
];

describe("policies compiled on a thread", () => {
	it("are the same rules, and say the same of every call", async () => {
		const here = compilePolicies(sources, { budgetRoot: "tenant" });
		const there = await threadCompiler.compile(sources, "tenant");
		if (!here.ok || !there.ok) throw new Error("was refused");
		expect(there.value.digest).toBe(here.value.digest);
		expect(there.value.policies).toEqual(here.value.policies);
		expect(there.value.limits).toEqual(here.value.limits);
		for (const tool of ["t1", "T2", "t7", "wipe", "pay", "mail", "other"]) {
			for (const args of [
				{},
				{ command: "word1 -rf word2 -f", amount: 3, to: "x@a.org" },
				{ amount: "?", password: "p" },
			]) {
				const call = { tenant: "t", agent: "a", session: "s", tool, args, at: 0 };
				const said = there.value.evaluate(call);
				expect(said).toEqual(here.value.evaluate(call));
				for (const { reason } of said.fired) expect(Object.isFrozen(reason.rule)).toBe(true);
			}
		}
	});

	it("are the policies to start from, whatever they say", async () => {
		const shipped = filesBelow("policies")
			.filter((path) => path.endsWith(".yaml") && !path.endsWith(".test.yaml"))
			.map((path) => ({ name: path, text: textOf(path) }));
		const here = compilePolicies(shipped, { budgetRoot: "tenant" });
		const there = await threadCompiler.compile(shipped, "tenant");
		if (!here.ok || !there.ok) throw new Error("was refused");
		expect(there.value.policies).toEqual(here.value.policies);
	});

	it("have the same problems with the same places", async () => {
		const wrong = [{ name: "b.yaml", text: text("b").replace("effect: hold", "effect: hld") }];
		const here = compilePolicies(wrong, { budgetRoot: "tenant" });
		const there = await threadCompiler.compile(wrong, "tenant");
		expect(here.ok).toBe(false);
		expect(there).toEqual(here);
	});

	it("give others their turn while they are received", async () => {
		let turns = 0;
		let isOver = false;
		const turn = (): void => {
			turns += 1;
			if (!isOver) setImmediate(turn);
		};
		setImmediate(turn);
		await threadCompiler.compile(sources, "tenant");
		isOver = true;
		// Four lists of some hundred rules in pieces of fifty.
		expect(turns).toBeGreaterThan((4 * RULES) / 50);
	});
});
