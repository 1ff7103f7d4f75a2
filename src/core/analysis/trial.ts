/**
 * Policies tried without a log: a loop of decide and evolve over calls, outcomes and votes. One partition, so that every scope
 * is exact. `assent decide` settles each allowed call at once; tests of policies may leave one open, and let people vote.
 *
 * Time passes as it does for a processor, which is told of each moment at which something falls due: a slot whose lease is over
 * is free for the next call.
 */

import { canonicalize } from "../base/canonical-json.ts";
import { AssentError, problem } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { PolicyCatalogue } from "../engine/decide/context.ts";
import { decide } from "../engine/decide/decide.ts";
import { nextDueAt } from "../engine/due.ts";
import { evolve } from "../engine/evolve/evolve.ts";
import type { Input } from "../engine/input.ts";
import { objectionsTo } from "../engine/judge/judge.ts";
import { denial } from "../engine/reasons.ts";
import { answerOf } from "../ledger/projections/answers.ts";
import type { LedgerEntry, Obligations, Reason, Verdict } from "../model/entries.ts";
import { callIdOf, callKey, sessionKey } from "../model/ids.ts";
import type { InputRecord, IntentSubmitted, OutcomeReported, SessionFacts, Usage } from "../model/inputs.ts";
import { DEFAULT_LAYOUT } from "../model/layout.ts";
import { NO_OBLIGATIONS } from "../model/obligations.ts";
import { type BudgetReading, decisionReading, type ReasonReading, reasonReading } from "../model/readings.ts";
import type { SequenceName } from "../model/sequences.ts";
import type { EpochMs } from "../model/units.ts";
import { type CompiledPolicySet, withoutTrust } from "../policy/compiled.ts";
import { isForgettable } from "../state/forgetting.ts";
import { NO_POLICY } from "../state/head.ts";
import { emptyState, type State } from "../state/state.ts";

/** One call to decide, as a line of input names it. */
export interface DecidedCall {
	readonly id: string;
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
	readonly onBehalfOf: string | null;
	readonly tool: string;
	readonly args: JsonObject;
	readonly estimate: { readonly tokens: number; readonly costMicros: number };
	/** What the call used; what the line does not say costs what was reserved. */
	readonly usage: Usage;
	/** What the session declares with its first call; null: nothing new. */
	readonly facts: SessionFacts | null;
	/** Milliseconds since the epoch; null: as the call before. */
	readonly at: EpochMs | null;
}

/** What `decide` and `submit` print for each line. */
export interface DecisionLine {
	readonly id: string;
	readonly verdict: Verdict;
	/** Code and words of the first determining reason; null for a plain allow. */
	readonly reason: string | null;
	readonly rules: readonly ReasonReading[];
	readonly obligations: Obligations;
	readonly budgets: readonly BudgetReading[];
	/** The sequences that the call begins. */
	readonly begins: readonly SequenceName[];
	readonly policy: string;
}

/** No secrets here: nothing is published, so that nothing need be unguessable. As long as a client's. */
const NO_SALT = new Uint8Array(32);
const NO_EXECUTOR = "0".repeat(22);

/** The call as an intent that was issued at this time. */
export const intentOf = (call: DecidedCall, at: EpochMs): IntentSubmitted => ({
	type: "intent.submitted",
	id: call.id,
	principal: {
		tenant: call.tenant,
		agent: call.agent,
		session: call.session,
		actor: [],
		onBehalfOf: call.onBehalfOf,
		askedBy: null,
		sessionStartedAt: null,
	},
	tool: call.tool,
	args: call.args,
	argsText: canonicalize(call.args),
	salt: NO_SALT,
	sessionSalt: NO_SALT,
	estimate: { tokens: call.estimate.tokens, costMicros: call.estimate.costMicros },
	issuedAt: at,
	deadline: at,
	executor: NO_EXECUTOR,
	facts: call.facts,
	caps: [],
});

