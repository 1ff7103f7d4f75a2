/**
 * How the state's rows are written, for the digest and for snapshots: arrays in a fixed order of fields, so that the same
 * value has the same text whatever way it was made.
 */
import type { Json } from "../base/json.ts";
import type { RowCodec } from "../base/table.ts";
import type { CounterName } from "../model/counters.ts";
import type { DeterminingRule, Obligations, Reason, Span } from "../model/entries.ts";
import type { ReplyAddress } from "../model/inputs.ts";
import type { EpochMs } from "../model/units.ts";
import type { Account, Counter, Reservation } from "./accounts.ts";
import type { Call, Hold, OpenRequirement } from "./call.ts";
import type { Halt, Session } from "./session.ts";

type Cells = readonly Json[];

/** Rows were written by `encode` and their digest was checked: the cells have the types that `encode` gave them. */
const text = (cell: Json | undefined): string => cell as string;
const number = (cell: Json | undefined): number => cell as number;
const cells = (cell: Json | undefined): Cells => cell as Cells;
const texts = (cell: Json | undefined): readonly string[] => cell as readonly string[];

const encodeSpan = (span: Span | null): Json => (span === null ? null : [span.pointer, span.start, span.end]);
const decodeSpan = (cell: Json | undefined): Span | null =>
	cell === null ? null : { pointer: text(cells(cell)[0]), start: number(cells(cell)[1]), end: number(cells(cell)[2]) };

const encodeReason = (of: Reason | null): Json =>
	of === null
		? null
		: [
				of.rule.code,
				of.rule.policy,
				of.rule.name,
				of.rule.effect,
				of.rule.mode,
				of.rule.severity,
				of.rule.message,
				encodeSpan(of.span),
			];

function decodeReason(cell: Json | undefined): Reason | null {
	if (cell === null) return null;
	const [code, policy, name, effect, mode, severity, message, span] = cells(cell);
	return {
		rule: {
			code: text(code),
			policy: text(policy),
			name: text(name),
			effect: effect as DeterminingRule["effect"],
			mode: mode as DeterminingRule["mode"],
			severity: severity as DeterminingRule["severity"],
			message: text(message),
		},
		span: decodeSpan(span),
	};
}

const encodeObligations = (of: Obligations): Json => [of.redact, of.callDeadlineMs, of.leaseMs, of.messages];
const decodeObligations = (cell: Json | undefined): Obligations => {
	const [redact, callDeadlineMs, leaseMs, messages] = cells(cell);
	return {
		redact: texts(redact),
		callDeadlineMs: number(callDeadlineMs),
		leaseMs: number(leaseMs),
		messages: texts(messages),
	};
};

/** The cells with which a counter and a reservation of it both begin. */
const decodeCounterName = ([policy, limit, measure, windowMs, scope]: Cells): CounterName => ({
	policy: text(policy),
	limit: text(limit),
	measure: measure as CounterName["measure"],
	windowMs: number(windowMs),
	scope: scope as CounterName["scope"],
});

const encodeReserved = (of: readonly Reservation[]): Json =>
	of.map(({ counter, amount }) => [
		counter.policy,
		counter.limit,
		counter.measure,
		counter.windowMs,
		counter.scope,
		amount,
	]);

const decodeReserved = (cell: Json | undefined): Reservation[] =>
	cells(cell).map((reservation) => {
		const of = cells(reservation);
		return { counter: decodeCounterName(of), amount: number(of[5]) };
	});

const encodeAddress = (of: ReplyAddress | null): Json => (of === null ? null : [of.topic, of.replyId]);
const decodeAddress = (cell: Json | undefined): ReplyAddress | null =>
	cell === null ? null : { topic: text(cells(cell)[0]), replyId: text(cells(cell)[1]) };

const encodeRequirement = (of: OpenRequirement): Json => [
	of.policy,
	of.rule,
	of.approvers,
	of.quorum,
	of.expiresAfterMs,
	of.selfAllowed,
	of.votes,
];
const decodeRequirement = (cell: Json): OpenRequirement => {
	const [policy, rule, approvers, quorum, expiresAfterMs, selfAllowed, votes] = cells(cell);
	return {
		policy: text(policy),
		rule: text(rule),
		approvers: texts(approvers),
		quorum: number(quorum),
		expiresAfterMs: number(expiresAfterMs),
		selfAllowed: selfAllowed as boolean,
		votes: texts(votes),
	};
};

