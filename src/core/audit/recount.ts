/**
 * Budgets counted again from ledger entries, in the plainest way: what was settled when, and what each call has reserved. Shares no
 * arithmetic with the engine: no buckets, no counters' tables.
 */
import { accountKey, type CounterName, isCap, type Measure } from "../model/counters.ts";
import type { BudgetUse, CallRef, DecisionBody, LedgerEntry, Settlement } from "../model/entries.ts";
import { callKey } from "../model/ids.ts";
import type { Usage } from "../model/inputs.ts";
import type { CompiledPolicySet } from "../policy/compiled.ts";
import { RecentSum } from "./recent-sum.ts";

interface Account {
	readonly name: CounterName;
	readonly scopeKey: string;
	reserved: number;
	/** What was settled for life; windows keep what they may still see. */
	settled: number;
	toppedUp: number;
	readonly spent: RecentSum;
	readonly topUps: RecentSum;
}

interface OpenCall {
	readonly admittedAt: number;
	readonly isHeld: boolean;
	readonly reserved: readonly { readonly key: string; readonly charge: BudgetUse }[];
}

type Policies = CompiledPolicySet | "unknown" | null;

/** Where a finding lies is said by whoever calls. */
export class Recount {
	readonly #accounts = new Map<string, Account>();
	/** Names of accounts by scope key. */
	readonly #named = new Map<string, string[]>();
	readonly #open = new Map<string, OpenCall>();
	/**
	 * What a lapsed call had reserved: a late outcome may add what goes beyond it. Their slots are reserved in `#open` no more, and taken
	 * until they are settled or their lease has run out.
	 */
	readonly #lapsed = new Map<string, OpenCall>();
	admissions = 0;

	/** Counters of a session go with their session. */
	forgetAccounts(scopeKey: string): void {
		for (const name of this.#named.get(scopeKey) ?? []) this.#accounts.delete(name);
		this.#named.delete(scopeKey);
	}

	/** Nobody is told of the call any more: it is as if it had never been. */
	forgetCall(key: string): void {
		this.#release(key);
		this.#lapsed.delete(key);
	}

	/** `unknown`: policies are in force, and their text is gone, or is another. */
	take(entry: LedgerEntry, policies: Policies, found: (what: string) => void): void {
		for (const effect of entry.effects) {
			const key = callKey(effect.call);
			if (effect.kind === "reservation.expired") this.#lapse(key);
			else if (effect.kind === "slot.expired") this.#freeSlots(key);
			else this.#release(key);
		}
		switch (entry.kind) {
			case "decision.made":
				this.#decide(entry.call, entry.at, entry.verdict, entry.decision, policies, found);
				return;
			case "decision.held":
				this.#decide(entry.call, entry.at, "hold", entry.decision, policies, found);
				return;
			case "approval.recorded":
				if (entry.decision === null || entry.result === "pending") return;
				this.#release(callKey(entry.call));
				this.#decide(entry.call, entry.at, entry.result, entry.decision, policies, found);
				return;
			case "intent.abandoned":
				this.#abandon(callKey(entry.call));
				return;
			case "usage.settled":
				this.#settle(entry, found);
				return;
			case "budget.adjusted": {
				const account = this.#account(entry.counter, entry.scopeKey);
				if (entry.change === "reset") reset(account);
				else if (account.name.windowMs === 0) account.toppedUp += entry.amount;
				else account.topUps.add(entry.at, entry.amount);
				return;
			}
			case "decision.repeated":
			case "policy.activated":
			case "policy.proposed":
			case "halt.set":
			case "halt.lifted":
			case "session.ended":
			case "inputs.skipped":
			case "payload.erased":
			case "clock.ticked":
			case "input.rejected":
				return;
		}
	}

	#decide(
		call: CallRef,
		at: number,
		verdict: "allow" | "deny" | "hold",
		decision: DecisionBody,
		policies: Policies,
		found: (what: string) => void,
	): void {
		const reserved: { key: string; charge: BudgetUse }[] = [];
		for (const charge of decision.uses) {
			if (charge.kind === "none") continue;
			const scopeKey = accountKey(charge.counter, call, charge.repetition);
			const name = counterKey(charge.counter, scopeKey);
			const account = this.#account(charge.counter, scopeKey);
			const before = usedAt(account, at);
			if (charge.kind === "reserved") {
				account.reserved += charge.amount;
				reserved.push({ key: name, charge });
			} else this.#spend(account, charge.amount, at);
			const cap = { mode: "enforce", effect: "deny", max: charge.max } as const;
			const limit = isCap(charge.counter) ? cap : limitOf(policies, charge.counter);
			if (limit === null) found(`charges the limit ${name}, which the policies in force do not have`);
			else if (limit !== "unknown" && verdict !== "deny" && limit.mode === "enforce" && limit.effect === "deny") {
				const max = limit.max + toppedUpAt(account, at);
				const used = usedAt(account, at);
				if (used > max) found(`overspends ${name}: ${used} of ${max}`);
			}
			if (charge.counter.windowMs === 0 && charge.before !== before) {
				found(`reads ${charge.before} of ${name} before itself, where ${before} are taken`);
			}
		}
		if (verdict === "deny") return;
		this.admissions += 1;
		this.#open.set(callKey(call), { admittedAt: at, isHeld: verdict === "hold", reserved });
	}

