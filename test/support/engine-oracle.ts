/**
 * What was ever admitted, settled and topped up, as a list: an oracle for budgets that shares nothing with the engine's
 * counters. It takes amounts from the inputs and the policies, verdicts and effects from the entries, and looks at true
 * windows, to the millisecond.
 */
import type { Input } from "../../src/core/engine/input.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import type { CallId } from "../../src/core/model/ids.ts";
import type { IntentSubmitted, Usage } from "../../src/core/model/inputs.ts";
import type { CompiledLimit, CompiledPolicySet } from "../../src/core/policy/compiled.ts";

type Counted = Pick<
	CompiledLimit,
	"policy" | "name" | "measure" | "windowMs" | "scope" | "max" | "reserve" | "mode" | "effect"
>;

/** What a credential may spend is a limit for life of its agent. */
const CAP = { policy: "", windowMs: 0, scope: "agent", reserve: 0, mode: "enforce", effect: "deny" } as const;

interface Reservation {
	readonly account: string;
	readonly limit: Counted;
	readonly amount: number;
}

interface Running {
	readonly intent: IntentSubmitted;
	readonly admittedAt: number;
	readonly reservations: readonly Reservation[];
	readonly dueAt: number;
	isLapsed: boolean;
	/** Its tool may be running: no outcome has come, and its lease has not run out. */
	isSlotTaken: boolean;
	isHeld: boolean;
}

interface Booking {
	readonly account: string;
	readonly at: number;
	readonly amount: number;
}

const BEFORE_POLICY = ["intent.", "stream.ahead", "agent.halted", "session.", "policy.none"];
const nameOf = (call: CallId): string => `${call.tenant} ${call.agent} ${call.id}`;

export class BudgetOracle {
	readonly #sets: readonly CompiledPolicySet[];
	readonly #running = new Map<string, Running>();
	#bookings: Booking[] = [];
	#topUps: Booking[] = [];
	#policy: CompiledPolicySet | null = null;
	/** Checks that were made: a property that checks nothing proves nothing. */
	checks = 0;

	constructor(sets: readonly CompiledPolicySet[]) {
		this.#sets = sets;
	}

