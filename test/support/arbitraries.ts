/**
 * Random records of every type, within the bounds of the codec: for round trips, and for tests of whatever consumes
 * records. Records are well-formed one by one; whether they make sense together is for the test to arrange.
 */
import fc, { type Arbitrary } from "fast-check";
import { canonicalize } from "../../src/core/base/canonical-json.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { CAPS_MAX, INTEGER_MAX, NONCE_BYTES, SEALED_BYTES_MIN } from "../../src/core/model/bounds.ts";
import type { CounterName, Measure } from "../../src/core/model/counters.ts";
import type {
	BudgetUse,
	CallRef,
	DecisionBody,
	DeterminingRule,
	Effect,
	EntryHead,
	EntryKind,
	LedgerEntry,
	Obligations,
	Overshoot,
	Reason,
	Requirement,
	Settlement,
	Span,
} from "../../src/core/model/entries.ts";
import type { CallId, Principal } from "../../src/core/model/ids.ts";
import type {
	ControlHead,
	HaltScope,
	InputRecord,
	ReplyAddress,
	SessionFacts,
	SpendingCap,
	StoredInput,
	Usage,
} from "../../src/core/model/inputs.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import type { DerivedRecord } from "../../src/core/model/records.ts";
import type { SequenceName } from "../../src/core/model/sequences.ts";

/** A record with the prototype of a literal. */
const plain = <T>(model: { readonly [K in keyof T]: Arbitrary<T[K]> }): Arbitrary<T> =>
	fc.record(model, { noNullPrototype: true }) as Arbitrary<T>;

/** Text without control characters, 1 to 24 characters, now and then 256. */
const anyName: Arbitrary<string> = fc.oneof(
	{ weight: 8, arbitrary: fc.stringMatching(/^[a-z][a-z0-9._:/-]{0,23}$/) },
	{ weight: 2, arbitrary: fc.constantFrom("größe", "名前", "🙂", "a b", "__proto__", "%2F/", "n".repeat(256)) },
	{
		weight: 1,
		arbitrary: fc
			.string({ unit: "binary", minLength: 1, maxLength: 20 })
			.map((text) => text.replace(/\p{Cc}/gu, "_"))
			.filter((text) => text.isWellFormed()),
	},
);

const anyExecutor: Arbitrary<string> = fc.oneof(fc.constantFrom("", "e".repeat(64)), fc.stringMatching(/^[\w-]{22}$/));
const anyCap: Arbitrary<SpendingCap> = plain({
	name: fc.oneof(fc.constantFrom("größe", "名".repeat(64)), fc.stringMatching(/^[a-z0-9_-]{1,64}$/)),
	measure: fc.constantFrom("tool_calls", "tokens", "cost"),
	max: fc.oneof(fc.nat(300), fc.integer({ min: 0, max: INTEGER_MAX })),
});
const anySketch: Arbitrary<string> = fc.oneof(fc.constant(""), fc.stringMatching(/^[0-9a-f]{256}$/));
const anyFolder: Arbitrary<string> = fc.oneof(
	fc.constantFrom("/", "/srv/project", "/größe", `/${"f".repeat(1_023)}`),
	fc.stringMatching(/^\/[a-z/]{0,30}$/),
);
const anyLabel: Arbitrary<string> = fc.oneof(anyName, fc.constant(""));

/** Words for people: any well-formed Unicode. */
const anyText: Arbitrary<string> = fc.string({ unit: "binary", maxLength: 200 }).filter((text) => text.isWellFormed());

/** A safe integer of the model; small ones are as likely as large ones. */
const anyCount: Arbitrary<number> = fc.oneof(
	fc.nat(300),
	fc.nat(),
	fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
	fc.integer({ min: 0, max: INTEGER_MAX }),
	fc.constantFrom(0, 63, 64, 8_191, 8_192, 2 ** 27 - 1, 2 ** 27, 2 ** 31, 2 ** 32, INTEGER_MAX),
);

const anyDigest: Arbitrary<string> = fc.stringMatching(/^[0-9a-f]{64}$/);
const anyDigestOrNone: Arbitrary<string> = fc.oneof(anyDigest, fc.constant(""));
const anySalt: Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 16, maxLength: 64 });

