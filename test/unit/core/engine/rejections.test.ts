import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { partitionOf } from "../../../../src/core/base/murmur2.ts";
import { MESSAGE_LENGTH_MAX } from "../../../../src/core/model/bounds.ts";
import type { BudgetRoot } from "../../../../src/core/model/ids.ts";
import { callKey } from "../../../../src/core/model/ids.ts";
import { HOUR } from "../../../../src/core/model/units.ts";
import {
	type Act,
	abandoned,
	allowed,
	denied,
	given,
	givenIn,
	granted,
	halted,
	intent,
	outcome,
	policies,
	policy,
	rejected,
	resent,
	sessionEnded,
	tick,
	toppedUp,
	wait,
} from "../../../support/engine.ts";
import { LAYOUT, START, type World } from "../../../support/engine-world.ts";

const layout = (budgetRoot: BudgetRoot) => ({ ...LAYOUT, partitions: 3, budgetRoot });
/** An agent whose key belongs, or does not belong, to partition 0. */
const agent = (isHere: boolean): string => {
	for (let n = 0; ; n++) if ((partitionOf(`acme/agent-${n}`, 3) === 0) === isHere) return `agent-${n}`;
};
const guard = policy("limits: [{name: cap, measure: tool_calls, scope: agent, max: 9}]");

describe("a record in the wrong partition", () => {
	const elsewhere = agent(false);

	it("is rejected before anything else is asked, and touches no table", () => {
		givenIn(layout("tenant/agent"), guard)
			.when(intent({ id: "c", agent: agent(true) }))
			.then(allowed())
			.when(intent({ id: "c", agent: elsewhere, issuedAt: START - 10_000_000, marks: { late: true } }))
			.then(rejected("intent.misrouted"), (world) => {
				expect(world.last).toMatchObject({ severity: "high", call: { tenant: "acme", agent: elsewhere, id: "c" } });
				expect(world.state.calls.size).toBe(1);
			});
	});

	it("whatever it is: an outcome, an abandonment, a vote, a session's end, an adjustment", () => {
		const acts: [Act, string][] = [
			[outcome("c"), "intent.misrouted"],
			[abandoned("c"), "intent.misrouted"],
			[granted("c"), "control.misrouted"],
			[sessionEnded(), "control.misrouted"],
			[toppedUp("cap", 1), "control.misrouted"],
		];
		expect(partitionOf("acme/coder", 3)).not.toBe(0);
		for (const [act, code] of acts) givenIn(layout("tenant/agent"), guard).when(act).then(rejected(code));
	});

	it("broadcasts belong everywhere", () => {
		givenIn(layout("tenant/agent"), guard, halted(), tick()).then((world) => expect(world.state.halts.size).toBe(1));
	});

	it("is told by the budget root of the layout", () => {
		const here = { tenant: "acme", session: "run-1", agent: "coder" };
		for (const root of ["tenant", "tenant/agent", "tenant/agent/session"] as const) {
			const key = root === "tenant" ? "acme" : root === "tenant/agent" ? "acme/coder" : "acme/coder/run-1";
			const partitions = [1, 2, 3, 4, 5].find((count) => partitionOf(key, count) === 0 && count > 1) ?? 1;
			givenIn({ ...LAYOUT, partitions, budgetRoot: root }, policy())
				.when(intent(here))
				.then(allowed());
		}
	});
});

