/** What is spent, reserved and left of every budget: the counters of the state against the limits in force. */
import { bounded, toppedUp, used } from "../core/engine/budget.ts";
import { isCap, isSameCounter, type Measure } from "../core/model/counters.ts";
import type { Mode } from "../core/model/entries.ts";
import { keyPart, type Scope } from "../core/model/ids.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DurationMs, EpochMs } from "../core/model/units.ts";
import type { CompiledLimit, CompiledPolicySet } from "../core/policy/compiled.ts";
import type { Counter } from "../core/state/accounts.ts";
import type { State } from "../core/state/state.ts";
import type { Log } from "../ports/log/log.ts";
import { type Bundles, compileBundle, readBundles } from "../reading/bundles.ts";
import type { ReadStateOptions } from "../reading/partition-view.ts";
import { type PrincipalFilter, partitionsOf } from "../reading/principal-filter.ts";
import { lookAt } from "./questions.ts";

/** Amounts are in the measure's own integer unit: calls, tokens, micro-units of cost, milliseconds. */
export interface BudgetRow {
	/** Empty for what a credential has spent; `limit` is then its name. */
	readonly policy: string;
	readonly limit: string;
	readonly measure: Measure;
	/** 0 for life. */
	readonly windowMs: DurationMs;
	readonly scope: Scope;
	/** Percent-encoded names, `tenant/agent/session`, long ones shortened; for `identical_calls` with `#commitment` behind, for a credential with `#` and its name. */
	readonly scopeKey: string;
	readonly settled: number;
	readonly reserved: number;
	/**
	 * Null: the policies in force have no such limit any more, and the count is kept in case they have it again; or a
	 * credential may spend it, and only its intents say how much.
	 */
	readonly max: number | null;
	readonly left: number | null;
	readonly debt: number;
	/** `audit` limits count and refuse nothing. Null: no such limit is in force. */
	readonly mode: Mode | null;
}

export interface Spending {
	readonly rows: readonly BudgetRow[];
	/** Limits in force, counted for somebody or not. */
	readonly limits: readonly CompiledLimit[];
}

/** Windows are looked at as of `now`: what the next call would meet. */
export async function spending(
	log: Log,
	layout: Layout,
	options: {
		readonly filter: PrincipalFilter;
		readonly now: EpochMs;
		/** Also a row for each repeated call, for each credential, and for limits that are no longer in force. */
		readonly everything: boolean;
		readonly reading?: ReadStateOptions;
	},
): Promise<Spending> {
	const compiled = new CompiledByDigest(layout, await readBundles(log));
	const rows: BudgetRow[] = [];
	const limits = new Map<string, CompiledLimit>();
	for (const partition of partitionsOf(layout, options.filter)) {
		const wanted = { accounts: options.everything ? "all" : "counted" } as const;
		const state = await lookAt(log, layout, partition, { wanted, reading: options.reading });
		const policies = compiled.get(state.policy.digest);
		for (const limit of policies?.limits ?? []) limits.set(`${limit.policy}/${limit.name}`, limit);
		for (const [scopeKey, { counters }] of state.accounts.entries()) {
			if (!isAbout(options.filter, scopeKey)) continue;
			for (const counter of counters) {
				const row = rowOf(scopeKey, counter, policies, Math.max(options.now, state.streamTime));
				if (options.everything || (row.max !== null && row.measure !== "identical_calls")) rows.push(row);
			}
		}
	}
	return { rows: rows.sort(byPlace), limits: [...limits.values()] };
}

/** A limit of the policies in force on one partition, and the names of all there are: for looking it up before adjusting it. */
export async function limitInForce(
	log: Log,
	layout: Layout,
	options: { readonly state: State; readonly policy: string; readonly limit: string },
): Promise<{ readonly limit: CompiledLimit | null; readonly names: readonly string[] }> {
	const policies = new CompiledByDigest(layout, await readBundles(log)).get(options.state.policy.digest);
	return {
		limit: policies?.limit(options.policy, options.limit) ?? null,
		names: (policies?.limits ?? []).map(({ policy, name }) => `${policy}/${name}`),
	};
}

class CompiledByDigest {
	readonly #layout: Layout;
	readonly #bundles: Bundles;
	readonly #known = new Map<string, CompiledPolicySet | null>();

	constructor(layout: Layout, bundles: Bundles) {
		this.#layout = layout;
		this.#bundles = bundles;
	}

	get(digest: string): CompiledPolicySet | null {
		const known = this.#known.get(digest);
		if (known !== undefined) return known;
		const compiled = digest === "" ? null : compileBundle(this.#bundles, digest, this.#layout.budgetRoot);
		const value = compiled?.ok ? compiled.value : null;
		this.#known.set(digest, value);
		return value;
	}
}

function rowOf(scopeKey: string, counter: Counter, policies: CompiledPolicySet | null, at: EpochMs): BudgetRow {
	const { policy, limit: name, measure, windowMs, scope } = counter.name;
	const found = policies?.limit(policy, name) ?? null;
	// A changed measure, window or scope starts again under another key: the old counter is nobody's any more.
	const limit = found !== null && isSameCounter(found.counter, counter.name) ? found : null;
	const all = used(counter, at);
	const max = limit === null ? null : bounded(limit.max + toppedUp(counter, at));
	return {
		policy,
		limit: name,
		measure,
		windowMs,
		scope,
		scopeKey,
		settled: all - counter.reserved,
		reserved: counter.reserved,
		max,
		left: max === null ? null : Math.max(0, max - all),
		debt: max === null ? 0 : Math.max(0, all - max),
		mode: isCap(counter.name) ? "enforce" : (limit?.mode ?? null),
	};
}

/** Budgets of the names given, those below them, and wider ones that these names share. */
export function isAbout(filter: PrincipalFilter, scopeKey: string): boolean {
	const parts = (scopeKey.split("#", 1)[0] as string).split("/");
	const wanted = [filter.tenant, filter.agent, filter.session].map((name) =>
		name === undefined ? undefined : keyPart(name),
	);
	if (wanted.some((name, at) => name !== undefined && parts[at] !== undefined && parts[at] !== name)) return false;
	const isNarrowEnough = wanted.every((name, at) => name === undefined || parts[at] !== undefined);
	return isNarrowEnough || parts.every((_, at) => wanted[at] !== undefined);
}

function byPlace(a: BudgetRow, b: BudgetRow): number {
	const key = (row: BudgetRow) => `${row.policy}/${row.limit}/${row.windowMs}/${row.scopeKey}`;
	return key(a) < key(b) ? -1 : 1;
}