/** Arguments of a call: an I-JSON object, `__proto__` and friends among its keys. */
const anyArguments: Arbitrary<JsonObject> = fc
	.dictionary(
		fc.oneof(
			fc.stringMatching(/^[a-z]{1,8}$/),
			fc.constantFrom("__proto__", "constructor", "toString", "", "ключ", "\u0000"),
		),
		fc.jsonValue({ maxDepth: 3 }).filter((value) => isExact(value) && JSON.stringify(value).isWellFormed()),
		{ maxKeys: 5 },
	)
	// Through text, as arguments arrive: an own `__proto__` key, no lone surrogates, no negative zero.
	.map((args) => JSON.parse(canonicalize(args as JsonObject)) as JsonObject)
	.filter((args) => !/\\ud[89a-f]/i.test(JSON.stringify(args)));

/** Integers that a double would round are refused in arguments. */
function isExact(value: unknown): boolean {
	if (typeof value === "number") return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
	return typeof value !== "object" || value === null || Object.values(value).every(isExact);
}

const severity = fc.constantFrom("low", "medium", "high", "critical");
const mode = fc.constantFrom("enforce", "audit");
const verdict = fc.constantFrom("allow", "deny", "hold");
const status = fc.constantFrom("ok", "error", "unknown");
const callStatus = fc.constantFrom("open", "granted", "taken", "held", "closed", "halted");
const change = fc.constantFrom("topup", "reset");
const nullable = <T>(of: Arbitrary<T>): Arbitrary<T | null> => fc.option(of, { nil: null });
const few = <T>(of: Arbitrary<T>): Arbitrary<T[]> => fc.array(of, { maxLength: 3 });
const actor = fc.array(anyName, { maxLength: 16, size: "-1" });

const measure: Arbitrary<Measure> = fc.constantFrom(
	"tool_calls",
	"tokens",
	"cost",
	"execution_time",
	"concurrent_calls",
	"identical_calls",
);

const anyCallId: Arbitrary<CallId> = plain({ tenant: anyName, agent: anyName, id: anyName });
/** Three empty strings where the call is unknown. */
const anyCallIdOrNone: Arbitrary<CallId> = fc.oneof(anyCallId, fc.constant({ tenant: "", agent: "", id: "" }));

const anyPrincipal: Arbitrary<Principal> = plain({
	tenant: anyName,
	agent: anyName,
	session: anyName,
	actor,
	onBehalfOf: nullable(anyName),
	askedBy: nullable(anyName),
	sessionStartedAt: nullable(anyCount),
});

const anyFacts: Arbitrary<SessionFacts> = plain({ workspace: nullable(anyFolder), home: nullable(anyFolder) });

const usage: Arbitrary<Usage> = plain({
	tokens: nullable(anyCount),
	costMicros: nullable(anyCount),
	executionMs: nullable(anyCount),
});
const halt: Arbitrary<HaltScope> = plain({
	tenant: nullable(anyName),
	agent: nullable(anyName),
	session: nullable(anyName),
});

const anyReplyAddress: Arbitrary<ReplyAddress> = plain({
	topic: fc.oneof(
		fc.constant("replies"),
		fc.stringMatching(/^[a-z0-9-]{1,64}$/).map((name) => `replies.${name}`),
	),
	replyId: anyName,
});

const controlHead = { id: anyName, issuedBy: anyName, issuedAt: anyCount } satisfies {
	[K in keyof ControlHead]: Arbitrary<ControlHead[K]>;
};
const erased = {
	scope: plain({ tenant: anyName, agent: anyName, session: nullable(anyName), intent: nullable(anyName) }),
	intents: anyCount,
	reason: anyText,
};
const approval = { ...controlHead, call: anyCallId, session: anyName, commitment: anyDigest, comment: anyText };

