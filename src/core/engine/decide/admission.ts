/** Admission: what is settled before any rule is asked. Misroute, dedupe, lateness, halts, sessions. */
import type { Subject } from "../../model/ids.ts";
import {
	type ControlRecord,
	type IntentSubmitted,
	isSameFacts,
	type RoutedRecord,
	subjectOf,
} from "../../model/inputs.ts";
import { partitionFor } from "../../model/layout.ts";
import { AHEAD_MAX_MS, type DurationMs, type EpochMs } from "../../model/units.ts";
import { haltKey } from "../../state/halt.ts";
import type { Session } from "../../state/session.ts";
import type { State } from "../../state/state.ts";
import type { ReadInput } from "../input.ts";
import type { EngineReason, Rejection } from "../reasons.ts";

/** Is a record in another partition than that of its subject? */
export const isMisrouted = (state: State, record: RoutedRecord): boolean =>
	partitionFor(state.layout, subjectOf(record)) !== state.partition;

/**
 * Why an intent that is new here is denied before any policy is asked; null when nothing stands against it. `session` is its
 * own; undefined where that is not known yet.
 */
export function admissionDenial(
	state: State,
	{ input, session }: { readonly input: ReadInput; readonly session: Session | undefined },
	intent: IntentSubmitted,
	at: EpochMs,
): EngineReason | null {
	const { layout, forgotten } = state;
	const now = { stream: at, record: input.causeTime };
	// First, so that an id that was decided and forgotten gets one and the same answer, whatever else holds by then.
	const age = ageOf(intent.issuedAt, { keptMs: layout.dedupeMs, forgotten: forgotten.calls }, now);
	if (age !== "young") return age === "old" ? "intent.stale" : "stream.ahead";
	if (input.late) return "intent.late";
	if (isHalted(state, intent.principal)) return "agent.halted";
	if (session?.isEnded === true) return "session.ended";
	// The agent's sessions are in several partitions, and none of them knows what the others have spent.
	if (intent.caps.length > 0 && layout.budgetRoot === "tenant/agent/session") return "credential.budget";
	if (session !== undefined) return declaresOtherwise(session, intent) ? "session.facts" : null;
	const startedAt = intent.principal.sessionStartedAt ?? intent.issuedAt;
	const upTo = forgotten.sessions + AHEAD_MAX_MS;
	switch (ageOf(startedAt, { keptMs: layout.sessionMs, forgotten: upTo }, now)) {
		case "young":
			return null;
		case "old":
			return "session.stale";
		case "unknown":
			return "stream.ahead";
	}
}

/** What the first intent of a session declared, or left out, holds for all of them: no later one moves its folders. */
const declaresOtherwise = (session: Session, { facts }: IntentSubmitted): boolean =>
	facts !== null && !isSameFacts(facts, session.facts);

/**
 * Can something that is not known here have been forgotten? Not if it began within the time for which its kind is kept. Where
 * a clock was ahead once, the log's time is, too, and nothing would ever be young enough until the clock has caught up. Then
 * it is young by the log's own stamp on its record, if nothing as young as it was forgotten.
 */
function ageOf(
	since: EpochMs,
	kept: { readonly keptMs: DurationMs; readonly forgotten: EpochMs },
	now: { readonly stream: EpochMs; readonly record: EpochMs },
): "young" | "old" | "unknown" {
	if (since + kept.keptMs >= now.stream) return "young";
	if (since + kept.keptMs < now.record) return "old";
	return since > kept.forgotten ? "young" : "unknown";
}

/** An intent from the future is not taken in: its id would have to be remembered until then. */
export const isAhead = (intent: IntentSubmitted, at: EpochMs): boolean => intent.issuedAt > at + AHEAD_MAX_MS;

/**
 * Why a control record counts for nothing, whatever it says; null when nothing stands against it. Those that are older than
 * their ids are remembered could be repetitions. A halt is still taken: it can only stop; and a skip names the place
 * that it is about, which is left but once.
 */
export function controlRejection(state: State, input: ReadInput, record: ControlRecord, at: EpochMs): Rejection | null {
	// Ticks are repeated on purpose, and their ids are not kept.
	if (record.type === "clock.ticked") return null;
	if (state.controls.has(record.id)) return "control.repeated";
	if (record.type === "halt.set" || record.type === "inputs.skipped") return null;
	const kept = { keptMs: state.layout.dedupeMs, forgotten: state.forgotten.controls + AHEAD_MAX_MS };
	if (ageOf(record.issuedAt, kept, { stream: at, record: input.causeTime }) !== "young") return "control.stale";
	return record.issuedAt > at + AHEAD_MAX_MS ? "control.ahead" : null;
}

/** Halts are looked up by the scopes that a principal is in, for there can be one for each of very many sessions. */
export function isHalted({ halts }: State, who: Subject): boolean {
	if (halts.size === 0) return false;
	for (const tenant of [null, who.tenant]) {
		for (const agent of [null, who.agent]) {
			for (const session of [null, who.session]) if (halts.has(haltKey({ tenant, agent, session }))) return true;
		}
	}
	return false;
}
