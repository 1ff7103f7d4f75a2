/** Halts: tenants, agents and sessions that are stopped. */
import { count, nullable, record, text } from "../base/cell.ts";
import type { EpochMs } from "../model/units.ts";

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

export const haltCell = record<Halt>({
	tenant: nullable(text),
	agent: nullable(text),
	session: nullable(text),
	since: count,
	by: text,
	reason: text,
});