/** One arbitrary per type of input. */
export const inputsByType: { readonly [T in InputRecord["type"]]: Arbitrary<Extract<InputRecord, { type: T }>> } = {
	"intent.submitted": plain({
		type: fc.constant("intent.submitted" as const),
		id: anyName,
		principal: anyPrincipal,
		tool: anyName,
		args: anyArguments,
		salt: anySalt,
		sessionSalt: anySalt,
		estimate: plain({ tokens: anyCount, costMicros: anyCount }),
		issuedAt: anyCount,
		deadline: anyCount,
		executor: anyExecutor,
		facts: nullable(anyFacts),
		caps: fc.array(anyCap, { maxLength: CAPS_MAX }),
	}).map((intent) => ({ ...intent, argsText: canonicalize(intent.args) })),
	"outcome.reported": plain({
		type: fc.constant("outcome.reported" as const),
		call: anyCallId,
		session: anyName,
		actor,
		status,
		usage,
		sketch: anySketch,
	}),
	"intent.abandoned": plain({
		type: fc.constant("intent.abandoned" as const),
		call: anyCallId,
		session: anyName,
		actor,
		reason: anyText,
		executor: anyExecutor,
	}),
	"approval.granted": plain({ type: fc.constant("approval.granted" as const), ...approval }),
	"approval.rejected": plain({ type: fc.constant("approval.rejected" as const), ...approval }),
	"halt.set": plain({ type: fc.constant("halt.set" as const), ...controlHead, scope: halt, reason: anyText }),
	"halt.lifted": plain({ type: fc.constant("halt.lifted" as const), ...controlHead, scope: halt, reason: anyText }),
	"policy.activated": plain({
		type: fc.constant("policy.activated" as const),
		...controlHead,
		generation: anyCount,
		digest: anyDigest,
		needsReview: fc.boolean(),
	}),
	"budget.adjusted": plain({
		type: fc.constant("budget.adjusted" as const),
		...controlHead,
		policy: anyName,
		limit: anyName,
		tenant: anyName,
		agent: anyLabel,
		session: anyLabel,
		change,
		amount: anyCount,
	}),
	"session.ended": plain({
		type: fc.constant("session.ended" as const),
		...controlHead,
		tenant: anyName,
		agent: anyName,
		session: anyName,
	}),
	"inputs.skipped": plain({
		type: fc.constant("inputs.skipped" as const),
		...controlHead,
		topic: fc.constantFrom("intents" as const, "control" as const),
		from: anyCount,
		until: anyCount,
		reason: anyText,
	}),
	"payload.erased": plain({ type: fc.constant("payload.erased" as const), ...controlHead, ...erased }),
	"clock.ticked": plain({ type: fc.constant("clock.ticked" as const), ...controlHead }),
};

/** The same for what is stored: an intent may be sealed there. */
export const storedInputsByType: {
	readonly [T in StoredInput["type"]]: Arbitrary<Extract<StoredInput, { type: T }>>;
} = {
	...inputsByType,
	"intent.sealed": fc
		.tuple(
			inputsByType["intent.submitted"],
			fc.uint8Array({ minLength: NONCE_BYTES, maxLength: NONCE_BYTES }),
			fc.uint8Array({ minLength: SEALED_BYTES_MIN, maxLength: 2 * SEALED_BYTES_MIN }),
		)
		.map(([{ args: _, argsText: _1, salt: _2, sessionSalt: _3, ...clear }, nonce, sealed]) => ({
			...clear,
			type: "intent.sealed" as const,
			nonce,
			sealed,
		})),
};

const anyTags = fc.array(anyLabel, { maxLength: 3 });
const span: Arbitrary<Span> = plain({ pointer: anyText, start: anyCount, end: anyCount });

const determiningRule: Arbitrary<DeterminingRule> = plain({
	code: anyName,
	policy: anyLabel,
	name: anyLabel,
	effect: fc.constantFrom("deny", "hold"),
	mode,
	severity,
	message: anyText,
	tags: anyTags,
});

const anyReason: Arbitrary<Reason> = plain({ rule: determiningRule, span: nullable(span) });

const anyObligations: Arbitrary<Obligations> = plain({
	redact: few(anyText),
	callDeadlineMs: anyCount,
	leaseMs: anyCount,
	messages: few(anyText),
});

const anyCounterName: Arbitrary<CounterName> = plain({
	policy: anyLabel,
	limit: anyName,
	measure,
	windowMs: anyCount,
	scope: fc.constantFrom("tenant", "agent", "session"),
});

const budgetUse: Arbitrary<BudgetUse> = plain({
	counter: anyCounterName,
	repetition: anyDigestOrNone,
	max: anyCount,
	before: anyCount,
	amount: anyCount,
	kind: fc.constantFrom("none", "reserved", "settled"),
});

const sequenceName: Arbitrary<SequenceName> = plain({
	policy: anyName,
	sequence: anyName,
	scope: fc.constantFrom("agent", "session"),
	withinMs: anyCount,
});

const ruleName = { policy: anyLabel, rule: anyLabel };

const requirement: Arbitrary<Requirement> = plain({
	...ruleName,
	approvers: few(anyName),
	quorum: anyCount,
	expiresAfterMs: anyCount,
	selfAllowed: fc.boolean(),
});

const decision: Arbitrary<DecisionBody> = plain({
	reasons: few(anyReason),
	obligations: anyObligations,
	uses: few(budgetUse),
	begins: few(sequenceName),
	policyDigest: anyDigestOrNone,
	classifier: anyDigestOrNone,
});

const anyCallRef: Arbitrary<CallRef> = plain({
	tenant: anyName,
	agent: anyName,
	id: anyName,
	session: anyName,
	actor,
	onBehalfOf: nullable(anyName),
	askedBy: nullable(anyName),
	publisher: nullable(anyName),
	tool: anyName,
	commitment: anyDigest,
	issuedAt: anyCount,
	sessionStartedAt: anyCount,
});

