/** What `policy test` and `decide` say of a history is what a processor says, which is told of the time again and again. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DecidedCall, DecideLoop, intentOf } from "../../src/core/analysis/trial.ts";
import { decide } from "../../src/core/engine/decide/decide.ts";
import { evolve } from "../../src/core/engine/evolve/evolve.ts";
import type { Input } from "../../src/core/engine/input.ts";
import { answerOf } from "../../src/core/ledger/projections/answers.ts";
import { callIdOf, callKey } from "../../src/core/model/ids.ts";
import type { InputRecord, IntentSubmitted, OutcomeReported, Usage } from "../../src/core/model/inputs.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { emptyState } from "../../src/core/state/state.ts";

const set = (() => {
	const text = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: p }
tools: { allow: [run, pay, slow, read, send], hold: [{ name: payments, tools: [pay] }] }
approvals: { default: { approvers: [ann, bo], quorum: 2, expires: 40s } }
sequences: [{ name: taint, after: { tools: [read] }, then: { tools: [send] }, within: 1m, scope: session }]
limits:
  - { name: slots, measure: concurrent_calls, scope: session, max: 1, tools: [run, slow] }
  - { name: money, measure: cost, scope: agent, max: 4, reserve: 1, per: 10m }
  - { name: calls, measure: tool_calls, scope: session, max: 5, per: 10m, tools: [run, pay] }
  - { name: time, measure: execution_time, scope: session, max: 2m, reserve: 20s, tools: [slow] }
  - { name: same, measure: identical_calls, scope: session, max: 3, tools: [read] }
obligations:
  - { tools: [run, pay], deadline: 10s, lease: 30s }
  - { tools: [slow], deadline: 20s, lease: 20s }
`;
	const compiled = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
	if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
	return compiled.value;
})();

/** A partition that is told of the time each second, as a processor would be at least. */
class TickedPartition {
	readonly #state = emptyState({ ...DEFAULT_LAYOUT, partitions: 1, budgetRoot: "tenant" }, 0, { isDigested: false });
	readonly #policies: CompiledPolicySet;
	readonly #intents = new Map<string, IntentSubmitted>();
	#at = 0;
	#offset = 0;

	constructor(policies: CompiledPolicySet) {
		this.#policies = policies;
		this.#state.policy = { ...this.#state.policy, digest: policies.digest, generation: 1, activationId: "" };
	}

	ask(call: DecidedCall, at: number): string {
		this.#wait(at);
		const intent = intentOf(call, at);
		const entry = this.#step(intent, null);
		if (entry.kind === "decision.held") this.#intents.set(call.id, intent);
		return verdictOf(entry);
	}

	report(call: DecidedCall, status: OutcomeReported["status"], usage: Usage, at: number): string {
		this.#wait(at);
		const record = {
			type: "outcome.reported" as const,
			actor: [],
			call: callIdOf(call),
			session: call.session,
			status,
			usage,
			sketch: "",
		};
		const entry = this.#step(record, null);
		return entry.kind === "input.rejected" ? `${entry.code}: ${entry.detail}` : "taken";
	}

