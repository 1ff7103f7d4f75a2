import { describe, expect, it } from "vitest";
import { HOUR } from "../../../../src/core/model/units.ts";
import {
	type Act,
	abandoned,
	allowed,
	counts,
	denied,
	type Expectation,
	given,
	givenIn,
	granted,
	held,
	intent,
	outcome,
	policy,
	rejected,
	repeated,
	resent,
	toppedUp,
	wait,
} from "../../../support/engine.ts";
import { LAYOUT, type World } from "../../../support/engine-world.ts";

const calls = (name: string, max: number) => ({ name, measure: "tool_calls", max }) as const;
const tokens = (name: string, max: number) => ({ name, measure: "tokens", max }) as const;
const cost = (name: string, max: number) => ({ name, measure: "cost", max }) as const;

/** What was counted for a credential of the agent. */
const spent = (name: string, expected: { reserved?: number; settled?: number }, agent = "coder"): Expectation => {
	return (world) => {
		expect(world.counter(name, `acme/${agent}#${name}`)).toMatchObject(expected);
	};
};

const usesOf = (world: World) => ("decision" in world.last ? (world.last.decision?.uses ?? []) : []);

const says =
	(text: string): Expectation =>
	(world) => {
		const reasons = "decision" in world.last ? (world.last.decision?.reasons ?? []) : [];
		expect(reasons.map(({ rule }) => rule.message)).toContainEqual(expect.stringContaining(text));
	};

const many = (count: number, act: (place: number) => Act): Act[] => Array.from({ length: count }, (_, at) => act(at));