const effect: Arbitrary<Effect> = plain({
	kind: fc.constantFrom("hold.expired", "hold.ended", "reservation.expired", "slot.expired"),
	call: anyCallId,
	session: anyName,
	tool: anyName,
	address: nullable(anyReplyAddress),
	commitment: anyDigestOrNone,
});

const settlement: Arbitrary<Settlement> = plain({
	counter: anyCounterName,
	reserved: anyCount,
	settled: anyCount,
	excess: anyCount,
});

const overshoot: Arbitrary<Overshoot> = plain({
	counter: anyCounterName,
	debt: anyCount,
	mode,
	severity,
	tags: anyTags,
});

const head = {
	seq: anyCount,
	at: anyCount,
	semantics: anyCount,
	cause: plain({ topic: fc.constantFrom("intents", "control"), partition: anyCount, offset: anyCount }),
	causeTime: anyCount,
	late: fc.boolean(),
	ahead: fc.boolean(),
	effects: few(effect),
	stateDigest: anyDigestOrNone,
} satisfies { [K in keyof EntryHead]: Arbitrary<EntryHead[K]> };

const control = { ...head, controlId: anyName, by: anyName };
const haltEntry = { ...control, scope: halt, reason: anyText };

/** One arbitrary per kind of ledger entry. */
export const entriesByKind: { readonly [K in EntryKind]: Arbitrary<Extract<LedgerEntry, { kind: K }> | LedgerEntry> } =
	{
		"decision.made": plain({
			kind: fc.constant("decision.made" as const),
			...head,
			call: anyCallRef,
			executor: anyExecutor,
			verdict: fc.constantFrom("allow", "deny"),
			decision,
			facts: nullable(anyFacts),
		}),
		"decision.held": plain({
			kind: fc.constant("decision.held" as const),
			...head,
			call: anyCallRef,
			decision,
			requirements: few(requirement),
			expiresAt: anyCount,
			address: nullable(anyReplyAddress),
			facts: nullable(anyFacts),
		}),
		"decision.repeated": plain({
			kind: fc.constant("decision.repeated" as const),
			...head,
			call: anyCallId,
			commitment: anyDigest,
			executor: anyExecutor,
			verdict,
			firstReason: nullable(anyReason),
			obligations: anyObligations,
			status: callStatus,
			allow: nullable(plain({ seq: anyCount, at: anyCount, policyDigest: anyDigest })),
			expiresAt: anyCount,
			address: nullable(anyReplyAddress),
		}),
		"usage.settled": plain({
			kind: fc.constant("usage.settled" as const),
			...head,
			call: anyCallId,
			session: anyName,
			status,
			usage,
			afterDeadline: fc.boolean(),
			admittedAt: anyCount,
			settlements: few(settlement),
			overshoots: few(overshoot),
		}),
		"approval.recorded": plain({
			kind: fc.constant("approval.recorded" as const),
			...head,
			approvalId: anyName,
			by: anyName,
			vote: fc.constantFrom("granted", "rejected"),
			comment: anyText,
			call: anyCallRef,
			countedFor: few(plain(ruleName)),
			result: fc.constantFrom("pending", "allow", "deny", "hold"),
			decision: nullable(decision),
			requirements: few(requirement),
			expiresAt: anyCount,
			address: nullable(anyReplyAddress),
		}),
		"policy.activated": plain({
			kind: fc.constant("policy.activated" as const),
			...control,
			generation: anyCount,
			digest: anyDigest,
			proposedBy: anyLabel,
			signed: fc.boolean(),
		}),
		"policy.proposed": plain({
			kind: fc.constant("policy.proposed" as const),
			...control,
			generation: anyCount,
			digest: anyDigest,
		}),
		"halt.set": plain({ kind: fc.constant("halt.set" as const), ...haltEntry }),
		"halt.lifted": plain({ kind: fc.constant("halt.lifted" as const), ...haltEntry }),
		"budget.adjusted": plain({
			kind: fc.constant("budget.adjusted" as const),
			...control,
			counter: anyCounterName,
			scopeKey: anyText,
			change,
			amount: anyCount,
		}),
		"session.ended": plain({
			kind: fc.constant("session.ended" as const),
			...control,
			tenant: anyName,
			agent: anyName,
			session: anyName,
		}),
		"inputs.skipped": plain({
			kind: fc.constant("inputs.skipped" as const),
			...control,
			topic: fc.constantFrom("intents" as const, "control" as const),
			from: anyCount,
			until: anyCount,
			reason: anyText,
		}),
		"payload.erased": plain({ kind: fc.constant("payload.erased" as const), ...control, ...erased }),
		"intent.abandoned": plain({
			kind: fc.constant("intent.abandoned" as const),
			...head,
			call: anyCallId,
			session: anyName,
			reason: anyText,
		}),
		"clock.ticked": plain({ kind: fc.constant("clock.ticked" as const), ...head }),
		"input.rejected": plain({
			kind: fc.constant("input.rejected" as const),
			...head,
			code: anyName,
			detail: anyText,
			call: anyCallIdOrNone,
			commitment: anyDigestOrNone,
			severity,
			recordDigest: anyDigestOrNone,
		}),
	};

