/** Sessions as the fold keeps them: when a call was last seen, how many wait, and whether they were ended. */
import { type Subject, sessionKey } from "../../model/ids.ts";
import type { SessionFacts } from "../../model/inputs.ts";
import type { EpochMs } from "../../model/units.ts";
import { type Call, sessionOf } from "../../state/call.ts";
import { putCall, putSession, type State } from "../../state/state.ts";
import { isBeforePolicy } from "../reasons.ts";

/** A call of the session was decided. `opened`: it waits. `denial`: the code of its first reason. `facts`: what it declares of a session that was not known. */
export function enterSession(
	state: State,
	subject: Subject,
	at: EpochMs,
	decided: { readonly opened: 0 | 1; readonly denial: string | undefined; readonly facts: SessionFacts | null },
): void {
	const key = sessionKey(subject);
	const known = state.sessions.get(key);
	if (known === undefined && isBeforePolicy(decided.denial)) return;
	putSession(state, key, {
		lastSeenAt: at,
		openCalls: (known?.openCalls ?? 0) + decided.opened,
		isEnded: known?.isEnded ?? false,
		facts: known === undefined ? decided.facts : known.facts,
	});
}

/** A call of the session is over. Only now does the session begin to be idle, however long the call has waited. */
export function leaveSession(state: State, call: Call, at: EpochMs): void {
	const key = sessionOf(call);
	const session = state.sessions.get(key);
	if (session === undefined) return;
	putSession(state, key, { ...session, lastSeenAt: at, openCalls: session.openCalls - 1 });
}

/** No further intent is admitted, and what the session holds falls due at once. */
export function endSession(state: State, subject: Subject, at: EpochMs): void {
	const key = sessionKey(subject);
	const known = state.sessions.get(key);
	putSession(state, key, {
		lastSeenAt: at,
		openCalls: known?.openCalls ?? 0,
		isEnded: true,
		facts: known?.facts ?? null,
	});
	for (const name of [...(state.heldBySession.get(key) ?? [])]) {
		const call = state.calls.get(name);
		if (call === undefined || call.hold === null) continue;
		putCall(state, name, { ...call, dueAt: Math.min(call.dueAt, at), hold: { ...call.hold, isEnded: true } });
	}
}
