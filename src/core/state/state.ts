/**
 * The state of one partition: the fold of its ledger, and of nothing else.
 *
 * Tables hold immutable rows; `evolve` files new ones. The indexes beside them are derived from the tables and are no part
 * of the digest.
 */
import { taggedDigest } from "../base/digest.ts";
import { type Timed, TimeHeap } from "../base/heap.ts";
import type { Json } from "../base/json.ts";
import { Table } from "../base/table.ts";
import { Timetable } from "../base/timetable.ts";
import type { InputTopic } from "../model/inputs.ts";
import type { Layout } from "../model/layout.ts";
import { AHEAD_MAX_MS, type EpochMs, type Offset } from "../model/units.ts";
import { type Account, restsAt } from "./accounts.ts";
import { type Call, isWaiting, sessionOf } from "./call.ts";
import { accountRows, callRows, controlRows, haltRows, sessionRows } from "./rows.ts";
import type { Halt, Session } from "./session.ts";

/** The policies in force. Digest "" and generation 0: none yet. */
export interface PolicyInForce {
	readonly digest: string;
	readonly generation: number;
	readonly activationId: string;
}

/** How young the youngest was that is forgotten: what is younger is news, whatever the log's own time says by now. */
export interface Forgotten {
	/** By `issuedAt`. */
	calls: EpochMs;
	/** By when it was seen. */
	controls: EpochMs;
	/** By when it was last seen. */
	sessions: EpochMs;
}

/** Something that may be forgotten at a time. `key` is `<table>:<row>`, so that ties have one order. */
export interface Forgettable extends Timed {
	readonly table: "calls" | "sessions" | "controls" | "accounts" | "orphans";
	readonly row: string;
}

export interface State {
	readonly layout: Layout;
	readonly partition: number;
	/** Whether the tables keep their digests. */
	readonly isDigested: boolean;
	/** Largest record timestamp seen, records stamped ahead of the processor's clock left out. */
	streamTime: EpochMs;
	readonly forgotten: Forgotten;
	nextSeq: number;
	/** Next offset to consume of each input topic. */
	readonly inputs: Record<InputTopic, Offset>;
	policy: PolicyInForce;
	readonly calls: Table<Call>;
	readonly sessions: Table<Session>;
	/** By scope key. */
	readonly accounts: Table<Account>;
	readonly halts: Table<Halt>;
	/** Control ids seen, with the time at which they were. */
	readonly controls: Table<EpochMs>;
	/** Derived: calls by `dueAt`. */
	readonly due: Timetable;
	/** Derived: what may be forgotten, by time. */
	readonly forgettable: TimeHeap<Forgettable>;
	/** Derived: sessions that stand in `forgettable`. */
	readonly sessionsQueued: Set<string>;
	/** Derived: held calls of a session. */
	readonly heldBySession: Map<string, Set<string>>;
	/** Derived: accounts that stand in `forgettable`, and since when they are looked for there. */
	readonly accountsQueued: Map<string, EpochMs>;
	/** Derived: accounts of a session, which are forgotten with it. */
	readonly accountsBySession: Map<string, Set<string>>;
	/** Derived: the accounts of a forgotten session that go next, the first of them last. */
	readonly orphansNext: string[];
}

/** `isDigested: false`: for a state that no ledger stands behind, whose digest nobody asks for. */
export function emptyState(layout: Layout, partition: number, { isDigested = true } = {}): State {
	const waitingMax = (rows: number): number | null => (isDigested ? rows : null);
	return {
		layout,
		partition,
		isDigested,
		streamTime: 0,
		forgotten: { calls: 0, controls: 0, sessions: 0 },
		nextSeq: 0,
		inputs: { intents: 0, control: 0 },
		policy: { digest: "", generation: 0, activationId: "" },
		calls: new Table("calls", callRows, waitingMax(8)),
		sessions: new Table("sessions", sessionRows, waitingMax(64)),
		accounts: new Table("accounts", accountRows, waitingMax(64)),
		halts: new Table("halts", haltRows, waitingMax(64)),
		controls: new Table("controls", controlRows, waitingMax(8)),
		due: new Timetable(),
		forgettable: new TimeHeap(),
		sessionsQueued: new Set(),
		heldBySession: new Map(),
		accountsQueued: new Map(),
		accountsBySession: new Map(),
		orphansNext: [],
	};
}

