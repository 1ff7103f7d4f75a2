/**
 * Budgets counted again from ledger entries, in the plainest way: what was settled when, and what each call has reserved. Shares no
 * arithmetic with the engine: no buckets, no counters' tables.
 */
import { accountKey, type CounterName, isCap, isSameCounter, type Measure } from "../model/counters.ts";
import type { BudgetUse, CallRef, DecisionBody, LedgerEntry, Settlement } from "../model/entries.ts";
import { callKey, type Subject } from "../model/ids.ts";
import type { Usage } from "../model/inputs.ts";
import type { CompiledPolicySet } from "../policy/compiled.ts";
import { RecentSum } from "./recent-sum.ts";

interface Account {
	readonly name: CounterName;
	readonly scopeKey: string;
	reserved: number;
	/** What was settled for life. */
	settled: number;
	toppedUp: number;
	/** What a window may still see; null: nothing. */
	spent: RecentSum | null;
	topUps: RecentSum | null;
	/** Another one may stand in its place. */
	isForgotten: boolean;
	/** Looked up last in these policies. */
	policies: Policies;
	limit: Limit;
}

type Limit = ReturnType<typeof limitIn>;

interface Reserved {
	readonly account: Account;
	readonly charge: BudgetUse;
}

interface OpenCall {
	readonly admittedAt: number;
	readonly isHeld: boolean;
	readonly reserved: readonly Reserved[];
}

type Policies = CompiledPolicySet | "unknown" | null;

/** Where a finding lies is said by whoever calls. */
export class Recount {
	/** By scope key: those of one scope are few. */
	readonly #accounts = new Map<string, Account[]>();
	readonly #open = new Map<string, OpenCall>();
	/**
	 * What a lapsed call had reserved: a late outcome may add what goes beyond it. Their slots are reserved in `#open` no more, and taken
	 * until they are settled or their lease has run out.
	 */
	readonly #lapsed = new Map<string, OpenCall>();
	admissions = 0;

	/** Counters of a session go with their session. */
	forgetAccounts(scopeKey: string): void {
		for (const account of this.#accounts.get(scopeKey) ?? []) account.isForgotten = true;
		this.#accounts.delete(scopeKey);
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
				else {
					account.topUps ??= new RecentSum(account.name.windowMs);
					account.topUps.add(entry.at, entry.amount);
				}
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
		const reserved: Reserved[] = [];
		for (const charge of decision.uses) {
			if (charge.kind === "none") continue;
			const account = this.#account(charge.counter, accountKey(charge.counter, call, charge.repetition));
			const before = usedAt(account, at);
			if (charge.kind === "reserved") {
				account.reserved += charge.amount;
				reserved.push({ account, charge });
			} else this.#spend(account, charge.amount, at);
			const cap = { mode: "enforce", effect: "deny", max: charge.max } as const;
			const limit = isCap(charge.counter) ? cap : limitOf(account, policies);
			if (limit === null) found(`charges the limit ${nameOf(account)}, which the policies in force do not have`);
			else if (limit !== "unknown" && verdict !== "deny" && limit.mode === "enforce" && limit.effect === "deny") {
				const max = limit.max + toppedUpAt(account, at);
				const used = usedAt(account, at);
				if (used > max) found(`overspends ${nameOf(account)}: ${used} of ${max}`);
			}
			if (charge.counter.windowMs === 0 && charge.before !== before) {
				found(`reads ${charge.before} of ${nameOf(account)} before itself, where ${before} are taken`);
			}
		}
		if (verdict === "deny") return;
		this.admissions += 1;
		this.#open.set(callKey(call), { admittedAt: at, isHeld: verdict === "hold", reserved });
	}

	#release(key: string): void {
		const call = this.#open.get(key);
		if (call === undefined) return;
		for (const { account: reservedOf, charge } of call.reserved) {
			const account = this.#standing(reservedOf);
			if (account !== undefined) account.reserved -= charge.amount;
		}
		this.#open.delete(key);
	}

