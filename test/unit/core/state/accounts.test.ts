import { describe, expect, it } from "vitest";
import type { CounterId } from "../../../../src/core/model/entries.ts";
import { HOUR } from "../../../../src/core/model/units.ts";
import {
	type Account,
	type Accounts,
	type Counter,
	changeCounters,
	counterOf,
	reservationsOf,
} from "../../../../src/core/state/accounts.ts";
import type { Call } from "../../../../src/core/state/call.ts";
import { callRows } from "../../../../src/core/state/rows.ts";

const id: CounterId = {
	policy: "guard",
	limit: "cap",
	measure: "tokens",
	windowMs: HOUR,
	scope: "agent",
	scopeKey: "acme/coder",
};

/** Each differs in one part of its name. */
const others: readonly CounterId[] = [
	{ ...id, policy: "other" },
	{ ...id, limit: "other" },
	{ ...id, measure: "cost" },
	{ ...id, windowMs: 0 },
];

const fresh = (counter: CounterId): Counter => ({
	id: counter,
	reserved: 0,
	settled: 0,
	toppedUp: 0,
	buckets: [],
	topUps: [],
});

class Filed implements Accounts {
	readonly all = new Map<string, Account>();
	/** Scope keys in the order in which they were filed. */
	readonly filed: string[] = [];

	get(scopeKey: string): Account | undefined {
		return this.all.get(scopeKey);
	}

	set(scopeKey: string, account: Account): void {
		this.all.set(scopeKey, account);
		this.filed.push(scopeKey);
	}

	/** Reserves one in each. */
	charge(counters: readonly CounterId[]): this {
		changeCounters(
			this,
			counters.map((counter) => ({ counter })),
			(known, { counter }) => ({ ...(known ?? fresh(counter)), reserved: (known?.reserved ?? 0) + 1 }),
		);
		return this;
	}
}

describe("an account", () => {
	it("has a counter for each (policy, limit, measure, window)", () => {
		const account = new Filed().charge([id, ...others, { ...id }]).get("acme/coder");
		expect(account?.counters).toHaveLength(1 + others.length);
		expect(counterOf(account, { ...id })?.reserved).toBe(2);
		for (const other of others) expect(counterOf(account, other)?.reserved).toBe(1);
	});

	it("holds its counters in the same order, whatever was charged first", () => {
		const all = [id, ...others];
		const accounts = [all, all.toReversed(), [...others, id]].map((order) =>
			new Filed().charge(order).get(id.scopeKey),
		);
		for (const account of accounts) expect(JSON.stringify(account)).toBe(JSON.stringify(accounts[0]));
	});

	it("knows nothing of what was never charged", () => {
		const account = new Filed().charge([id]).get("acme/coder");
		expect(counterOf(account, others[0] as CounterId)).toBeUndefined();
		expect(counterOf(undefined, id)).toBeUndefined();
	});
});

describe("a change of counters", () => {
	it("files each account once, with what is charged in between to others", () => {
		const agent = { ...id, limit: "calls" };
		const session: CounterId = { ...id, scope: "session", scopeKey: "acme/coder/run-1" };
		const filed = new Filed().charge([id, session, agent]);
		expect(filed.filed).toEqual(["acme/coder", "acme/coder/run-1"]);
		expect(filed.get("acme/coder")).toMatchObject({ scope: "agent", counters: [{ id: { limit: "calls" } }, { id }] });
		expect(filed.get("acme/coder/run-1")).toMatchObject({ scope: "session", counters: [{ reserved: 1 }] });
	});

	it("files nothing where nothing changes, and makes no account for it", () => {
		const filed = new Filed().charge([id]);
		const parts = [{ counter: id }, { counter: { ...id, scopeKey: "acme/nobody" } }];
		changeCounters(filed, parts, (counter) => counter);
		expect(filed.filed).toEqual(["acme/coder"]);
	});

	it("leaves what was filed before as it was", () => {
		const filed = new Filed().charge([id]);
		const before = filed.get("acme/coder");
		const text = JSON.stringify(before);
		filed.charge([id, ...others]);
		expect(JSON.stringify(before)).toBe(text);
	});
});

describe("what a call reserves", () => {
	const session: CounterId = { ...id, scope: "session", scopeKey: "acme/coder/run-1" };
	const charge = (counter: CounterId, amount: number, kind: "reserved" | "settled" = "reserved") => ({
		counter,
		amount,
		kind,
	});

	it("is what its charges leave open, account by account", () => {
		const [other] = others as [CounterId];
		const charges = [
			charge(session, 1),
			charge(id, 2),
			charge(session, 3, "settled"),
			charge(session, 4),
			charge(other, 5),
		];
		expect(reservationsOf(charges)).toEqual([
			{ counter: session, amount: 1 },
			{ counter: session, amount: 4 },
			{ counter: id, amount: 2 },
			{ counter: other, amount: 5 },
		]);
	});

	it("comes out of its row as it went in, whatever the accounts", () => {
		const call: Call = {
			id: { tenant: "acme", agent: "coder", id: "c" },
			session: "run-1",
			tool: "shell",
			commitment: "",
			phase: "open",
			firstReason: null,
			obligations: { redact: [], callDeadlineMs: 1, leaseMs: 1, messages: [] },
			issuedAt: 1,
			decidedAt: 2,
			dueAt: 3,
			executor: null,
			closedAt: null,
			reserved: [],
			hold: null,
		};
		for (const counters of [[], [id], [session, id, ...others], [id, session, ...others]]) {
			const reserved = reservationsOf(counters.map((counter, at) => charge(counter, at)));
			const row = JSON.parse(JSON.stringify(callRows.encode({ ...call, reserved })));
			expect(callRows.decode(row)).toEqual({ ...call, reserved });
		}
	});
});