/** When a closed call's id is forgotten: the dedupe time after it was over, for that may be long after its decision. */
export const callForgetAt = (layout: Layout, call: Call): EpochMs =>
	Math.max(call.closedAt ?? call.decidedAt, call.issuedAt) + layout.dedupeMs;

/** When a control id is forgotten: no sooner than a repetition is stale by its own `issuedAt`. */
const controlForgetAt = (layout: Layout, seenAt: EpochMs): EpochMs => seenAt + AHEAD_MAX_MS + layout.dedupeMs;

/** When a session that is idle is forgotten: no sooner than one that began by a clock ahead is stale by its own beginning. */
export const sessionForgetAt = (layout: Layout, { lastSeenAt }: Session): EpochMs =>
	lastSeenAt + AHEAD_MAX_MS + layout.sessionMs;

/**
 * SHA-256(`assent.state.v1\0` ‖ head ‖ sum of each table), 64 hex digits. Claims and ledger offsets are no part of it, so
 * that it is the same on every adapter and after an import. Empty for a state that keeps no digest.
 */
export function stateDigest(state: State): string {
	if (!state.isDigested) return "";
	const head = JSON.stringify([
		state.partition,
		state.streamTime,
		state.forgotten.calls,
		state.forgotten.controls,
		state.forgotten.sessions,
		state.nextSeq,
		state.inputs.intents,
		state.inputs.control,
		state.policy.digest,
		state.policy.generation,
		state.policy.activationId,
	]);
	return taggedDigest(
		"assent.state.v1",
		head,
		state.calls.digest(),
		state.sessions.digest(),
		state.accounts.digest(),
		state.halts.digest(),
		state.controls.digest(),
	);
}

/** Files a call and keeps the indexes in step. */
export function putCall(state: State, key: string, call: Call): void {
	const before = state.calls.get(key);
	state.calls.set(key, call);
	indexCall(state, key, call, before);
}

function indexCall(state: State, key: string, call: Call, before: Call | undefined): void {
	if (call.phase === "held") {
		indexUnder(state.heldBySession, sessionOf(call), key);
	} else if (before?.phase === "held") {
		unindexUnder(state.heldBySession, sessionOf(call), key);
	}
	if (isWaiting(call)) {
		state.due.set(key, call.dueAt);
	} else {
		state.due.remove(key);
		pushForgettable(state, callForgetAt(state.layout, call), "calls", key);
	}
}

export function putSession(state: State, key: string, session: Session): void {
	state.sessions.set(key, session);
	queueSession(state, key, session);
}

/** Files a session for forgetting, once: its place is looked up again when the time has come. */
export function queueSession(state: State, key: string, session: Session): void {
	if (state.sessionsQueued.has(key)) return;
	state.sessionsQueued.add(key);
	pushForgettable(state, sessionForgetAt(state.layout, session), "sessions", key);
}

export function putAccount(state: State, account: Account): void {
	if (!state.accounts.has(account.scopeKey)) indexAccount(state, account);
	state.accounts.set(account.scopeKey, account);
	queueAccount(state, account);
}

function indexAccount(state: State, { scope, scopeKey }: Account): void {
	if (scope === "session") indexUnder(state.accountsBySession, sessionOfAccount(scopeKey), scopeKey);
}

/** Files an account for forgetting as soon as that could be; it is looked at again when the time has come. */
export function queueAccount(state: State, account: Account): void {
	const time = restsAt(account);
	if (time === null) return;
	const queued = state.accountsQueued.get(account.scopeKey);
	if (queued !== undefined && queued <= time) return;
	state.accountsQueued.set(account.scopeKey, time);
	pushForgettable(state, time, "accounts", account.scopeKey);
}

export function deleteAccount(state: State, scopeKey: string): void {
	const account = state.accounts.get(scopeKey);
	state.accounts.delete(scopeKey);
	state.accountsQueued.delete(scopeKey);
	if (account?.scope === "session") unindexUnder(state.accountsBySession, sessionOfAccount(scopeKey), scopeKey);
}