	#release(key: string): void {
		for (const { key: name, charge } of this.#open.get(key)?.reserved ?? []) {
			const account = this.#accounts.get(name);
			if (account !== undefined) account.reserved -= charge.amount;
		}
		this.#open.delete(key);
	}

	/** What a credential may spend is spent once the call is allowed. */
	#abandon(key: string): void {
		const call = this.#open.get(key);
		this.#release(key);
		if (call === undefined || call.isHeld) return;
		for (const { key: name, charge } of call.reserved) {
			const account = this.#accounts.get(name);
			if (account !== undefined && isCap(charge.counter)) this.#spend(account, charge.amount, call.admittedAt);
		}
	}

	#lapse(key: string): void {
		const call = this.#open.get(key);
		this.#release(key);
		if (call === undefined) return;
		this.#lapsed.set(key, call);
		for (const { key: name, charge } of call.reserved) {
			const account = this.#accounts.get(name);
			if (account === undefined) continue;
			if (isSlot(charge)) account.reserved += charge.amount;
			else this.#spend(account, charge.amount, call.admittedAt);
		}
	}

	#freeSlots(key: string): void {
		const call = this.#lapsed.get(key);
		if (call === undefined) return;
		for (const { key: name, charge } of call.reserved.filter((each) => isSlot(each.charge))) {
			const account = this.#accounts.get(name);
			if (account !== undefined) account.reserved -= charge.amount;
		}
		this.#lapsed.set(key, { ...call, reserved: call.reserved.filter((each) => !isSlot(each.charge)) });
	}

	#settle(entry: Extract<LedgerEntry, { kind: "usage.settled" }>, found: (what: string) => void): void {
		const key = callKey(entry.call);
		const open = this.#open.get(key);
		const call = open ?? this.#lapsed.get(key);
		if (call === undefined || call.isHeld) {
			found("settles a call that is neither open nor lapsed");
			return;
		}
		const isUnseen = entry.status === "unknown";
		if (open === undefined && !isUnseen) this.#freeSlots(key);
		this.#release(key);
		this.#lapsed.delete(key);
		if (call.reserved.length !== entry.settlements.length) found("does not settle each reservation once");
		for (const { key: name, charge } of call.reserved) {
			const subject = { ...entry.call, session: entry.session };
			const part = entry.settlements.find(({ counter }) => counterKey(counter, accountKey(counter, subject)) === name);
			const when = open === undefined ? "lapsed" : entry.afterDeadline || isUnseen ? "late" : "in-time";
			const isKept = isUnseen && isSlot(charge);
			const due = isKept ? { reserved: 0, settled: 0, excess: 0 } : expected(charge, entry.usage, when);
			if (part === undefined || !isSame(part, due)) {
				found(`settles ${name} as ${JSON.stringify(part)}, where ${JSON.stringify(due)} is due`);
			}
			const account = this.#accounts.get(name);
			if (account === undefined) continue;
			this.#spend(account, due.settled, call.admittedAt);
			this.#spend(account, due.excess, entry.at);
			// Released above with all that was open.
			if (isKept && open !== undefined) account.reserved += charge.amount;
		}
		if (!isUnseen) return;
		const reserved = call.reserved.map(({ key: name, charge }) => {
			const told = isSlot(charge) ? null : usedBy(charge.counter.measure, entry.usage);
			return { key: name, charge: { ...charge, amount: Math.max(charge.amount, told ?? 0) } };
		});
		this.#lapsed.set(key, { ...call, reserved });
	}

	#account(name: CounterName, scopeKey: string): Account {
		const key = counterKey(name, scopeKey);
		const known = this.#accounts.get(key);
		if (known !== undefined) return known;
		const [spent, topUps] = [new RecentSum(name.windowMs), new RecentSum(name.windowMs)];
		const account: Account = { name, scopeKey, reserved: 0, settled: 0, toppedUp: 0, spent, topUps };
		this.#accounts.set(key, account);
		const named = this.#named.get(scopeKey);
		if (named === undefined) this.#named.set(scopeKey, [key]);
		else named.push(key);
		return account;
	}

	#spend(account: Account, amount: number, time: number): void {
		if (amount === 0) return;
		if (account.name.windowMs === 0) account.settled += amount;
		else account.spent.add(time, amount);
	}
}