const encodeHold = (of: Hold | null): Json =>
	of === null
		? null
		: [
				of.requirements.map(encodeRequirement),
				of.satisfied.map(encodeRequirement),
				of.expiresAt,
				of.isEnded,
				of.intentOffset,
				encodeAddress(of.address),
				of.actor,
				of.onBehalfOf,
				of.sessionStartedAt,
			];

function decodeHold(cell: Json | undefined): Hold | null {
	if (cell === null) return null;
	const [requirements, satisfied, expiresAt, isEnded, intentOffset, address, actor, onBehalfOf, startedAt] =
		cells(cell);
	return {
		requirements: cells(requirements).map(decodeRequirement),
		satisfied: cells(satisfied).map(decodeRequirement),
		expiresAt: number(expiresAt),
		isEnded: isEnded as boolean,
		intentOffset: number(intentOffset),
		address: decodeAddress(address),
		actor: texts(actor),
		onBehalfOf: onBehalfOf as string | null,
		sessionStartedAt: number(startedAt),
	};
}

export const callRows: RowCodec<Call> = {
	encode: (of) => [
		of.tenant,
		of.agent,
		of.id,
		of.session,
		of.tool,
		of.commitment,
		of.phase,
		encodeReason(of.firstReason),
		encodeObligations(of.obligations),
		of.issuedAt,
		of.decidedAt,
		of.dueAt,
		of.executor,
		of.closedAt,
		encodeReserved(of.reserved),
		encodeHold(of.hold),
	],
	decode: (row) => {
		const [
			tenant,
			agent,
			id,
			session,
			tool,
			commitment,
			phase,
			reason,
			obligations,
			issued,
			decided,
			due,
			executor,
			closed,
			reserved,
			hold,
		] = cells(row);
		return {
			tenant: text(tenant),
			agent: text(agent),
			id: text(id),
			session: text(session),
			tool: text(tool),
			commitment: text(commitment),
			phase: phase as Call["phase"],
			firstReason: decodeReason(reason),
			obligations: decodeObligations(obligations),
			issuedAt: number(issued),
			decidedAt: number(decided),
			dueAt: number(due),
			executor: executor as string | null,
			closedAt: closed as EpochMs | null,
			reserved: decodeReserved(reserved),
			hold: decodeHold(hold),
		};
	},
};

export const sessionRows: RowCodec<Session> = {
	encode: (of) => [of.lastSeenAt, of.openCalls, of.isEnded],
	decode: (row) => {
		const [lastSeenAt, openCalls, isEnded] = cells(row);
		return {
			lastSeenAt: number(lastSeenAt),
			openCalls: number(openCalls),
			isEnded: isEnded as boolean,
		};
	},
};

const encodeCounter = ({ name, reserved, settled, toppedUp, buckets, topUps }: Counter): Json => [
	name.policy,
	name.limit,
	name.measure,
	name.windowMs,
	name.scope,
	reserved,
	settled,
	toppedUp,
	buckets,
	topUps,
];
const decodeCounter = (cell: Json): Counter => {
	const of = cells(cell);
	const [reserved, settled, toppedUp, buckets, topUps] = of.slice(5);
	return {
		name: decodeCounterName(of),
		reserved: number(reserved),
		settled: number(settled),
		toppedUp: number(toppedUp),
		buckets: buckets as unknown as Counter["buckets"],
		topUps: topUps as unknown as Counter["topUps"],
	};
};

export const accountRows: RowCodec<Account> = {
	encode: (of) => [of.scope, of.scopeKey, of.counters.map(encodeCounter)],
	decode: (row) => {
		const [scope, scopeKey, counters] = cells(row);
		return {
			scope: scope as Account["scope"],
			scopeKey: text(scopeKey),
			counters: cells(counters).map(decodeCounter),
		};
	},
};

export const haltRows: RowCodec<Halt> = {
	encode: (of) => [of.tenant, of.agent, of.session, of.since, of.by, of.reason],
	decode: (row) => {
		const [tenant, agent, session, since, by, reason] = cells(row);
		return {
			tenant: tenant as string | null,
			agent: agent as string | null,
			session: session as string | null,
			since: number(since),
			by: text(by),
			reason: text(reason),
		};
	},
};

export const controlRows: RowCodec<EpochMs> = { encode: (at) => at, decode: (row) => row as number };