describe("a record that cannot be read", () => {
	const unreadable =
		(call: { tenant: string; agent: string; id: string } | null): Act =>
		(world) => {
			world.step({
				kind: "unreadable",
				cause: { topic: "intents", partition: 0, offset: world.state.inputs.intents },
				causeTime: world.now,
				late: false,
				ahead: false,
				address: null,
				code: "RECORD_DEPTH",
				detail: "d".repeat(2_000),
				call,
				recordDigest: "e".repeat(64),
			});
		};

	it("gets its entry, with its hash and what was wrong, cut", () => {
		given(policy())
			.when(unreadable(null))
			.then(rejected("record.unreadable"), (world) => {
				expect(world.last).toMatchObject({
					recordDigest: "e".repeat(64),
					detail: `RECORD_DEPTH: ${"d".repeat(MESSAGE_LENGTH_MAX - 15)}…`,
					call: { tenant: "", agent: "", id: "" },
				});
				expect(world.state.inputs.intents).toBe(1);
			});
	});

	it("names its intent where the id could be read, and leaves the id free", () => {
		given(policy())
			.when(unreadable({ tenant: "acme", agent: "coder", id: "c" }))
			.then((world) => expect(world.last).toMatchObject({ call: { id: "c" } }))
			.when(intent({ id: "c" }))
			.then(allowed());
	});

	it("advances time like any other, and turns due items into effects", () => {
		given(policy(), intent({ id: "c" }), wait(600_000))
			.when(unreadable(null))
			.then((world) => expect(world.last.effects).toHaveLength(1));
	});
});

