import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter } from "../../../../src/core/base/bytes.ts";
import type { CounterName } from "../../../../src/core/model/counters.ts";
import type { BudgetUse } from "../../../../src/core/model/entries.ts";
import { callKey } from "../../../../src/core/model/ids.ts";
import { HOUR } from "../../../../src/core/model/units.ts";
import {
	type Account,
	type Accounts,
	changeCounters,
	copyOf,
	counterOf,
	type OwnAccount,
	type OwnCounter,
	reservationsOf,
} from "../../../../src/core/state/accounts.ts";
import { type Call, callCell } from "../../../../src/core/state/call.ts";

/** Whose accounts are changed. */
const WHO = { tenant: "acme", agent: "coder", session: "run-1" };

const name: CounterName = {
	policy: "guard",
	limit: "cap",
	measure: "tokens",
	windowMs: HOUR,
	scope: "agent",
};

/** Each differs in one part of its name. */
const others: readonly CounterName[] = [
	{ ...name, policy: "other" },
	{ ...name, limit: "other" },
	{ ...name, measure: "cost" },
	{ ...name, windowMs: 0 },
];

const fresh = (counter: CounterName): OwnCounter => ({
	name: counter,
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

	own(scopeKey: string): OwnAccount | undefined {
		const account = this.all.get(scopeKey);
		return account && copyOf(account);
	}

	set(scopeKey: string, account: Account): void {
		this.all.set(scopeKey, account);
		this.filed.push(scopeKey);
	}

	/** Reserves one in each. */
	charge(counters: readonly CounterName[]): this {
		changeCounters(
			this,
			WHO,
			counters.map((counter) => ({ counter })),
			(known, { counter }) => {
				const charged = known ?? fresh(counter);
				charged.reserved += 1;
				return charged;
			},
		);
		return this;
	}
}

describe("an account", () => {
	it("has a counter for each (policy, limit, measure, window)", () => {
		const account = new Filed().charge([name, ...others, { ...name }]).get("acme/coder");
		expect(account?.counters).toHaveLength(1 + others.length);
		expect(counterOf(account, { ...name })?.reserved).toBe(2);
		for (const other of others) expect(counterOf(account, other)?.reserved).toBe(1);
	});

	it("holds its counters in the same order, whatever was charged first", () => {
		const all = [name, ...others];
		const accounts = [all, all.toReversed(), [...others, name]].map((order) =>
			new Filed().charge(order).get("acme/coder"),
		);
		for (const account of accounts) expect(JSON.stringify(account)).toBe(JSON.stringify(accounts[0]));
	});

	it("knows nothing of what was never charged", () => {
		const account = new Filed().charge([name]).get("acme/coder");
		expect(counterOf(account, others[0] as CounterName)).toBeUndefined();
		expect(counterOf(undefined, name)).toBeUndefined();
	});
});

describe("a change of counters", () => {
	it("files each account once, with what is charged in between to others", () => {
		const agent = { ...name, limit: "calls" };
		const session: CounterName = { ...name, scope: "session" };
		const filed = new Filed().charge([name, session, agent]);
		expect(filed.filed).toEqual(["acme/coder", "acme/coder/run-1"]);
		expect(filed.get("acme/coder")).toMatchObject({
			scope: "agent",
			counters: [{ name: { limit: "calls" } }, { name }],
		});
		expect(filed.get("acme/coder/run-1")).toMatchObject({ scope: "session", counters: [{ reserved: 1 }] });
	});

	it("files nothing where nothing changes, and makes no account for it", () => {
		const filed = new Filed().charge([name]);
		const parts = [{ counter: name }, { counter: { ...name, scope: "tenant" as const } }];
		changeCounters(filed, WHO, parts, () => undefined);
		expect(filed.filed).toEqual(["acme/coder"]);
	});

	it("leaves an account as it was of which a copy is changed", () => {
		const filed = new Filed().charge([name]);
		const before = filed.get("acme/coder");
		const text = JSON.stringify(before);
		filed.charge([name, ...others]);
		expect(JSON.stringify(before)).toBe(text);
	});

	it("changes the account itself where that is handed over", () => {
		const filed = new Filed().charge([name]);
		const account = filed.get("acme/coder") as OwnAccount;
		const accounts: Accounts = { own: () => account, set: (key, changed) => filed.set(key, changed) };
		changeCounters(accounts, WHO, [{ counter: name }], (counter) => {
			if (counter !== undefined) counter.reserved = 7;
			return counter;
		});
		expect(filed.get("acme/coder")).toBe(account);
		expect(counterOf(account, name)?.reserved).toBe(7);
	});
});

describe("what a call reserves", () => {
	const session: CounterName = { ...name, scope: "session" };
	const use = (counter: CounterName, amount: number, kind: BudgetUse["kind"] = "reserved"): BudgetUse => ({
		counter,
		repetition: "",
		max: 10,
		before: 0,
		amount,
		kind,
	});

	it("is what a decision leaves open, in its order", () => {
		const [other] = others as [CounterName];
		const uses = [use(session, 1), use(name, 2), use(session, 3, "settled"), use(other, 0, "none"), use(other, 5)];
		expect(reservationsOf(uses)).toEqual([
			{ counter: session, amount: 1 },
			{ counter: name, amount: 2 },
			{ counter: other, amount: 5 },
		]);
	});

	it("comes out of its row as it went in, whatever the accounts", () => {
		const call: Call = {
			...WHO,
			id: "c",
			actor: ["writer"],
			tool: "shell",
			commitment: "ab".repeat(32),
			phase: "open",
			firstReason: null,
			obligations: { redact: [], callDeadlineMs: 1, leaseMs: 1, messages: [] },
			issuedAt: 1,
			decidedAt: 2,
			dueAt: 3,
			executor: null,
			allow: { seq: 7, policyDigest: "cd".repeat(32) },
			closedAt: null,
			reserved: [],
			hold: null,
		};
		for (const counters of [[], [name], [session, name, ...others], [name, session, ...others]]) {
			const reserved = reservationsOf(counters.map((counter, at) => use(counter, at)));
			const row = new ByteWriter();
			callCell.write(row, { ...call, reserved }, callKey(call));
			expect(callCell.read(new ByteReader().open(row.bytes, 0, row.length), callKey(call))).toEqual({
				...call,
				reserved,
			});
		}
	});
});