/** What came of a call that was left open. */
export interface TriedOutcome {
	readonly call: DecidedCall;
	readonly status: OutcomeReported["status"];
	readonly usage: Usage;
	readonly at: EpochMs | null;
}

/** What a person says of a call that is held. */
export interface TriedVote {
	readonly call: DecidedCall;
	readonly vote: "granted" | "rejected";
	readonly by: string;
	readonly at: EpochMs | null;
}

/** What a vote did: the verdict that it led to, or that more votes are needed, or that it does not count. */
export interface VoteLine extends Omit<DecisionLine, "verdict"> {
	readonly verdict: Verdict | "pending" | "refused";
}

export class DecideLoop {
	readonly #state: State;
	readonly #policies: CompiledPolicySet;
	readonly #catalogue: PolicyCatalogue;
	/** The intents of calls that may be held: a vote decides on them again. */
	readonly #intents = new Map<string, IntentSubmitted>();
	#at = 0;
	#offset = 0;

	/** What is tried are the policies: nothing of it is signed, and whose signatures a set asks for is left aside. */
	constructor(set: CompiledPolicySet) {
		const policies = withoutTrust(set);
		this.#policies = policies;
		this.#state = emptyState({ ...DEFAULT_LAYOUT, partitions: 1, budgetRoot: "tenant" }, 0, { isDigested: false });
		this.#state.policy = { ...NO_POLICY, digest: policies.digest, generation: 1 };
		this.#catalogue = { get: (digest) => (digest === policies.digest ? policies : null) };
	}

