/**
 * The state that another policy would have led to: its fold goes along with the ledger's up to a moment, and from there on it decides for
 * itself.
 *
 * C1  Time is the recorded time, and votes, halts, adjustments and ends of sessions come as they came. What was put into force is passed
 *     over: the candidate is in force.
 * C2  A call that was denied and is now allowed has no outcome; it settles at once, at what it reserved. So does one that was held, once the
 *     hold has come to nothing.
 * C3  A call that was allowed and is now not has not run: its outcome is dropped.
 * C4  Whose signature a record carries was judged when it was recorded, and is not judged again.
 */

import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import { decide } from "../core/engine/decide/decide.ts";
import { evolve } from "../core/engine/evolve/evolve.ts";
import type { Input, ReadInput } from "../core/engine/input.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import { type CallId, callKey } from "../core/model/ids.ts";
import type { InputRecord, IntentSubmitted, OutcomeReported } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import { type CompiledPolicySet, withoutTrust } from "../core/policy/compiled.ts";
import type { Call } from "../core/state/call.ts";
import { emptyState, type State } from "../core/state/state.ts";
import type { Walked } from "./walk.ts";

/** What became of the candidate's own holds. */
export interface HoldCounts {
	/** A recorded vote was the last that they needed. */
	answered: number;
	/** Nobody's vote came in time. */
	unanswered: number;
}

export class Candidate {
	readonly holds: HoldCounts = { answered: 0, unanswered: 0 };
	/** Outcomes of calls that did not run. */
	droppedOutcomes = 0;
	readonly #policies: CompiledPolicySet;
	readonly #catalogue: PolicyCatalogue;
	readonly #state: State;
	/** Intents of calls that are held here: a vote decides on them again. */
	readonly #held = new Map<string, IntentSubmitted>();
	#isFree = false;

	constructor(policies: CompiledPolicySet, layout: Layout, partition: number) {
		this.#policies = withoutTrust(policies);
		this.#catalogue = { get: (digest) => (digest === policies.digest ? this.#policies : null) };
		this.#state = emptyState(layout, partition, { isDigested: false });
	}