describe("names and arguments that others choose", () => {
	const wide = "長".repeat(256);
	const who = { tenant: wide, agent: wide, session: wide };
	const limits = (count: number, scope: string, more = "") =>
		`limits: [${Array.from({ length: count }, (_, at) => `{name: l${at}, measure: tool_calls, scope: ${scope}, max: 9${more}}`).join(", ")}]`;

	it("take nothing of the room that budgets have in an entry; more budgets than fit deny the call", () => {
		given(policy(limits(40, "session")))
			.when(intent(who))
			.then(allowed(), (world) => expect(world.state.accounts.size).toBe(1));
		given(policy(limits(400, "session")))
			.when(intent())
			.then(denied("decision.oversized"), (world) => {
				expect(world.last).toMatchObject({ decision: { uses: [] } });
				expect(world.state.accounts.size).toBe(0);
			});
	});

	it("are all within what the baseline's budgets leave room for, at their longest in any script", () => {
		const baseline = readFileSync(new URL("../../../../policies/baseline.yaml", import.meta.url), "utf8");
		given(policies(baseline))
			.when(intent({ tenant: "租".repeat(20), agent: "代".repeat(60), session: "会".repeat(256), tool: "read_notes" }))
			.then(allowed())
			.when(intent({ ...who, tool: "read_notes" }))
			.then(allowed());
	});

	it("a call that just fits can be settled as well, with every budget overshot", () => {
		const count = Array.from({ length: 40 }, (_, at) => at + 1).findLast((many) => {
			const { world } = given(policy(limits(many, "session")), intent(who));
			return world.last.kind === "decision.made" && world.last.verdict === "allow";
		});
		expect(count).toBeGreaterThan(0);
		const tokens = limits(count ?? 0, "session").replaceAll("tool_calls", "tokens");
		given(policy(tokens), intent({ ...who, id: "c", tool: wide, actor: Array.from({ length: 16 }, () => wide) }))
			.then(allowed())
			.when((world) => {
				const call = { tenant: wide, agent: wide, id: "c" };
				const usage = { tokens: 100, costMicros: 0, executionMs: 0 };
				world.publish({ type: "outcome.reported", actor: [], call, session: wide, status: "ok", usage, sketch: "" });
			})
			.then((world) => expect(world.last).toMatchObject({ kind: "usage.settled" }));
	});

	it("leave room for everything that can happen to a call, with every text at its longest", () => {
		const rows = Array.from({ length: 8 }, (_, at) => `{name: l${at}, measure: tokens, scope: session, max: 9}`);
		const held_ = policy(
			`approvals: {default: {approvers: ['*'], quorum: 2, expires: 1h}}
obligations: [{message: ${"m".repeat(400)}}]
limits: [${rows.join(", ")}]`,
			{ tools: "{allow: all, hold: ['長*']}" },
		);
		const call = { tenant: wide, agent: wide, id: wide };
		const at = { call, session: wide };
		const words = "語".repeat(2_048);
		const vote =
			(name: string): Act =>
			(world) => {
				const head = {
					id: `${name}${wide}`.slice(0, 256),
					issuedBy: `${name}${wide}`.slice(0, 256),
					issuedAt: world.now,
				};
				const commitment = world.state.calls.get(callKey(call))?.commitment ?? "";
				world.publish({ type: "approval.granted", ...head, ...at, commitment, comment: words });
			};
		const address = { topic: "replies", replyId: wide };
		const asking = { actor: Array.from({ length: 16 }, () => wide), onBehalfOf: wide, askedBy: wide };
		const long = { ...who, id: wide, tool: wide, ...asking };
		const others = Array.from({ length: 40 }, (_, n) =>
			intent({ ...long, id: `${n}${wide}`.slice(0, 256), session: `${n}${wide}`.slice(0, 256), marks: { address } }),
		);
		const kinds = (world: World) =>
			world.entries.flatMap((entry) => (entry.kind === "input.rejected" ? [entry.code] : []));
		given(held_, ...others, wait(HOUR - 1), intent({ ...long, marks: { address } }))
			.when(resent(wide, { address }), wait(1), vote("甲"), vote("乙"))
			.then(allowed())
			.when((world) => {
				const usage = { tokens: 500, costMicros: 0, executionMs: 0 };
				world.publish({ type: "outcome.reported", actor: [], ...at, status: "ok", usage, sketch: "" });
			})
			.then((world) => expect(world.last).toMatchObject({ kind: "usage.settled" }))
			.then((world) => expect(kinds(world)).toEqual([]))
			.then((world) => expect(world.entries.flatMap(({ effects }) => effects).length).toBeGreaterThan(2));
	});

	it("a long key of an argument costs its span, not the decision", () => {
		const key = "k".repeat(20_000);
		given(policy("patterns: [{name: p, substring: needle}]"))
			.when(intent({ args: { [key]: "needle" } }))
			.then(denied("pattern.matched"), (world) => {
				expect(world.last).toMatchObject({ decision: { reasons: [{ rule: { name: "p" }, span: null }] } });
			});
	});

	it("a value to redact that cannot be named is denied", () => {
		const key = "k".repeat(20_000);
		given(policy("obligations: [{redact: ['args.*']}]"))
			.when(intent({ args: { [key]: "secret" } }))
			.then(denied("decision.oversized"));
	});

	it("more reasons than fit are counted in the last", () => {
		const patterns = Array.from(
			{ length: 300 },
			(_, at) => `{name: p${at}, substring: ls, message: ${"m".repeat(500)}}`,
		);
		given(policy(`patterns: [${patterns.join(", ")}]`))
			.when(intent())
			.then((world) => {
				if (world.last.kind !== "decision.made") throw new Error(world.last.kind);
				const { reasons } = world.last.decision;
				const last = reasons.at(-1);
				expect(world.last.verdict).toBe("deny");
				expect(last).toMatchObject({ rule: { code: "reasons.cut", policy: "", mode: "audit" } });
				expect(last?.rule.message).toBe(`${300 - reasons.length + 1} more reasons do not fit into the entry`);
				expect(reasons[0]).toMatchObject({ rule: { name: "p0", message: `${"m".repeat(127)}…` } });
			});
	});

	it("more approvers than an entry can hold deny", () => {
		const approvers = Array.from({ length: 400 }, (_, index) => `'${index}${"a".repeat(200)}'`);
		const text = `approvals: {default: {approvers: [${approvers.join(", ")}]}}`;
		given(policy(text, { tools: "{allow: all, hold: ['*']}" }))
			.when(intent())
			.then(denied("decision.oversized"));
	});

	it("a denial keeps its reasons where its budgets do not fit", () => {
		given(policy(limits(400, "session"), { tools: "{allow: none}" }))
			.when(intent(who))
			.then(denied("tool.not_allowed"), (world) => {
				if (world.last.kind !== "decision.made") throw new Error(world.last.kind);
				const { uses } = world.last.decision;
				expect(uses.length).toBeLessThan(400);
				expect(uses.map(({ counter }) => counter.limit)).toEqual(uses.map((_, at) => `l${at}`));
			});
	});
});