describe("what a credential lets its bearer spend (docs/design/step.md#budgets)", () => {
	it("one call, asked for by a hundred at once, is exactly one", () => {
		const { world } = given(policy()).when(
			...many(100, (at) => intent({ id: `c-${at}`, session: `run-${at % 7}`, caps: [calls("key-1", 1)] })),
		);
		const verdicts = world.entries.flatMap((entry) => (entry.kind === "decision.made" ? [entry.verdict] : []));
		expect(verdicts.filter((verdict) => verdict === "allow")).toHaveLength(1);
		expect(verdicts).toHaveLength(100);
	});

	it("is for life: neither time nor an outcome gives it back", () => {
		given(policy(), intent({ id: "a", caps: [calls("key-1", 1)] }), outcome("a"), wait(20 * HOUR))
			.when(intent({ caps: [calls("key-1", 1)] }))
			.then(
				denied("credential.budget"),
				says("1 of 1 calls are taken, this call needs 1"),
				spent("key-1", { settled: 1 }),
			);
	});

	it("nor does an abandonment, once the call is allowed: it is the word of the side that is bounded", () => {
		const caps = [calls("key-1", 1), tokens("key-2", 100), cost("parent", 50)];
		const limited = policy("limits: [{name: cap, measure: tokens, scope: agent, max: 1000}]");
		given(limited, intent({ id: "a", tokens: 60, cost: 20, caps }), abandoned("a"))
			.then(spent("key-1", { reserved: 0, settled: 1 }), spent("key-2", { reserved: 0, settled: 60 }))
			.then(spent("parent", { reserved: 0, settled: 20 }), counts("cap", { reserved: 0, settled: 0 }))
			.when(intent({ caps: [calls("key-1", 1)] }))
			.then(denied("credential.budget"));
	});

	it("comes back from a call that is given up while it is held, and not once it is granted", () => {
		const holds = policy("approvals: {default: {approvers: [alice]}}", { tools: "{allow: all, hold: [mail.*]}" });
		const caps = [calls("key-1", 1)];
		given(holds, intent({ id: "a", tool: "mail.send", caps }))
			.then(held("tool.held"), spent("key-1", { reserved: 1 }))
			.when(abandoned("a"))
			.then(spent("key-1", { reserved: 0, settled: 0 }))
			.when(intent({ id: "b", tool: "mail.send", caps }), granted("b"), abandoned("b"))
			.then(spent("key-1", { reserved: 0, settled: 1 }));
	});

	it("tokens and cost: what was estimated until the outcome tells, and what is over is debt", () => {
		const caps = [tokens("key-1", 100), cost("key-1", 1_000_000)];
		given(policy(), intent({ id: "a", tokens: 60, cost: 10, caps }))
			.when(intent({ tokens: 50, caps }))
			.then(denied("credential.budget"))
			.when(outcome("a", { tokens: 130, cost: 10 }), intent({ id: "b", caps }))
			.then(denied("credential.budget"), says("130 of 100 tokens are taken, what this call needs is not known"));
	});

	it("a credential and the one that it came from are both counted, and a refusal by one takes nothing of the other", () => {
		const parent = calls("parent", 3);
		const child = (name: string) => [calls(name, 2), parent];
		given(policy(), intent({ caps: child("one") }), intent({ caps: child("one") }))
			.when(intent({ caps: child("one") }))
			.then(denied("credential.budget"), spent("parent", { reserved: 2 }), spent("one", { reserved: 2 }))
			.when(intent({ caps: child("two") }))
			.then(allowed())
			.when(intent({ caps: child("two") }))
			.then(denied("credential.budget"), spent("parent", { reserved: 3 }), spent("two", { reserved: 1 }));
	});

	it("counts within the agent: all of its sessions together, other agents apart", () => {
		const caps = [calls("key-1", 1)];
		given(policy(), intent({ session: "run-1", caps }))
			.when(intent({ session: "run-2", caps }))
			.then(denied("credential.budget"))
			.when(intent({ agent: "writer", caps }))
			.then(allowed(), spent("key-1", { reserved: 1 }, "writer"));
	});

	it("each intent is held to its own maximum, over what all have spent", () => {
		given(policy(), intent({ caps: [calls("key-1", 5)] }), intent({ caps: [calls("key-1", 5)] }))
			.when(intent({ caps: [calls("key-1", 2)] }))
			.then(denied("credential.budget"))
			.when(intent({ caps: [calls("key-1", 3)] }))
			.then(allowed());
	});

	it("said twice it is counted once, and the lowest holds", () => {
		const caps = [calls("key-1", 3), calls("key-1", 1), tokens("key-2", 9)];
		given(policy(), intent({ caps }))
			.then(allowed(), spent("key-1", { reserved: 1 }), (world) => {
				expect(usesOf(world).map(({ max }) => max)).toEqual([1, 9]);
			})
			.when(intent({ caps }))
			.then(denied("credential.budget"));
	});

	it("a limit of a policy and a credential of the same name are counted apart", () => {
		given(policy("limits: [{name: key-1, measure: tool_calls, scope: agent, max: 2}]"))
			.when(intent({ caps: [calls("key-1", 9)] }), intent())
			.then(allowed(), spent("key-1", { reserved: 1 }))
			.when(intent({ caps: [calls("key-1", 9)] }))
			.then(denied("budget.exhausted"), spent("key-1", { reserved: 1 }));
	});

	it("no operator's top-up reaches it", () => {
		given(policy(), intent({ caps: [calls("key-1", 1)] }))
			.when(toppedUp("key-1", 5))
			.then(rejected("budget.unknown"));
	});

	it("a resend is charged once", () => {
		given(policy(), intent({ id: "a", caps: [calls("key-1", 1)] }))
			.when(resent("a"))
			.then(repeated("allow", "open"), spent("key-1", { reserved: 1 }));
	});

	it("a held call has its place, and its grant takes no second one", () => {
		const caps = [calls("key-1", 1)];
		const holding = policy("approvals: {default: {approvers: [alice], expires: 1h}}", {
			tools: "{allow: all, hold: [mail.*]}",
		});
		given(holding, intent({ id: "a", tool: "mail.send", caps }))
			.then(held("tool.held"), spent("key-1", { reserved: 1 }))
			.when(intent({ caps }))
			.then(denied("credential.budget"))
			.when(granted("a"))
			.then(allowed(), spent("key-1", { reserved: 1 }));
	});

	it("is refused where it cannot be counted: an agent's sessions are in several partitions", () => {
		givenIn({ ...LAYOUT, budgetRoot: "tenant/agent/session" }, policy())
			.when(intent({ caps: [calls("key-1", 1)] }))
			.then(denied("credential.budget"))
			.when(intent())
			.then(allowed());
	});

	it("names of any letters, as many as an intent may carry, fit into the entry", () => {
		const caps = Array.from({ length: 16 }, (_, at) => calls(`${"名".repeat(62)}${String(at).padStart(2, "0")}`, 1));
		given(policy(), intent({ caps }))
			.then(allowed())
			.when(intent({ caps }))
			.then((world) => expect(usesOf(world)).toHaveLength(16));
	});
});
