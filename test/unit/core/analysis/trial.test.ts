import { describe, expect, it } from "vitest";
import { type DecidedCall, DecideLoop } from "../../../../src/core/analysis/trial.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";

const KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const HEAD = "apiVersion: assent.dev/v1\nmetadata: { name: acme }\n";
const POLICY = `${HEAD}kind: Policy
tools: { allow: all, deny: [{ name: no, tools: [rm] }], hold: [{ name: ask, tools: [deploy] }] }
approvals: { default: { approvers: ['*'], quorum: 1, expires: 1h } }
`;
const TRUST = `${HEAD}kind: Trust
publishers: [{ name: g, key: '${KEY}', tenants: [acme] }]
approvers: [{ name: ann, key: '${KEY}' }]
`;

const call = (tool: string): DecidedCall => ({
	...{ id: tool, tenant: "default", agent: "a", session: "s", onBehalfOf: null, tool, args: {}, facts: null, at: 0 },
	estimate: { tokens: 0, costMicros: 0 },
	usage: { tokens: null, costMicros: null, executionMs: null },
});

describe("a trial of policies", () => {
	it("decides by the policies where the set believes some keys alone: nothing of a trial is signed", () => {
		const set = compilePolicies(
			[
				{ name: "p.yaml", text: POLICY },
				{ name: "t.yaml", text: TRUST },
			],
			{ budgetRoot: "tenant" },
		);
		if (!set.ok) throw new Error(set.error[0]?.message);
		const loop = new DecideLoop(set.value);
		expect(["ls", "rm", "deploy"].map((tool) => loop.ask(call(tool)).verdict)).toEqual(["allow", "deny", "hold"]);
		expect(loop.vote({ call: call("deploy"), vote: "granted", by: "bo", at: 0 }).verdict).toBe("allow");
		expect(loop.ask(call("ls")).policy).toBe(set.value.digest);
	});
});