function limitOf(policies: Policies, { policy, limit }: CounterName) {
	if (policies === "unknown") return "unknown";
	return policies?.limit(policy, limit) ?? null;
}

function reset(account: Account): void {
	Object.assign(account, { settled: 0, toppedUp: 0 });
	account.spent.clear();
	account.topUps.clear();
}

/** Each of its parts makes another counter. */
const counterKey = ({ policy, limit, measure, windowMs }: CounterName, scopeKey: string): string =>
	[policy, limit, measure, windowMs, scopeKey].join(" ");

const usedAt = (account: Account, at: number): number =>
	account.reserved + (account.name.windowMs === 0 ? account.settled : account.spent.at(at));

const toppedUpAt = (account: Account, at: number): number =>
	account.name.windowMs === 0 ? account.toppedUp : account.topUps.at(at);

/** docs/design/step.md#budgets, once more: late outcomes add and never refund, and what nobody can tell is what was reserved. */
function expected(charge: BudgetUse, usage: Usage, when: "in-time" | "late" | "lapsed") {
	const actual = usedBy(charge.counter.measure, usage) ?? charge.amount;
	const kept = when === "in-time" ? Math.min(actual, charge.amount) : charge.amount;
	return {
		reserved: when === "lapsed" && !isSlot(charge) ? 0 : charge.amount,
		settled: when === "lapsed" || isSlot(charge) ? 0 : kept,
		excess: actual > charge.amount ? actual - charge.amount : 0,
	};
}

const isSlot = (charge: BudgetUse): boolean => charge.counter.measure === "concurrent_calls";

function usedBy(measure: Measure, usage: Usage): number | null {
	switch (measure) {
		case "tokens":
			return usage.tokens;
		case "cost":
			return usage.costMicros;
		case "execution_time":
			return usage.executionMs;
		case "concurrent_calls":
			return 0;
		case "tool_calls":
		case "identical_calls":
			return 1;
	}
}

const isSame = (a: Settlement, b: Omit<Settlement, "counter">): boolean =>
	a.reserved === b.reserved && a.settled === b.settled && a.excess === b.excess;