const layout: Arbitrary<Layout> = plain({
	partitions: anyCount,
	budgetRoot: fc.constantFrom("tenant", "tenant/agent", "tenant/agent/session"),
	dedupeMs: anyCount,
	sessionMs: anyCount,
});

/** One arbitrary per type of derived record. */
export const derivedByType: { readonly [T in DerivedRecord["type"]]: Arbitrary<Extract<DerivedRecord, { type: T }>> } =
	{
		claim: plain({ type: fc.constant("claim" as const), claimId: anyName, instance: anyName, layout }),
		"violation.detected": plain({
			type: fc.constant("violation.detected" as const),
			id: anyName,
			partition: anyCount,
			seq: anyCount,
			index: anyCount,
			at: anyCount,
			code: anyName,
			policy: anyLabel,
			rule: anyLabel,
			severity,
			mode,
			verdict,
			call: anyCallIdOrNone,
			session: anyLabel,
			tool: anyLabel,
			span: nullable(span),
			message: anyText,
			tags: anyTags,
		}),
		"checkpoint.created": plain({
			type: fc.constant("checkpoint.created" as const),
			id: anyName,
			partition: anyCount,
			size: anyCount,
			at: anyCount,
			root: anyDigest,
			stateDigest: anyDigestOrNone,
			policyDigest: anyDigestOrNone,
		}),
		"checkpoint.signed": plain({
			type: fc.constant("checkpoint.signed" as const),
			origin: anyText,
			size: anyCount,
			root: anyDigest,
			note: anyText,
		}),
		"call.replayed": plain({
			type: fc.constant("call.replayed" as const),
			id: anyName,
			candidate: anyDigest,
			from: anyCount,
			partition: anyCount,
			seq: anyCount,
			at: anyCount,
			call: anyCallId,
			session: anyName,
			tool: anyName,
			difference: fc.constantFrom("verdict", "reason", "budget"),
			recordedVerdict: verdict,
			recordedReason: nullable(anyReason),
			verdict,
			reason: nullable(anyReason),
		}),
		"decision.replied": plain({
			type: fc.constant("decision.replied" as const),
			replyId: anyLabel,
			partition: anyCount,
			seq: anyCount,
			call: anyCallId,
			session: anyLabel,
			commitment: anyDigestOrNone,
			verdict,
			status: callStatus,
			decision,
			expiresAt: anyCount,
			at: anyCount,
			token: anyText,
		}),
		"record.dead": plain({
			type: fc.constant("record.dead" as const),
			topic: anyName,
			partition: anyCount,
			offset: anyCount,
			code: anyName,
			detail: anyText,
			recordDigest: anyDigest,
		}),
		"policy.bundle": plain({
			type: fc.constant("policy.bundle" as const),
			digest: anyDigest,
			sources: few(plain({ name: anyText, text: anyText })),
			signature: anyText,
		}),
		"token-key.published": plain({
			type: fc.constant("token-key.published" as const),
			key: anyText,
			status: fc.constantFrom("active" as const, "retired" as const, "revoked" as const),
			since: anyCount,
			by: anyName,
		}),
		"snapshot.chunk": plain({
			type: fc.constant("snapshot.chunk" as const),
			snapshotId: anyName,
			index: anyCount,
			bytes: fc.uint8Array({ maxLength: 300 }),
		}),
		"snapshot.manifest": plain({
			type: fc.constant("snapshot.manifest" as const),
			snapshotId: anyName,
			seq: anyCount,
			ledgerOffset: anyCount,
			claimId: anyName,
			ledgerId: anyName,
			leafDigest: anyDigest,
			stateDigest: anyDigest,
			semantics: anyCount,
			rowsFormat: anyCount,
			chunks: anyCount,
			bytesDigest: anyDigest,
		}),
	};