	vote(call: DecidedCall, vote: "granted" | "rejected", by: string, at: number): string {
		this.#wait(at);
		const type = vote === "granted" ? ("approval.granted" as const) : ("approval.rejected" as const);
		const commitment = this.#state.calls.get(callKey(call))?.commitment ?? "0".repeat(64);
		const about = { call: callIdOf(call), session: call.session, commitment, comment: "" };
		const entry = this.#step(
			{ type, id: `vote-${this.#offset}`, issuedBy: by, issuedAt: at, ...about },
			this.#intents.get(call.id) ?? null,
		);
		if (entry.kind === "input.rejected") return "refused";
		return entry.kind === "approval.recorded" && entry.decision === null ? "pending" : verdictOf(entry);
	}

	#wait(until: number): void {
		while (this.#at + 1_000 < until) {
			this.#at += 1_000;
			this.#step({ type: "clock.ticked", id: `tick-${this.#at}`, issuedBy: "p", issuedAt: this.#at }, null);
		}
		this.#at = until;
	}

	#step(record: InputRecord, heldIntent: IntentSubmitted | null) {
		const topic = record.type === "intent.submitted" || record.type === "outcome.reported" ? "intents" : "control";
		const input: Input = {
			kind: "read",
			cause: { topic, partition: 0, offset: this.#offset++ },
			causeTime: this.#at,
			late: false,
			ahead: false,
			address: null,
			record,
			...(record.type === "approval.granted" || record.type === "approval.rejected" ? { heldIntent } : {}),
		};
		const entry = decide(this.#state, input, { get: () => this.#policies });
		evolve(this.#state, entry);
		return entry;
	}
}

const verdictOf = (entry: ReturnType<typeof decide>): string =>
	answerOf(entry, "")?.verdict ?? `no answer: ${entry.kind}`;

const UNKNOWN: Usage = { tokens: null, costMicros: null, executionMs: null };
const one = fc.constantFrom;

const step = fc.record({
	/** Whole steps of ten seconds: what falls due does so between two steps. */
	after: one(0, 10_000, 20_000, 30_000, 50_000, 120_000, 660_000),
	does: one("call", "call", "call", "again", "outcome", "outcome", "grant", "grant", "reject"),
	tool: one("run", "run", "pay", "pay", "slow", "slow", "read", "send"),
	session: one("s", "s", "t"),
	of: fc.nat(1_000),
	by: one("ann", "bo", "eve"),
	status: one("ok" as const, "error" as const),
	usage: one(UNKNOWN, { tokens: null, costMicros: 2_500_000, executionMs: 5_000 }, { ...UNKNOWN, costMicros: 0 }),
});

describe("a history that is tried without a log", () => {
	it("comes out as on a partition that is told of the time each second", () => {
		const seen = new Map<string, number>();
		fc.assert(
			fc.property(fc.array(step, { minLength: 20, maxLength: 40 }), (steps) => {
				const loop = new DecideLoop(set);
				const partition = new TickedPartition(set);
				const calls: DecidedCall[] = [];
				let at = 0;
				for (const [index, { after, does, tool, session, of, by, status, usage }] of steps.entries()) {
					// And no two things at the same moment.
					at += after + 1;
					const known = calls[calls.length - 1 - (of % Math.min(calls.length, 4))];
					const answers = ((): readonly [string, string] => {
						if (known === undefined || does === "call") {
							const call: DecidedCall = {
								...{ id: `c${index}`, tenant: "t", agent: "a", session, onBehalfOf: null, tool, args: {} },
								...{ estimate: { tokens: 0, costMicros: 0 }, usage: UNKNOWN, facts: null, at },
							};
							calls.push(call);
							loop.objectionsTo(call);
							return [loop.ask(call).verdict, partition.ask(call, at)];
						}
						switch (does) {
							case "again":
								return [loop.ask({ ...known, at }).verdict, partition.ask(known, at)];
							case "outcome": {
								const got = loop.report({ call: known, status, usage, at }) ?? "taken";
								return [got, partition.report(known, status, usage, at)];
							}
							case "grant":
							case "reject": {
								const vote = does === "grant" ? "granted" : "rejected";
								return [loop.vote({ call: known, vote, by, at }).verdict, partition.vote(known, vote, by, at)];
							}
						}
					})();
					const what = `${does === "call" ? tool : does} ${answers[0]}`;
					seen.set(what, (seen.get(what) ?? 0) + 1);
					expect(answers[0], `step ${index}: ${what}`).toBe(answers[1]);
				}
			}),
			{ numRuns: 60 },
		);
		for (const what of ["run allow", "run deny", "pay hold", "slow deny", "send deny", "grant allow", "outcome taken"])
			expect(seen.get(what) ?? 0, what).toBeGreaterThan(0);
	});
});
