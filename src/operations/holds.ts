/** Calls that wait for a human, as operators see them: read from the ledger's state, their arguments from `intents`. */

import { redacted } from "../core/arguments/redaction.ts";
import { commitment as commitmentOf } from "../core/base/digest.ts";
import type { JsonObject } from "../core/base/json.ts";
import { isOverdue } from "../core/engine/due.ts";
import { accountKey, type Measure } from "../core/model/counters.ts";
import type { Obligations } from "../core/model/entries.ts";
import { type CallId, callIdOf, callKey } from "../core/model/ids.ts";
import type { Layout } from "../core/model/layout.ts";
import { type ReasonReading, reasonReading } from "../core/model/readings.ts";
import type { DurationMs, EpochMs, Offset } from "../core/model/units.ts";
import type { Call, CallPhase, Hold, OpenRequirement } from "../core/state/call.ts";
import { keysNamed } from "../core/state/slice.ts";
import type { Log } from "../ports/log/log.ts";
import { intentAt, type MissingIntent } from "../reading/intent-at.ts";
import type { ReadStateOptions } from "../reading/partition-view.ts";
import { isWanted, type PrincipalFilter, partitionsOf } from "../reading/principal-filter.ts";
import { lookAt } from "./questions.ts";

export interface HeldCall {
	readonly partition: number;
	readonly call: CallId;
	readonly session: string;
	/** The sub-agents between the agent and the call. */
	readonly actor: readonly string[];
	readonly onBehalfOf: string | null;
	/** To whom the credential was issued with which it was asked for, and who signed it where publishers sign. */
	readonly askedBy: string | null;
	readonly publisher: string | null;
	readonly tool: string;
	readonly heldAt: EpochMs;
	readonly expiresAt: EpochMs;
	/** Its time is over, or its session ended: it refuses every grant, even before the ledger says so. */
	readonly isOverdue: boolean;
	/** What fired. */
	readonly reasons: readonly ReasonReading[];
	readonly requirements: readonly OpenRequirement[];
	/** What the call must be run with: what is redacted is no part of what its approvers are shown. */
	readonly obligations: Obligations;
	/** What it has reserved of budgets, and takes of them when it is granted. */
	readonly takes: readonly HeldAmount[];
	/** Where its intent is in `intents`, and the record there if it is this call's. */
	readonly intentOffset: Offset;
	readonly commitment: string;
}

export interface HeldAmount {
	readonly policy: string;
	readonly limit: string;
	readonly measure: Measure;
	readonly windowMs: DurationMs;
	/** Whose budget, as in readings of decisions. */
	readonly scopeKey: string;
	readonly amount: number;
}

/** What is held, the most urgent first. */
export async function heldCalls(
	log: Log,
	layout: Layout,
	options: { readonly filter: PrincipalFilter; readonly now: EpochMs; readonly reading?: ReadStateOptions },
): Promise<readonly HeldCall[]> {
	const held: HeldCall[] = [];
	for (const partition of partitionsOf(layout, options.filter)) {
		const state = await lookAt(log, layout, partition, { wanted: { held: true }, reading: options.reading });
		for (const keys of state.heldBySession.values()) {
			for (const key of keys) {
				const call = state.calls.get(key);
				if (call?.hold == null || !isWanted(options.filter, call)) continue;
				held.push(heldOf(partition, call, call.hold, Math.max(options.now, state.streamTime)));
			}
		}
	}
	return held.sort((a, b) => a.expiresAt - b.expiresAt || (callKey(a.call) < callKey(b.call) ? -1 : 1));
}

const heldOf = (partition: number, call: Call, hold: Hold, now: EpochMs): HeldCall => ({
	partition,
	call: callIdOf(call),
	session: call.session,
	actor: call.actor,
	onBehalfOf: hold.onBehalfOf,
	askedBy: hold.askedBy,
	publisher: hold.publisher,
	tool: call.tool,
	heldAt: call.decidedAt,
	expiresAt: hold.expiresAt,
	isOverdue: isOverdue(call, now),
	reasons: hold.reasons.map(reasonReading),
	requirements: hold.requirements,
	obligations: call.obligations,
	takes: call.reserved.map(({ counter, amount }) => ({
		policy: counter.policy,
		limit: counter.limit,
		measure: counter.measure,
		windowMs: counter.windowMs,
		scopeKey: accountKey(counter, call),
		amount,
	})),
	intentOffset: hold.intentOffset,
	commitment: call.commitment,
});

/** A held call as programs read it, with the arguments that will run; null: they can no longer be read. */
export const heldReading = (held: HeldCall, args: JsonObject | MissingIntent) => ({
	id: callKey(held.call),
	...held,
	args: typeof args === "string" ? null : args,
});

const firstReasonOf = ({ firstReason }: Call): ReasonReading | null =>
	firstReason === null ? null : reasonReading(firstReason);

/** A call that an operator named. */
export interface NamedCall {
	readonly partition: number;
	readonly call: CallId;
	readonly commitment: string;
	readonly session: string;
	readonly tool: string;
	readonly phase: CallPhase;
	readonly firstReason: ReasonReading | null;
	/** What waits; null when it does not wait. */
	readonly held: HeldCall | null;
}

/**
 * The calls that a name can mean: `tenant/agent/id` with its parts percent-encoded, else an intent id. Of an id held ones if
 * there are any; else those that the state still remembers, so that an operator is told what became of them.
 */
export async function callsNamed(
	log: Log,
	layout: Layout,
	options: { readonly name: string; readonly now: EpochMs; readonly reading?: ReadStateOptions },
): Promise<readonly NamedCall[]> {
	const { name, now, reading } = options;
	const found: NamedCall[] = [];
	for (const partition of partitionsOf(layout)) {
		const state = await lookAt(log, layout, partition, { wanted: { named: name }, reading });
		for (const key of keysNamed(state, name)) {
			const call = state.calls.get(key) as Call;
			const { session, commitment, tool, phase } = call;
			const held =
				call.hold === null || phase !== "held"
					? null
					: heldOf(partition, call, call.hold, Math.max(now, state.streamTime));
			const firstReason = firstReasonOf(call);
			found.push({ partition, call: callIdOf(call), commitment, session, tool, phase, firstReason, held });
		}
	}
	// The whole name of a call means that call, whoever has an id that looks like it.
	const whole = found.filter(({ call }) => callKey(call) === name);
	if (whole.length > 0) return whole;
	const held = found.filter(({ phase }) => phase === "held");
	return held.length > 0 ? held : found;
}

/**
 * The arguments of a held call as they will run: what its obligations redact is redacted. Why not, when the intent cannot be read any
 * more, or what is in its place is another: an approver is shown what was held, or nothing.
 */
export async function argumentsOf(log: Log, held: HeldCall): Promise<JsonObject | MissingIntent> {
	const intent = await intentAt(log, held.partition, held.intentOffset);
	if (typeof intent === "string") return intent;
	const { id, principal, salt, tool, args, argsText } = intent;
	const isWhose = callKey({ ...principal, id }) === callKey(held.call) && principal.session === held.session;
	return isWhose && commitmentOf(salt, tool, argsText) === held.commitment
		? redacted(args, held.obligations.redact)
		: "gone";
}
