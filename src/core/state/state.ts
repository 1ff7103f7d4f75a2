/**
 * The state of one partition: the fold of its ledger, and of nothing else.
 *
 * `evolve` files new rows in the tables; accounts alone are changed in place, between `own` and `set`. The orders and
 * indexes beside the tables are derived from them and are no part of the digest.
 */
import type { HashSeed } from "../base/table/key-index.ts";
import type { RowGroups } from "../base/table/row-groups.ts";
import type { RowQueue } from "../base/table/row-queue.ts";
import { Table } from "../base/table/table.ts";
import type { InputTopic } from "../model/inputs.ts";
import type { Layout } from "../model/layout.ts";
import type { EpochMs, Offset } from "../model/units.ts";
import { type Account, accountCell, restsAt } from "./accounts.ts";
import { type Call, callCell, callForgetAt, isWaiting, sessionOf } from "./call.ts";
import { controlCell, controlForgetAt } from "./control.ts";
import { StateDigests } from "./digest.ts";
import { type Halt, haltCell } from "./halt.ts";
import { emptyHead, type Forgotten, type PolicyInForce, type StateHead } from "./head.ts";
import { type Session, sessionCell, sessionForgetAt } from "./session.ts";

/** Tables of which rows are forgotten in time. */
export type ForgettableTable = "accounts" | "calls" | "controls" | "sessions";

export interface State extends StateHead {
	readonly layout: Layout;
	streamTime: EpochMs;
	readonly forgotten: Forgotten;
	nextSeq: number;
	readonly inputs: Record<InputTopic, Offset>;
	policy: PolicyInForce;
	readonly calls: Table<Call>;
	readonly sessions: Table<Session>;
	/** By scope key. */
	readonly accounts: Table<Account>;
	readonly halts: Table<Halt>;
	/** Control ids seen, with the time at which they were. */
	readonly controls: Table<EpochMs>;
	readonly digests: StateDigests;
	/** Derived: calls by `dueAt`. */
	readonly due: RowQueue;
	/** Derived: what may be forgotten, by time. Sessions and accounts are looked at again when their time has come. */
	readonly forgettable: Readonly<Record<ForgettableTable, RowQueue>>;
	/** Derived: held calls of a session. */
	readonly heldBySession: Map<string, Set<string>>;
	/** Derived: lapsed calls, which somebody may have to look at. */
	readonly lapsed: Set<string>;
	/** Derived: accounts of a session, which are forgotten with it. */
	readonly accountsBySession: RowGroups;
	/** Derived: forgotten sessions that have left accounts behind. */
	readonly orphaned: Set<string>;
	/** Derived: the accounts of a forgotten session that go next, the first of them last. */
	readonly orphansNext: string[];
}

export interface StateOptions {
	/** False: for a state without a ledger behind it, whose digest nobody asks for. */
	readonly isDigested?: boolean;
	/** Two words of chance for the tables' keys, where others choose those; nothing that is decided depends on it. */
	readonly hashSeed?: HashSeed;
}

export function emptyState(layout: Layout, partition: number, options: StateOptions = {}): State {
	const { isDigested = true, hashSeed } = options;
	const how = { isDigested, ...(hashSeed === undefined ? {} : { seed: hashSeed }) };
	const tables: StateTables = {
		calls: new Table("calls", callCell, how),
		sessions: new Table("sessions", sessionCell, how),
		accounts: new Table("accounts", accountCell, how),
		halts: new Table("halts", haltCell, how),
		controls: new Table("controls", controlCell, how),
	};
	return stateOver(tables, layout, partition, isDigested);
}

type StateTables = Pick<State, "calls" | "sessions" | "accounts" | "halts" | "controls">;