	/** Calls that are held here and still wait. */
	get waiting(): number {
		let waiting = 0;
		for (const keys of this.#state.heldBySession.values()) waiting += keys.size;
		return waiting;
	}

	/** Goes along with what was recorded. */
	follow(entry: LedgerEntry): void {
		evolve(this.#state, entry);
	}

	/** Decides what was recorded, and returns what comes out; null where there is nothing to decide again. */
	decide({ entry, input }: Walked): LedgerEntry | null {
		if (!this.#isFree) {
			this.#isFree = true;
			this.#state.policy = { ...this.#state.policy, digest: this.#policies.digest, signed: false, proposed: null };
		}
		const own = this.#own(entry, input);
		if (own === null) {
			this.#pass(entry, input);
			this.#settleAfter(entry);
			return null;
		}
		const decided = this.#take(own);
		if (decided.kind === "decision.held" && own.record.type === "intent.submitted") {
			this.#held.set(callKey(decided.call), own.record);
		}
		// Denied at once, so that nothing ran: there is no outcome to wait for.
		const isNewlyAllowed = decided.kind === "decision.made" && decided.verdict === "allow" && isDenied(entry);
		if (isNewlyAllowed) this.#settle(callIn(this.#state, decided.call), entry);
		this.#settleAfter(entry);
		return decided;
	}

	/** What the candidate makes of an input where budgets are what was recorded. */
	decideOn(recorded: State, input: Input): LedgerEntry {
		const policy = { ...recorded.policy, digest: this.#policies.digest, signed: false, proposed: null };
		return decide({ ...recorded, policy }, input, this.#catalogue);
	}

	/** The input as it happens here; null where it does not, but for time that passes. */
	#own(entry: LedgerEntry, input: Input | null): ReadInput | null {
		if (input === null || input.kind === "unreadable") return null;
		if (entry.kind === "input.rejected" && !isAboutCall(entry.code)) return null;
		const { record } = input;
		switch (record.type) {
			case "policy.activated":
				return null;
			case "outcome.reported":
			case "intent.abandoned": {
				const call = this.#state.calls.get(callKey(record.call));
				if (call !== undefined && RAN.has(call.phase)) return input;
				if (record.type === "outcome.reported" && entry.kind === "usage.settled") this.droppedOutcomes += 1;
				return null;
			}
			case "approval.granted": {
				const key = callKey(record.call);
				return this.#state.calls.get(key)?.phase === "held"
					? { ...input, heldIntent: this.#held.get(key) ?? input.heldIntent ?? null }
					: null;
			}
			case "approval.rejected":
				return this.#state.calls.get(callKey(record.call))?.phase === "held" ? input : null;
			case "intent.submitted":
			case "halt.set":
			case "halt.lifted":
			case "budget.adjusted":
			case "session.ended":
			case "inputs.skipped":
			case "payload.erased":
			case "clock.ticked":
				return input;
		}
	}

	/** What was recorded does not happen here. Time passes; what is without its input, and follows from no policy, happens as it did. */
	#pass(entry: LedgerEntry, input: Input | null): void {
		this.#take(inputFrom(entry, { type: "clock.ticked", id: "", issuedBy: "", issuedAt: entry.at }));
		if (input === null && this.#isAdopted(entry)) {
			evolve(this.#state, { ...entry, seq: this.#state.nextSeq, effects: [], stateDigest: "" });
		}
	}

	#isAdopted(entry: LedgerEntry): boolean {
		switch (entry.kind) {
			case "decision.made":
			case "decision.held":
			case "halt.set":
			case "halt.lifted":
			case "budget.adjusted":
			case "session.ended":
			case "inputs.skipped":
				return true;
			case "usage.settled":
				return callIn(this.#state, entry.call)?.phase === "open";
			case "decision.repeated":
			case "approval.recorded":
			case "policy.activated":
			case "policy.proposed":
			case "payload.erased":
			case "intent.abandoned":
			case "clock.ticked":
			case "input.rejected":
				return false;
		}
	}

	/** Holds that came to nothing when they were recorded, of calls that are allowed here. */
	#settleAfter(entry: LedgerEntry): void {
		for (const { kind, call } of entry.effects) {
			if (kind === "hold.expired" || kind === "hold.ended") this.#settle(callIn(this.#state, call), entry);
		}
		if (entry.kind === "approval.recorded" && entry.result === "deny")
			this.#settle(callIn(this.#state, entry.call), entry);
	}

	#settle(call: Call | undefined, entry: LedgerEntry): void {
		if (call?.phase !== "open") return;
		const { tenant, agent, id, session, actor } = call;
		const outcome: OutcomeReported = {
			type: "outcome.reported",
			call: { tenant, agent, id },
			session,
			actor,
			status: "ok",
			usage: UNREPORTED,
			sketch: "",
		};
		this.#take(inputFrom(entry, outcome));
	}

	#take(input: Input): LedgerEntry {
		const entry = decide(this.#state, input, this.#catalogue);
		evolve(this.#state, entry);
		for (const { kind, call } of entry.effects) {
			if ((kind === "hold.expired" || kind === "hold.ended") && this.#held.delete(callKey(call)))
				this.holds.unanswered += 1;
		}
		const isAnswered = entry.kind === "approval.recorded" && (entry.result === "allow" || entry.result === "deny");
		if (isAnswered && this.#held.delete(callKey(entry.call))) this.holds.answered += 1;
		if (entry.kind === "intent.abandoned") this.#held.delete(callKey(entry.call));
		return entry;
	}
}

const callIn = (state: State, id: CallId): Call | undefined => state.calls.get(callKey(id));

/** Calls that ran, or wait for somebody. */
const RAN: ReadonlySet<string> = new Set(["open", "lapsed", "settled", "held"]);

const isDenied = (entry: LedgerEntry): boolean => entry.kind === "decision.made" && entry.verdict === "deny";

/** Rejections that say something of the call: under other policies it may be in another state. */
const isAboutCall = (code: string): boolean => code.startsWith("approval.") || CALL_CODES.has(code);
const CALL_CODES: ReadonlySet<string> = new Set([
	"call.ungoverned",
	"call.foreign",
	"outcome.repeated",
	"intent.unknown",
	"intent.closed",
	"intent.taken",
	"session.unknown",
	"halt.unknown",
	"budget.unknown",
]);

/** Nothing was reported: what was reserved is settled. */
const UNREPORTED = { tokens: null, costMicros: null, executionMs: null } as const;

/** An input at the place and time of an entry's own. */
const inputFrom = ({ cause, causeTime, ahead }: LedgerEntry, record: InputRecord): ReadInput => ({
	kind: "read",
	cause,
	causeTime,
	late: false,
	ahead,
	address: null,
	record,
});
