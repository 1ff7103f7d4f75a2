/**
 * `assent decide`: a loop of decide and evolve without log or Avro. One partition, so that every scope is exact; each allowed
 * line settles at once.
 */

import { canonicalize } from "../base/canonical-json.ts";
import { AssentError, problem } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import type { PolicyCatalogue } from "../engine/decide/context.ts";
import { decide } from "../engine/decide/decide.ts";
import { evolve } from "../engine/evolve/evolve.ts";
import type { Input } from "../engine/input.ts";
import { denial } from "../engine/reasons.ts";
import { answerOf } from "../ledger/projections/answers.ts";
import type { LedgerEntry, Obligations, Verdict } from "../model/entries.ts";
import type { InputRecord, IntentSubmitted, SessionFacts, Usage } from "../model/inputs.ts";
import { DEFAULT_LAYOUT } from "../model/layout.ts";
import { NO_OBLIGATIONS } from "../model/obligations.ts";
import { type BudgetReading, decisionReading, type ReasonReading, reasonReading } from "../model/readings.ts";
import type { EpochMs } from "../model/units.ts";
import type { CompiledPolicySet } from "../policy/compiled.ts";
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
});

export class DecideLoop {
	readonly #state: State;
	readonly #catalogue: PolicyCatalogue;
	#at = 0;
	#offset = 0;

	constructor(policies: CompiledPolicySet) {
		this.#state = emptyState({ ...DEFAULT_LAYOUT, partitions: 1, budgetRoot: "tenant" }, 0, { isDigested: false });
		this.#state.policy = { digest: policies.digest, generation: 1, activationId: "" };
		this.#catalogue = { get: (digest) => (digest === policies.digest ? policies : null) };
	}

	decide(call: DecidedCall): DecisionLine {
		this.#at = call.at ?? this.#at;
		const entry = this.#step(intentOf(call, this.#at));
		if (entry.kind === "decision.made" && entry.verdict === "allow") {
			const { tenant, agent, id } = call;
			this.#step({
				type: "outcome.reported",
				call: { tenant, agent, id },
				session: call.session,
				status: "ok",
				usage: call.usage,
			});
		}
		return lineOf(call.id, entry, this.#state.policy.digest);
	}

	#step(record: InputRecord): LedgerEntry {
		const input: Input = {
			kind: "read",
			cause: { topic: "intents", partition: 0, offset: this.#offset++ },
			causeTime: this.#at,
			late: false,
			ahead: false,
			address: null,
			record,
		};
		const entry = decide(this.#state, input, this.#catalogue);
		evolve(this.#state, entry);
		return entry;
	}
}

/** A line is an intent of its own, and every intent is answered. */
function lineOf(id: string, entry: LedgerEntry, policy: string): DecisionLine {
	const answer = answerOf(entry, policy);
	if (answer === null) throw new AssentError(problem("ASSENT_INTERNAL", `\`${entry.kind}\` answers no call`));
	const { reasons, obligations, budgets } = decisionReading(answer.decision, {
		...answer.call,
		session: answer.session,
	});
	return { id, verdict: answer.verdict, reason: reasonText(reasons), rules: reasons, obligations, budgets, policy };
}

/** A line that is denied without a ledger entry: it could not be read. */
export function deniedLine(id: string, code: string, message: string, policy: string): DecisionLine {
	const rules = [reasonReading(denial(code, "medium", message))];
	return { id, verdict: "deny", reason: reasonText(rules), rules, obligations: NO_OBLIGATIONS, budgets: [], policy };
}

export function reasonText(rules: readonly ReasonReading[]): string | null {
	const first = rules.find((rule) => rule.mode === "enforce");
	return first === undefined ? null : `${first.code}: ${first.message}`;
}