/** The state over empty tables, with the orders and indexes beside them. */
export function stateOver(tables: StateTables, layout: Layout, partition: number, isDigested: boolean): State {
	const { calls, sessions, accounts, halts, controls } = tables;
	const head = emptyHead(partition);
	return {
		...head,
		...tables,
		layout,
		forgotten: { ...head.forgotten },
		inputs: { ...head.inputs },
		digests: new StateDigests([calls, sessions, accounts, halts, controls], head, isDigested),
		due: calls.queue(),
		forgettable: {
			accounts: accounts.queue(),
			calls: calls.queue(),
			controls: controls.queue(),
			sessions: sessions.queue(),
		},
		heldBySession: new Map(),
		lapsed: new Set(),
		accountsBySession: accounts.groups(),
		orphaned: new Set(),
		orphansNext: [],
	};
}

/** Files a call and keeps the indexes in step. */
export function putCall(state: State, key: string, call: Call): void {
	const before = state.calls.get(key);
	state.calls.set(key, call);
	indexCall(state, key, call, before);
}

/** `before`: what the call was, where it was there. */
export function indexCall(state: State, key: string, call: Call, before?: Call): void {
	if (call.phase === "held") {
		indexUnder(state.heldBySession, sessionOf(call), key);
	} else if (before?.phase === "held") {
		unindexUnder(state.heldBySession, sessionOf(call), key);
	}
	if (call.phase === "lapsed") state.lapsed.add(key);
	else if (before?.phase === "lapsed") state.lapsed.delete(key);
	if (isWaiting(call)) {
		state.due.set(key, call.dueAt);
	} else {
		state.due.remove(key);
		state.forgettable.calls.set(key, callForgetAt(state.layout, call));
	}
}

export function putSession(state: State, key: string, session: Session): void {
	state.sessions.set(key, session);
	queueSession(state, key, session);
}

/** Files a session for forgetting, once: it is looked at again when the time has come. */
export function queueSession(state: State, key: string, session: Session): void {
	const queue = state.forgettable.sessions;
	if (queue.timeOf(key) === undefined) queue.set(key, sessionForgetAt(state.layout, session));
}

export function putAccount(state: State, account: Account): void {
	const isNew = !state.accounts.has(account.scopeKey);
	state.accounts.set(account.scopeKey, account);
	if (isNew) indexAccount(state, account);
	queueAccount(state, account);
}

export function indexAccount(state: State, { scope, scopeKey }: Account): void {
	if (scope === "session") state.accountsBySession.add(sessionOfAccount(scopeKey), scopeKey);
}

/** Files an account for forgetting as soon as that could be; it is looked at again when the time has come. */
export function queueAccount(state: State, account: Account): void {
	const time = restsAt(account);
	if (time === null) return;
	const queue = state.forgettable.accounts;
	const queued = queue.timeOf(account.scopeKey);
	if (queued === undefined || time < queued) queue.set(account.scopeKey, time);
}

/** `identical_calls` appends `#commitment` to the session's key; parts of a key never hold a `#`. */
export function sessionOfAccount(scopeKey: string): string {
	const end = scopeKey.indexOf("#");
	return end === -1 ? scopeKey : scopeKey.slice(0, end);
}

/** What a forgotten session has left behind goes before anything else. */
export function queueOrphans(state: State, session: string): void {
	if (state.accountsBySession.sizeOf(session) > 0) state.orphaned.add(session);
}

export function putControl(state: State, id: string, at: EpochMs): void {
	state.controls.set(id, at);
	queueControl(state, id, at);
}

export function queueControl(state: State, id: string, at: EpochMs): void {
	state.forgettable.controls.set(id, controlForgetAt(state.layout, at));
}

function indexUnder(index: Map<string, Set<string>>, under: string, key: string): void {
	const keys = index.get(under);
	if (keys === undefined) index.set(under, new Set([key]));
	else keys.add(key);
}

function unindexUnder(index: Map<string, Set<string>>, under: string, key: string): void {
	const keys = index.get(under);
	if (keys === undefined) return;
	keys.delete(key);
	if (keys.size === 0) index.delete(under);
}
