/** Which principals are looked for, and the partitions in which their records can be. */
import { type Layout, partitionFor } from "../core/model/layout.ts";

/** Names of which a principal's are looked for; what is missing matches everything. */
export interface PrincipalFilter {
	readonly tenant?: string;
	readonly agent?: string;
	readonly session?: string;
}

export const isWanted = (
	filter: PrincipalFilter,
	of: { readonly tenant: string; readonly agent: string; readonly session: string },
): boolean =>
	(filter.tenant ?? of.tenant) === of.tenant &&
	(filter.agent ?? of.agent) === of.agent &&
	(filter.session ?? of.session) === of.session;

/** The partitions in which a filter's principals can lie: one where the filter names the whole budget root, else all. */
export function partitionsOf(layout: Layout, filter: PrincipalFilter = {}): readonly number[] {
	const { tenant, agent, session } = filter;
	const rootParts = {
		tenant: [tenant],
		"tenant/agent": [tenant, agent],
		"tenant/agent/session": [tenant, agent, session],
	};
	if (rootParts[layout.budgetRoot].some((part) => part === undefined)) {
		return Array.from({ length: layout.partitions }, (_, partition) => partition);
	}
	return [partitionFor(layout, { tenant: tenant ?? "", agent: agent ?? "", session: session ?? "" })];
}
