/** Sessions, and the halts that stop them, their agents or tenants. */
import type { EpochMs } from "../model/units.ts";

export interface Session {
	/** When a call of it was last decided, settled or closed. */
	readonly lastSeenAt: EpochMs;
	/** Calls that are held or open, or whose slots are taken. */
	readonly openCalls: number;
	readonly isEnded: boolean;
}

export interface Halt {
	readonly tenant: string | null;
	readonly agent: string | null;
	readonly session: string | null;
	readonly since: EpochMs;
	readonly by: string;
	readonly reason: string;
}

export const haltKey = (of: { tenant: string | null; agent: string | null; session: string | null }): string =>
	JSON.stringify([of.tenant, of.agent, of.session]);