	/** What a credential may spend is spent once the call is allowed. */
	#abandon(key: string): void {
		const call = this.#open.get(key);
		this.#release(key);
		if (call === undefined || call.isHeld) return;
		for (const { account: reservedOf, charge } of call.reserved) {
			const account = this.#standing(reservedOf);
			if (account !== undefined && isCap(charge.counter)) this.#spend(account, charge.amount, call.admittedAt);
		}
	}

	#lapse(key: string): void {
		const call = this.#open.get(key);
		this.#release(key);
		if (call === undefined) return;
		this.#lapsed.set(key, call);
		for (const { account: reservedOf, charge } of call.reserved) {
			const account = this.#standing(reservedOf);
			if (account === undefined) continue;
			if (isSlot(charge)) account.reserved += charge.amount;
			else this.#spend(account, charge.amount, call.admittedAt);
		}
	}

	#freeSlots(key: string): void {
		const call = this.#lapsed.get(key);
		if (call === undefined) return;
		for (const { account: reservedOf, charge } of call.reserved.filter((each) => isSlot(each.charge))) {
			const account = this.#standing(reservedOf);
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
		const subject = { tenant: entry.call.tenant, agent: entry.call.agent, session: entry.session };
		for (const { account: reservedOf, charge } of call.reserved) {
			const part = entry.settlements.find(({ counter }) => isOf(reservedOf, counter, subject));
			const when = open === undefined ? "lapsed" : entry.afterDeadline || isUnseen ? "late" : "in-time";
			const isKept = isUnseen && isSlot(charge);
			const due = isKept ? { reserved: 0, settled: 0, excess: 0 } : expected(charge, entry.usage, when);
			if (part === undefined || !isSame(part, due)) {
				found(`settles ${nameOf(reservedOf)} as ${JSON.stringify(part)}, where ${JSON.stringify(due)} is due`);
			}
			const account = this.#standing(reservedOf);
			if (account === undefined) continue;
			this.#spend(account, due.settled, call.admittedAt);
			this.#spend(account, due.excess, entry.at);
			// Released above with all that was open.
			if (isKept && open !== undefined) account.reserved += charge.amount;
		}
		if (!isUnseen) return;
		const reserved = call.reserved.map(({ account, charge }) => {
			const told = isSlot(charge) ? null : usedBy(charge.counter.measure, entry.usage);
			return { account, charge: { ...charge, amount: Math.max(charge.amount, told ?? 0) } };
		});
		this.#lapsed.set(key, { ...call, reserved });
	}

	#account(name: CounterName, scopeKey: string): Account {
		const known = this.#accounts.get(scopeKey);
		const found = known === undefined ? undefined : named(known, name);
		if (found !== undefined) return found;
		const account: Account = {
			name,
			scopeKey,
			reserved: 0,
			settled: 0,
			toppedUp: 0,
			spent: null,
			topUps: null,
			isForgotten: false,
			policies: null,
			limit: null,
		};
		if (known === undefined) this.#accounts.set(scopeKey, [account]);
		else known.push(account);
		return account;
	}

	/** The account in which a reservation is counted now; undefined where it was forgotten, and none stands in its place. */
	#standing(account: Account): Account | undefined {
		if (!account.isForgotten) return account;
		const known = this.#accounts.get(account.scopeKey);
		return known === undefined ? undefined : named(known, account.name);
	}

	#spend(account: Account, amount: number, time: number): void {
		if (amount === 0) return;
		if (account.name.windowMs === 0) {
			account.settled += amount;
			return;
		}
		account.spent ??= new RecentSum(account.name.windowMs);
		account.spent.add(time, amount);
	}
}

function limitOf(account: Account, policies: Policies): Limit {
	if (account.policies !== policies) {
		account.policies = policies;
		account.limit = limitIn(policies, account.name);
	}
	return account.limit;
}

function limitIn(policies: Policies, { policy, limit }: CounterName) {
	if (policies === "unknown") return "unknown";
	return policies?.limit(policy, limit) ?? null;
}

function reset(account: Account): void {
	Object.assign(account, { settled: 0, toppedUp: 0, spent: null, topUps: null });
}

/** One of the accounts of a scope key. By index: this is asked for each limit of each call. */
function named(accounts: readonly Account[], name: CounterName): Account | undefined {
	for (let place = 0; place < accounts.length; place++) {
		const account = accounts[place] as Account;
		if (isSameCounter(account.name, name)) return account;
	}
	return undefined;
}

const isOf = ({ name, scopeKey }: Account, counter: CounterName, subject: Subject): boolean =>
	isSameCounter(name, counter) && accountKey(counter, subject) === scopeKey;

/** For people. */
const nameOf = ({ name: { policy, limit, measure, windowMs }, scopeKey }: Account): string =>
	[policy, limit, measure, windowMs, scopeKey].join(" ");

const usedAt = (account: Account, at: number): number =>
	account.reserved + (account.name.windowMs === 0 ? account.settled : (account.spent?.at(at) ?? 0));

const toppedUpAt = (account: Account, at: number): number =>
	account.name.windowMs === 0 ? account.toppedUp : (account.topUps?.at(at) ?? 0);

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
