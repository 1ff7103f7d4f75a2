/** The layout of a deployment: what is fixed for its whole life, and the partition that follows from it for each principal. */
import { partitionOf } from "../base/murmur2.ts";
import { type BudgetRoot, budgetRootKey, type Subject } from "./ids.ts";
import { DAY, type DurationMs, HOUR } from "./units.ts";

/** What a deployment can never change without new ledgers; it is part of every claim and is checked at start. */
export interface Layout {
	readonly partitions: number;
	readonly budgetRoot: BudgetRoot;
	/** How long a closed intent's id is remembered. */
	readonly dedupeMs: DurationMs;
	/** How long an idle session is remembered. */
	readonly sessionMs: DurationMs;
}

/** Of any topic. What says more was not written by Assent. */
export const PARTITIONS_MAX = 1_024;

export const isPartitionCount = (count: number): boolean =>
	Number.isSafeInteger(count) && count >= 1 && count <= PARTITIONS_MAX;

export const DEFAULT_LAYOUT: Layout = {
	partitions: 12,
	budgetRoot: "tenant/agent",
	dedupeMs: HOUR,
	sessionMs: 7 * DAY,
};

/** Where a record goes: the key that it carries, and the partition of that key. */
export interface Route {
	readonly partition: number;
	readonly key: string;
}

/** The route of the records about a principal: whatever is counted together is in one partition. */
export function routeOf(layout: Layout, subject: Subject): Route {
	const key = budgetRootKey(layout.budgetRoot, subject);
	return { partition: partitionOf(key, layout.partitions), key };
}

/** The partition of the last principal: records of one come in a row, and each is asked whether it belongs where it is. */
const last = { layout: null as Layout | null, tenant: "", agent: "", session: "", partition: 0 };

export function partitionFor(layout: Layout, subject: Subject): number {
	const { tenant, agent, session } = subject;
	const isLast = last.session === session && last.agent === agent && last.tenant === tenant && last.layout === layout;
	if (isLast) return last.partition;
	last.partition = routeOf(layout, subject).partition;
	last.layout = layout;
	last.tenant = tenant;
	last.agent = agent;
	last.session = session;
	return last.partition;
}