/** `identical_calls` appends `#commitment` to the session's key; parts of a key never hold a `#`. */
const sessionOfAccount = (scopeKey: string): string => scopeKey.split("#", 1)[0] as string;

/** What a forgotten session has left behind goes before anything else. */
export function queueOrphans(state: State, session: string): void {
	if (state.accountsBySession.has(session)) pushForgettable(state, 0, "orphans", session);
}

export function putControl(state: State, id: string, at: EpochMs): void {
	state.controls.set(id, at);
	pushForgettable(state, controlForgetAt(state.layout, at), "controls", id);
}

function pushForgettable(state: State, time: EpochMs, table: Forgettable["table"], row: string): void {
	state.forgettable.push({ time, key: `${table}:${row}`, table, row });
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

/** The state's tables by name: their rows are written and read one piece after the other. */
export const TABLE_NAMES = ["calls", "sessions", "accounts", "halts", "controls"] as const;
export type TableName = (typeof TABLE_NAMES)[number];
export type TableRows = readonly (readonly [string, Json])[];

/** What of the state is in no table. */
export interface StateHead {
	readonly partition: number;
	readonly streamTime: EpochMs;
	readonly forgotten: Readonly<Forgotten>;
	readonly nextSeq: number;
	readonly inputs: Readonly<Record<InputTopic, Offset>>;
	readonly policy: PolicyInForce;
}

/** The state as plain rows. */
export type StateImage = StateHead & Readonly<Record<TableName, TableRows>>;

export const headOf = ({ partition, streamTime, forgotten, nextSeq, inputs, policy }: State): StateHead => ({
	partition,
	streamTime,
	forgotten: { ...forgotten },
	nextSeq,
	inputs: { ...inputs },
	policy,
});

export function imageOf(state: State): StateImage {
	return {
		...headOf(state),
		calls: state.calls.rows(),
		sessions: state.sessions.rows(),
		accounts: state.accounts.rows(),
		halts: state.halts.rows(),
		controls: state.controls.rows(),
	};
}

/** The state of a head, without any row yet. */
export function stateUnder(layout: Layout, head: StateHead, options?: { readonly isDigested: boolean }): State {
	const state = emptyState(layout, head.partition, options);
	state.streamTime = head.streamTime;
	Object.assign(state.forgotten, head.forgotten);
	state.nextSeq = head.nextSeq;
	state.inputs.intents = head.inputs.intents;
	state.inputs.control = head.inputs.control;
	state.policy = head.policy;
	return state;
}

/** Files rows that a table did not have, and keeps the indexes in step. */
export function loadRows(state: State, name: TableName, rows: TableRows): void {
	state[name].load(rows);
	for (const [key] of rows) indexRow(state, name, key);
}

function indexRow(state: State, name: TableName, key: string): void {
	switch (name) {
		case "calls": {
			const call = state.calls.get(key);
			if (call !== undefined) indexCall(state, key, call, undefined);
			return;
		}
		case "sessions": {
			const session = state.sessions.get(key);
			if (session !== undefined) queueSession(state, key, session);
			return;
		}
		case "accounts": {
			const account = state.accounts.get(key);
			if (account !== undefined) indexLoaded(state, account);
			return;
		}
		case "controls": {
			const at = state.controls.get(key);
			if (at !== undefined) pushForgettable(state, controlForgetAt(state.layout, at), "controls", key);
			return;
		}
		case "halts":
			return;
	}
}

function indexLoaded(state: State, account: Account): void {
	indexAccount(state, account);
	queueAccount(state, account);
	if (account.scope !== "session") return;
	const session = sessionOfAccount(account.scopeKey);
	// Once for each session. Where the session is there after all, the item is untrue and costs nothing.
	if (!state.sessions.has(session) && state.accountsBySession.get(session)?.size === 1) queueOrphans(state, session);
}

/** The state of an image, indexes rebuilt. Who calls it compares the digest with the one that the snapshot promised. */
export function stateOf(layout: Layout, image: StateImage): State {
	const state = stateUnder(layout, image);
	for (const name of TABLE_NAMES) loadRows(state, name, image[name]);
	return state;
}
