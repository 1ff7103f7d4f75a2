/** How parts of entries are written where a row keeps them. */
import { count, flag, list, nullable, record, shared, text, word } from "../base/cell.ts";
import type { CounterName, Measure } from "../model/counters.ts";
import type { DeterminingRule, Mode, Obligations, Reason, Severity, Span } from "../model/entries.ts";
import type { Scope } from "../model/ids.ts";
import type { ReplyAddress } from "../model/inputs.ts";
import type { SequenceName, SequenceScope } from "../model/sequences.ts";

export const scopeCell = word<Scope>({ tenant: 0, agent: 1, session: 2 });

const measure = word<Measure>({
	tool_calls: 0,
	tokens: 1,
	cost: 2,
	execution_time: 3,
	concurrent_calls: 4,
	identical_calls: 5,
});

export const counterNameCell = shared(
	record<CounterName>({
		policy: text,
		limit: text,
		measure,
		windowMs: count,
		scope: scopeCell,
	}),
);

export const sequenceNameCell = shared(
	record<SequenceName>({
		policy: text,
		sequence: text,
		scope: word<SequenceScope>({ agent: 1, session: 2 }),
		withinMs: count,
	}),
);

const determiningRule = shared(
	record<DeterminingRule>({
		code: text,
		policy: text,
		name: text,
		effect: word<DeterminingRule["effect"]>({ deny: 0, hold: 1 }),
		mode: word<Mode>({ enforce: 0, audit: 1 }),
		severity: word<Severity>({ low: 0, medium: 1, high: 2, critical: 3 }),
		message: text,
		tags: list(text),
	}),
);

export const reasonCell = record<Reason>({
	rule: determiningRule,
	span: nullable(record<Span>({ pointer: text, start: count, end: count })),
});

export const obligationsCell = shared(
	record<Obligations>({
		redact: list(text),
		callDeadlineMs: count,
		leaseMs: count,
		messages: list(text),
	}),
);

export const addressCell = record<ReplyAddress>({ topic: text, replyId: text });

export const requirementCells = {
	policy: text,
	rule: text,
	approvers: list(text),
	quorum: count,
	expiresAfterMs: count,
	selfAllowed: flag,
};