	/** Follows one step; throws when it overspends. */
	follow(input: Input, entry: LedgerEntry): void {
		for (const effect of entry.effects) this.#end(effect.kind, nameOf(effect.call));
		switch (entry.kind) {
			case "decision.made":
			case "decision.held": {
				if (input.kind !== "read" || input.record.type !== "intent.submitted") throw new Error("no intent");
				const [first] = entry.decision.reasons;
				if (BEFORE_POLICY.some((code) => first?.rule.policy === "" && first.rule.code.startsWith(code))) return;
				this.#submit(input.record, entry.at);
				if (entry.kind === "decision.made" && entry.verdict === "deny") return;
				this.#admit(input.record, entry.at, entry.decision.obligations.callDeadlineMs, {
					isHeld: entry.kind === "decision.held",
					isFresh: true,
				});
				return;
			}
			case "approval.recorded": {
				if (entry.result === "pending") return;
				const name = nameOf(entry.call);
				const before = this.#running.get(name);
				if (before === undefined) throw new Error(`a vote on ${name}, which does not run`);
				this.#running.delete(name);
				if (entry.result === "deny") return;
				this.#admit(before.intent, entry.at, entry.decision?.obligations.callDeadlineMs ?? 0, {
					isHeld: entry.result === "hold",
					isFresh: false,
				});
				return;
			}
			case "usage.settled":
				this.#settle(nameOf(entry.call), entry.usage, entry.at, input);
				return;
			case "intent.abandoned":
				this.#abandon(nameOf(entry.call));
				return;
			case "policy.activated":
				this.#policy = this.#sets.find((set) => set.digest === entry.digest) ?? null;
				return;
			case "budget.adjusted": {
				if (input.kind !== "read" || input.record.type !== "budget.adjusted") throw new Error("no adjustment");
				const limit = this.#policy?.limit(input.record.policy, input.record.limit);
				if (!limit) throw new Error("an adjustment of no limit");
				const account = accountOf(limit, scopeOf(limit, input.record));
				if (entry.change === "topup") this.#topUps.push({ account, at: entry.at, amount: input.record.amount });
				else {
					this.#topUps = this.#topUps.filter((each) => each.account !== account);
					this.#bookings = this.#bookings.filter((each) => each.account !== account);
				}
				return;
			}
			default:
		}
	}

	#limits(intent: IntentSubmitted): readonly Counted[] {
		const { tenant, agent } = intent.principal;
		const limits = this.#policy?.evaluate({ tenant, agent, tool: intent.tool, args: intent.args }).limits ?? [];
		return [...limits, ...intent.caps.map((cap): Counted => ({ ...CAP, ...cap }))];
	}

	#submit(intent: IntentSubmitted, at: number): void {
		for (const limit of this.#limits(intent)) {
			if (limit.measure !== "identical_calls") continue;
			this.#bookings.push({ account: accountOf(limit, sameCall(intent)), at, amount: 1 });
		}
	}

	#admit(
		intent: IntentSubmitted,
		at: number,
		deadlineMs: number,
		of: { readonly isHeld: boolean; readonly isFresh: boolean },
	): void {
		const reservations: Reservation[] = [];
		for (const limit of this.#limits(intent)) {
			// A held call runs nothing.
			if (of.isHeld && limit.measure === "concurrent_calls") continue;
			const isSame = limit.measure === "identical_calls";
			const account = accountOf(limit, isSame ? sameCall(intent) : scopeOf(limit, intent.principal));
			const amount = isSame ? 0 : amountOf(limit, intent);
			if (limit.mode === "enforce" && limit.effect === "deny" && (of.isFresh || !isSame)) {
				const total = this.#taken(account, limit.windowMs, at) + amount;
				const max =
					limit.max + sum(this.#topUps, account, (each) => limit.windowMs === 0 || each.at > at - limit.windowMs);
				this.checks += 1;
				if (total > max) throw new Error(`${account} is overspent: ${total} of ${max} at ${at} by ${intent.id}`);
			}
			if (!isSame) reservations.push({ account, limit, amount });
		}
		this.#running.set(nameOf({ ...intent.principal, id: intent.id }), {
			intent,
			admittedAt: at,
			reservations,
			dueAt: at + deadlineMs,
			isLapsed: false,
			isSlotTaken: true,
			isHeld: of.isHeld,
		});
	}

	/** Settled in the true window, and whatever is reserved. */
	#taken(account: string, windowMs: number, at: number): number {
		let total = sum(this.#bookings, account, (each) => windowMs === 0 || each.at >= at - windowMs);
		for (const each of this.#running.values()) {
			for (const { account: of, limit, amount } of each.reservations) {
				const isTaken = limit.measure === "concurrent_calls" ? each.isSlotTaken : !each.isLapsed;
				if (of === account && isTaken) total += amount;
			}
		}
		return total;
	}

	#end(kind: LedgerEntry["effects"][number]["kind"], name: string): void {
		const running = this.#running.get(name);
		if (running === undefined) throw new Error(`an effect on ${name}, which does not run`);
		if (running.isHeld !== kind.startsWith("hold.")) throw new Error(`${kind} does not fit ${name}`);
		if (running.isLapsed !== (kind === "slot.expired")) throw new Error(`${kind} does not fit ${name}`);
		if (running.isHeld) {
			this.#running.delete(name);
			return;
		}
		if (kind === "slot.expired") {
			running.isSlotTaken = false;
			return;
		}
		running.isLapsed = true;
		this.#book(running, (reservation) => reservation.amount);
	}

	/** What a credential may spend is spent once the call is allowed. */
	#abandon(name: string): void {
		const running = this.#running.get(name);
		this.#running.delete(name);
		if (running === undefined || running.isHeld) return;
		const reservations = running.reservations.filter(({ limit }) => limit.policy === "");
		this.#book({ ...running, reservations }, ({ amount }) => amount);
	}

	#book(running: Running, amountFor: (reservation: Reservation) => number): void {
		for (const reservation of running.reservations) {
			const { account, limit } = reservation;
			if (limit.measure === "concurrent_calls") continue;
			this.#bookings.push({ account, at: running.admittedAt, amount: amountFor(reservation) });
		}
	}

	#settle(name: string, usage: Usage, at: number, input: Input): void {
		const running = this.#running.get(name);
		if (running === undefined) throw new Error(`an outcome of ${name}, which does not run`);
		const isReported = input.kind === "read" && input.record.type === "outcome.reported";
		const isUnseen = isReported && input.record.status === "unknown";
		this.#running.delete(name);
		const isInTime = !isUnseen && !running.isLapsed && at < running.dueAt;
		if (!running.isLapsed) {
			this.#book(running, (of) => (isInTime ? Math.min(of.amount, actualOf(of.limit, usage) ?? of.amount) : of.amount));
		}
		for (const { account, limit, amount } of running.reservations) {
			const excess = (actualOf(limit, usage) ?? amount) - amount;
			if (excess > 0) this.#bookings.push({ account, at, amount: excess });
		}
		// Its tool may be running, and what it has cost by now is not booked again.
		if (!isUnseen) return;
		const reservations = running.reservations.map((each) => ({
			...each,
			amount:
				each.limit.measure === "concurrent_calls"
					? each.amount
					: Math.max(each.amount, actualOf(each.limit, usage) ?? 0),
		}));
		this.#running.set(name, { ...running, isLapsed: true, reservations });
	}
}

function sum(bookings: readonly Booking[], account: string, counts: (each: Booking) => boolean): number {
	let total = 0;
	for (const each of bookings) if (each.account === account && counts(each)) total += each.amount;
	return total;
}

const accountOf = (limit: Counted, of: string): string =>
	[limit.policy, limit.name, limit.measure, limit.windowMs, of].join(" ");

function scopeOf(limit: Counted, who: { tenant: string; agent: string; session: string }): string {
	const parts = { tenant: [who.tenant], agent: [who.tenant, who.agent], session: [who.tenant, who.agent, who.session] };
	return parts[limit.scope].join("|");
}

const sameCall = (intent: IntentSubmitted): string =>
	`${intent.principal.tenant}|${intent.principal.agent}|${intent.principal.session}|${intent.tool}|${intent.argsText}`;

function amountOf(limit: Counted, intent: IntentSubmitted): number {
	if (limit.measure === "tokens") return Math.max(limit.reserve, intent.estimate.tokens);
	if (limit.measure === "cost") return Math.max(limit.reserve, intent.estimate.costMicros);
	return limit.measure === "execution_time" ? limit.reserve : 1;
}

function actualOf(limit: Counted, usage: Usage): number | null {
	if (limit.measure === "tokens") return usage.tokens;
	if (limit.measure === "cost") return usage.costMicros;
	if (limit.measure === "execution_time") return usage.executionMs;
	return limit.measure === "concurrent_calls" ? 0 : 1;
}
