/** What a call would take of each budget that counts it, and which of them do not cover it. */

import { commitment } from "../../base/digest.ts";
import { costText } from "../../model/amounts.ts";
import { cutTo, MESSAGE_LENGTH_MAX } from "../../model/bounds.ts";
import { accountKey, type CounterName, isCap, type Measure } from "../../model/counters.ts";
import type { BudgetUse } from "../../model/entries.ts";
import type { IntentSubmitted } from "../../model/inputs.ts";
import type { EpochMs } from "../../model/units.ts";
import type { CompiledLimit, FiredRule } from "../../policy/compiled.ts";
import { type Account, type AccountsRead, counterOf } from "../../state/accounts.ts";
import { bounded, toppedUp, used } from "../budget.ts";

/** What counts a call: a limit of a policy, or what a credential may spend. */
export type DrawnLimit = Omit<CompiledLimit, "place" | "tools" | "windowMs">;

export interface Draws {
	/** One for each limit, in their order. */
	readonly uses: readonly BudgetUse[];
	/** For each limit that does not cover the call what it says; null where all do. */
	readonly exhausted: readonly (FiredRule | undefined)[] | null;
}

export function drawOn(
	limits: readonly DrawnLimit[],
	intent: IntentSubmitted,
	accounts: AccountsRead,
	at: EpochMs,
): Draws {
	const own = new OwnAccounts(intent, accounts);
	// Exactly as long as it is: an array that grows keeps room for more, and entries keep this one.
	const uses = new Array<BudgetUse>(limits.length);
	let exhausted: (FiredRule | undefined)[] | null = null;
	// By index: an iterator over a frozen list is an object for each item.
	for (let place = 0; place < limits.length; place++) {
		const limit = limits[place] as DrawnLimit;
		const isRepetition = limit.measure === "identical_calls";
		const counter = counterOf(own.of(limit), limit.counter);
		const before = counter === undefined ? 0 : used(counter, at);
		const max = counter === undefined ? bounded(limit.max) : bounded(limit.max + toppedUp(counter, at));
		const amount = amountOf(limit, intent);
		// Unknown is not free: where all is taken, nothing more of it is given away unseen.
		if (before + amount > max || (amount === 0 && before >= max)) {
			exhausted ??= [];
			exhausted[place] = exhaustion(limit, { before, amount, max });
		}
		uses[place] = {
			counter: limit.counter,
			repetition: isRepetition ? own.repetition() : "",
			max,
			before,
			// Limits in mode `audit` admit what is beyond counting: they count as far as integers go.
			amount: bounded(before + amount) - before,
			kind: isRepetition ? "settled" : "reserved",
		};
	}
	return { uses, exhausted };
}

/** The accounts that a call is counted in; those of its scopes are looked up once. */
class OwnAccounts {
	readonly #intent: IntentSubmitted;
	readonly #accounts: AccountsRead;
	/** Null: not looked up yet. */
	#tenant: Account | undefined | null = null;
	#agent: Account | undefined | null = null;
	#session: Account | undefined | null = null;
	#repeated: Account | undefined | null = null;
	#repetition = "";

	constructor(intent: IntentSubmitted, accounts: AccountsRead) {
		this.#intent = intent;
		this.#accounts = accounts;
	}

	of({ counter, measure, scope }: DrawnLimit): Account | undefined {
		if (isCap(counter)) return this.#find(counter);
		if (measure === "identical_calls") {
			if (this.#repeated === null) this.#repeated = this.#find(counter, this.repetition());
			return this.#repeated;
		}
		switch (scope) {
			case "tenant":
				if (this.#tenant === null) this.#tenant = this.#find(counter);
				return this.#tenant;
			case "agent":
				if (this.#agent === null) this.#agent = this.#find(counter);
				return this.#agent;
			case "session":
				if (this.#session === null) this.#session = this.#find(counter);
				return this.#session;
		}
	}

	/** The call's commitment under its session's salt. */
	repetition(): string {
		const { sessionSalt, tool, argsText } = this.#intent;
		if (this.#repetition === "") this.#repetition = commitment(sessionSalt, tool, argsText);
		return this.#repetition;
	}

	#find(counter: CounterName, repetition = ""): Account | undefined {
		return this.#accounts.get(accountKey(counter, this.#intent.principal, repetition));
	}
}

function amountOf(limit: DrawnLimit, intent: IntentSubmitted): number {
	switch (limit.measure) {
		case "tool_calls":
		case "concurrent_calls":
		case "identical_calls":
			return 1;
		case "tokens":
			return Math.max(intent.estimate.tokens, limit.reserve);
		case "cost":
			return Math.max(intent.estimate.costMicros, limit.reserve);
		case "execution_time":
			return limit.reserve;
	}
}

const UNIT: Record<Measure, string> = {
	tool_calls: "calls",
	tokens: "tokens",
	cost: "currency units",
	execution_time: "ms of execution time",
	concurrent_calls: "calls at a time",
	identical_calls: "identical calls",
};

function exhaustion(
	limit: DrawnLimit,
	{ before, amount, max }: { before: number; amount: number; max: number },
): FiredRule {
	const text = limit.measure === "cost" ? costText : String;
	const need = amount === 0 ? "what this call needs is not known" : `this call needs ${text(amount)}`;
	const figures = `${text(before)} of ${text(max)} ${UNIT[limit.measure]} are taken, ${need}`;
	return {
		reason: {
			rule: {
				code: isCap(limit.counter) ? "credential.budget" : "budget.exhausted",
				policy: limit.policy,
				name: limit.name,
				effect: limit.effect,
				mode: limit.mode,
				severity: limit.severity,
				message: cutTo(limit.message === "" ? figures : `${limit.message} (${figures})`, MESSAGE_LENGTH_MAX),
				tags: limit.tags,
			},
			span: null,
		},
		requirement: limit.requirement,
	};
}