	/** Asks, and settles what was allowed at once. */
	decide(call: DecidedCall): DecisionLine {
		const entry = this.#ask(call);
		if (entry.kind === "decision.made" && entry.verdict === "allow") {
			this.report({ call, status: "ok", usage: call.usage, at: null });
		}
		return lineOf(call.id, entry, this.#state.policy.digest);
	}

	/** Asks, and leaves open what was allowed: its outcome is reported, or its deadline passes. */
	ask(call: DecidedCall): DecisionLine {
		return lineOf(call.id, this.#ask(call), this.#state.policy.digest);
	}

	/** Why the outcome has no effect; null where it has one. */
	report({ call, status, usage, at }: TriedOutcome): string | null {
		this.#pass(at, callKey(call));
		const { session } = call;
		const reported = { type: "outcome.reported", call: callIdOf(call), session, actor: [] } as const;
		const entry = this.#step({ ...reported, status, usage, sketch: "" });
		return entry.kind === "input.rejected" ? `${entry.code}: ${entry.detail}` : null;
	}

	vote({ call, vote, by, at }: TriedVote): VoteLine {
		this.#pass(at, callKey(call));
		const entry = this.#step(
			{
				type: vote === "granted" ? "approval.granted" : "approval.rejected",
				id: `vote-${this.#offset}`,
				issuedBy: by,
				issuedAt: this.#at,
				call: callIdOf(call),
				session: call.session,
				commitment: this.#state.calls.get(callKey(call))?.commitment ?? NO_COMMITMENT,
				comment: "",
			},
			this.#intents.get(callKey(call)) ?? null,
		);
		const policy = this.#state.policy.digest;
		if (entry.kind === "input.rejected") {
			const { code, severity, detail } = entry;
			return { ...lineOfDenial(call.id, denial(code, severity, detail), policy), verdict: "refused" };
		}
		if (entry.kind === "approval.recorded" && entry.decision === null) {
			const { id } = call;
			return {
				id,
				verdict: "pending",
				reason: null,
				rules: [],
				obligations: NO_OBLIGATIONS,
				budgets: [],
				begins: [],
				policy,
			};
		}
		return lineOf(call.id, entry, policy);
	}

	/** Every rule and limit that is against the call at its time, whether or not it decides. */
	objectionsTo(call: DecidedCall): readonly ReasonReading[] {
		this.#pass(call.at, callKey(call));
		const intent = intentOf(call, this.#at);
		const facts = this.#state.sessions.get(sessionKey(intent.principal));
		const options = {
			at: this.#at,
			accounts: this.#state.accounts,
			facts: facts === undefined ? call.facts : facts.facts,
		};
		return objectionsTo(intent, this.#policies, options).map(({ reason }) => reasonReading(reason));
	}

	/** What falls due until then does so at its time; what is due just then may be what the step is about. */
	#pass(at: EpochMs | null, own: string): void {
		this.#at = at ?? this.#at;
		for (let due = this.#nextDue(own); due !== null; due = this.#nextDue(own)) this.#tick(due);
		// A processor has forgotten by now what is too old: it was told of the time just before.
		const before = this.#at - 1;
		while (isForgettable(this.#state, before)) this.#tick(before);
	}

	#nextDue(own: string): EpochMs | null {
		const due = nextDueAt(this.#state);
		if (due === null || due > this.#at) return null;
		return due === this.#at && this.#state.due.first(1_000, due).includes(own) ? null : due;
	}

	#tick(at: EpochMs): void {
		const record = { type: "clock.ticked" as const, id: `tick-${this.#offset}`, issuedBy: "trial", issuedAt: at };
		this.#take({ kind: "read", cause: this.#cause("control"), causeTime: at, ...IN_TIME, record });
	}

	#ask(call: DecidedCall): LedgerEntry {
		this.#pass(call.at, callKey(call));
		const intent = intentOf(call, this.#at);
		const entry = this.#step(intent);
		if (entry.kind === "decision.held") this.#intents.set(callKey(call), intent);
		return entry;
	}

	#step(record: InputRecord, heldIntent: IntentSubmitted | null = null): LedgerEntry {
		const isVote = record.type === "approval.granted" || record.type === "approval.rejected";
		const cause = this.#cause(isVote ? "control" : "intents");
		return this.#take({
			kind: "read",
			cause,
			causeTime: this.#at,
			...IN_TIME,
			record,
			...(isVote ? { heldIntent } : {}),
		});
	}

	#cause(topic: "control" | "intents"): Input["cause"] {
		return { topic, partition: 0, offset: this.#offset++ };
	}

	#take(input: Input): LedgerEntry {
		const entry = decide(this.#state, input, this.#catalogue);
		evolve(this.#state, entry);
		return entry;
	}
}

/** Of a call that nobody knows: a vote on it is refused for that. */
const NO_COMMITMENT = "0".repeat(64);

const IN_TIME = { late: false, ahead: false, address: null } as const;

/** A line is an intent of its own, and every intent is answered. */
function lineOf(id: string, entry: LedgerEntry, policy: string): DecisionLine {
	const answer = answerOf(entry, policy);
	if (answer === null) throw new AssentError(problem("ASSENT_INTERNAL", `\`${entry.kind}\` answers no call`));
	const { reasons, obligations, budgets, begins } = decisionReading(answer.decision, {
		...answer.call,
		session: answer.session,
	});
	return {
		id,
		verdict: answer.verdict,
		reason: reasonText(reasons),
		rules: reasons,
		obligations,
		budgets,
		begins,
		policy,
	};
}

/** A line that is denied without a ledger entry: it could not be read. */
export const deniedLine = (id: string, code: string, message: string, policy: string): DecisionLine =>
	lineOfDenial(id, denial(code, "medium", message), policy);

function lineOfDenial(id: string, why: Reason, policy: string): DecisionLine {
	const rules = [reasonReading(why)];
	return {
		id,
		verdict: "deny",
		reason: reasonText(rules),
		rules,
		obligations: NO_OBLIGATIONS,
		budgets: [],
		begins: [],
		policy,
	};
}

export function reasonText(rules: readonly ReasonReading[]): string | null {
	const first = rules.find((rule) => rule.mode === "enforce");
	return first === undefined ? null : `${first.code}: ${first.message}`;
}
