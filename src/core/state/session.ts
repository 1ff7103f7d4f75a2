/** Sessions: runs of an agent, and whether anything of them is open. */
import { count, flag, nullable, record, text } from "../base/cell.ts";
import type { SessionFacts } from "../model/inputs.ts";
import type { Layout } from "../model/layout.ts";
import { AHEAD_MAX_MS, type EpochMs } from "../model/units.ts";

export interface Session {
	/** When a call of it was last decided, settled or closed. */
	readonly lastSeenAt: EpochMs;
	/** Calls that are held or open, or whose slots are taken. */
	readonly openCalls: number;
	readonly isEnded: boolean;
	/** What its first intent declared; null: nothing. */
	readonly facts: SessionFacts | null;
}

const facts = record<SessionFacts>({ workspace: nullable(text), home: nullable(text) });

export const sessionCell = record<Session>({
	lastSeenAt: count,
	openCalls: count,
	isEnded: flag,
	facts: nullable(facts),
});

/** When a session that is idle is forgotten: no sooner than one that began by a clock ahead is stale by its own beginning. */
export const sessionForgetAt = (layout: Layout, { lastSeenAt }: Session): EpochMs =>
	lastSeenAt + AHEAD_MAX_MS + layout.sessionMs;
