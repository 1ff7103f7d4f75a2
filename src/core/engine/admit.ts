/** Admission: what is settled before any rule is asked. Misroute, dedupe, lateness, halts, sessions. */
import { partitionOf } from "../base/murmur2.ts";
import { budgetRootKey, type Principal, sessionKey } from "../model/ids.ts";
import type { ControlRecord, HaltScope, IntentSubmitted } from "../model/inputs.ts";
import type { State } from "../model/state.ts";
import { AHEAD_MAX_MS, type EpochMs } from "../model/units.ts";
import type { ReadInput } from "./input.ts";
import type { EngineReason, Rejection } from "./reasons.ts";

type Who = Pick<Principal, "tenant" | "agent" | "session">;

/** Does a record about `who` lie in the partition of its key? */
export function isMisrouted(state: State, who: Who): boolean {
	return partitionOf(budgetRootKey(state.layout.budgetRoot, who), state.layout.partitions) !== state.partition;
}

/** Why an intent that is new here is denied before any policy is asked; null when nothing stands against it. */
export function admissionDenial(
	state: State,
	input: ReadInput,
	intent: IntentSubmitted,
	at: EpochMs,
): EngineReason | null {
	const { layout } = state;
	// First, so that an id that was decided and forgotten gets one and the same answer, whatever else holds by then.
	if (intent.issuedAt + layout.dedupeMs < at) return isBehind(state, input, at) ? "stream.ahead" : "intent.stale";
	if (input.late) return "intent.late";
	if (isHalted(state, intent.principal)) return "agent.halted";
	const session = state.sessions.get(sessionKey(intent.principal));
	if (session?.isEnded) return "session.ended";
	const startedAt = intent.principal.sessionStartedAt ?? intent.issuedAt;
	if (session === undefined && startedAt + layout.sessionMs < at) return "session.stale";
	return null;
}

/** The log itself has stamped the record as older than ids are remembered: not the record is old, a clock was ahead once. */
const isBehind = ({ layout }: State, input: ReadInput, at: EpochMs): boolean => input.time + layout.dedupeMs < at;

/** An intent from the future is not taken in: its id would have to be remembered until then. */
export const isAhead = (intent: IntentSubmitted, at: EpochMs): boolean => intent.issuedAt > at + AHEAD_MAX_MS;

/**
 * Why a control record counts for nothing, whatever it says; null when nothing stands against it. Those that are older than
 * their ids are remembered could be repetitions. A halt is taken all the same: it can only stop; and a skip names the place
 * that it is about, which is left but once.
 */
export function controlRejection(state: State, record: ControlRecord, at: EpochMs): Rejection | null {
	// Ticks are repeated on purpose, and their ids are not kept.
	if (record.type === "clock.ticked") return null;
	if (state.controls.has(record.id)) return "control.repeated";
	if (record.type === "halt.set" || record.type === "inputs.skipped") return null;
	if (record.issuedAt + state.layout.dedupeMs < at) return "control.stale";
	return record.issuedAt > at + AHEAD_MAX_MS ? "control.ahead" : null;
}

/** Denials after which an unknown session stays unknown: its row would let the next intent in. */
const BEFORE_POLICY: ReadonlySet<string> = new Set<EngineReason>([
	"intent.late",
	"intent.stale",
	"stream.ahead",
	"agent.halted",
	"session.stale",
]);

export const isBeforePolicy = (code: string | undefined): boolean => code !== undefined && BEFORE_POLICY.has(code);

export function isHalted(state: State, who: Who): boolean {
	if (state.halts.size === 0) return false;
	for (const [, halt] of state.halts.entries()) if (covers(halt, who)) return true;
	return false;
}

const covers = (halt: HaltScope, who: Who): boolean =>
	(halt.tenant === null || halt.tenant === who.tenant) &&
	(halt.agent === null || halt.agent === who.agent) &&
	(halt.session === null || halt.session === who.session);
