/** Records inside records: who asks, which call, reasons, budgets. */
import { ACTOR_PARTS_MAX, TAGS_MAX } from "../../model/bounds.ts";
import type { CounterName } from "../../model/counters.ts";
import type {
	AllowRef,
	BudgetUse,
	CallRef,
	Cause,
	DecisionBody,
	DeterminingRule,
	Effect,
	Obligations,
	Overshoot,
	Reason,
	Requirement,
	RuleName,
	Settlement,
	Span,
} from "../../model/entries.ts";
import type { CallId, Principal } from "../../model/ids.ts";
import type { ErasureScope, HaltScope, ReplyAddress, SessionFacts, Usage } from "../../model/inputs.ts";
import type { Layout } from "../../model/layout.ts";
import type { SequenceName } from "../../model/sequences.ts";
import {
	count,
	digest,
	digestOrNone,
	field,
	folder,
	key,
	label,
	list,
	name,
	nullable,
	oneOf,
	record,
	shared,
	words,
	yesNo,
} from "../shape.ts";

export const TAGS = "What its author files the rule under, such as `ASI02` or `T1485`: for alerts and reports.";

export const tags = list(label, TAGS_MAX);

export const severity = oneOf("low", "medium", "high", "critical");
export const mode = oneOf("enforce", "audit");
export const verdict = oneOf("allow", "deny", "hold");
export const finalVerdict = oneOf("allow", "deny");
export const callStatus = oneOf("open", "granted", "taken", "held", "closed", "halted");
export const outcomeStatus = oneOf("ok", "error", "unknown");
export const inputTopic = oneOf("intents", "control");
export const budgetChange = oneOf("topup", "reset");
const measure = oneOf("tool_calls", "tokens", "cost", "execution_time", "concurrent_calls", "identical_calls");

const TENANT = field(name, "The tenant: budgets and ids of different tenants never meet.");
const AGENT = field(name, "The root agent: budgets and partition keys go by it.");
const ID = field(name, "The call's id, unique per tenant and agent, drawn by whoever asks.");
const SESSION = field(name, "One run of the agent.");
const ACTOR = field(
	list(name, ACTOR_PARTS_MAX),
	"Sub-agents below the root agent, outermost first; empty when the root agent itself asks.",
);
/** Of a report. */
export const REPORTER = field(
	list(name, ACTOR_PARTS_MAX),
	"Who says so: a sub-agent, outermost first, which speaks for its own calls and those below it; empty: the root agent, which speaks for all.",
);
const ON_BEHALF_OF = field(
	nullable(name),
	"The human that the agent works for, if any: never an approver of the same call.",
);
const ASKED_BY = field(
	nullable(name),
	"To whom the credential was issued with which the call was asked for, as a gateway knows it: never an approver of the same call. Null: the publisher does not say.",
);

export const callId = record<CallId>("CallId", "Names one intent: ids are unique per tenant and agent.", {
	tenant: TENANT,
	agent: AGENT,
	id: ID,
});

/** The same record where the call may be unknown: three empty strings. */
export const callIdOrNone = record<CallId>(
	"CallId",
	"Names one intent; three empty strings where it could not be read.",
	{
		tenant: field(label, "The call's tenant, or empty."),
		agent: field(label, "The call's root agent, or empty."),
		id: field(label, "The call's id, or empty."),
	},
);

/** Tenant, agent and session come first: they can be read even where a later field is out of bounds. */
export const principal = record<Principal>("Principal", "Who asks.", {
	tenant: TENANT,
	agent: AGENT,
	session: SESSION,
	actor: ACTOR,
	onBehalfOf: ON_BEHALF_OF,
	askedBy: ASKED_BY,
	sessionStartedAt: field(
		nullable(count),
		"When the session began, in milliseconds since 1970; null: at the intent's own `issuedAt`.",
	),
});

export const callRef = record<CallRef>("CallRef", "The call that a decision is about.", {
	tenant: TENANT,
	agent: AGENT,
	id: ID,
	session: SESSION,
	actor: ACTOR,
	onBehalfOf: ON_BEHALF_OF,
	askedBy: ASKED_BY,
	publisher: field(
		nullable(name),
		"The publisher that signed the intent, where the policies name publishers: never an approver of the call either. Else null.",
	),
	tool: field(name, "The tool that is to be called."),
	commitment: field(
		digest,
		"The call in one number that says nothing of its arguments: SHA-256 of `assent.args.v1`, a zero byte, the intent's salt and the canonical JSON of {args, tool}; 64 hex digits.",
	),
	issuedAt: field(count, "When the intent was made, in milliseconds since 1970 by the publisher's clock."),
	sessionStartedAt: field(count, "When the session began, in milliseconds since 1970."),
});

export const sessionFacts = record<SessionFacts>(
	"SessionFacts",
	"What a session says of itself: the folders of its machine.",
	{
		workspace: field(nullable(folder), "Where relative paths begin, an absolute path; null: not said."),
		home: field(nullable(folder), "What `~` stands for, an absolute path; null: not said."),
	},
);

export const usage = record<Usage>(
	"Usage",
	"What a call used. Null: nobody can tell, and it costs what was reserved for it.",
	{
		tokens: field(nullable(count), "Tokens."),
		costMicros: field(nullable(count), "Money, in millionths of the deployment's currency unit."),
		executionMs: field(nullable(count), "How long the tool ran, in milliseconds."),
	},
);

export const haltScope = record<HaltScope>(
	"HaltScope",
	"What a halt stops. Null means all: three nulls stop everybody.",
	{
		tenant: field(nullable(name), "This tenant alone, or every tenant."),
		agent: field(nullable(name), "This root agent alone, or every agent."),
		session: field(nullable(name), "This session alone, or every session."),
	},
);

export const erasureScope = record<ErasureScope>(
	"ErasureScope",
	"Whose arguments are erased: those of an agent, of one of its sessions, or of one intent.",
	{
		tenant: field(name, "The tenant."),
		agent: field(name, "The root agent."),
		session: field(nullable(name), "This session alone, or every session."),
		intent: field(nullable(name), "This intent alone, by its id, or every intent."),
	},
);

export const replyAddress = record<ReplyAddress>("ReplyAddress", "Where a reply goes.", {
	topic: field(name, "`replies` or `replies.<name>`, without the deployment's prefix."),
	replyId: field(name, "The submission's own id, which the reply echoes."),
});

export const cause = record<Cause>("Cause", "The input that an entry answers.", {
	topic: field(inputTopic, "Which of the two input topics it is on."),
	partition: field(count, "Its partition, which is also the ledger's."),
	offset: field(count, "Its offset in that partition."),
});

export const span = record<Span>("Span", "Where in the arguments a pattern matched.", {
	pointer: field(key, "JSON pointer (RFC 6901) of the text, or of the array whose items were joined by spaces."),
	start: field(count, "Where the match begins, in UTF-16 code units of that text."),
	end: field(count, "Where it ends, exclusive, in UTF-16 code units."),
});

export const determiningRule = shared(
	record<DeterminingRule>(
		"DeterminingRule",
		"What a rule says each time it fires, or the step itself, which has rules of its own (then `policy` and `name` are empty).",
		{
			code: field(name, "What fired, from a closed list: `tool.denied`, `pattern.matched`, `budget.exhausted`, …"),
			policy: field(label, "The policy's name."),
			name: field(label, "The rule's name within the policy."),
			effect: field(oneOf("deny", "hold"), "What the rule asks for."),
			mode: field(mode, "In mode `audit` the rule is recorded and has no force."),
			severity: field(severity, "How grave its author takes it to be."),
			message: field(words, "The policy author's words, or the engine's; never argument text."),
			tags: field(tags, TAGS),
		},
	),
);

export const reason = record<Reason>("Reason", "Why a call was decided as it was.", {
	rule: field(determiningRule, "The rule that fired."),
	span: field(nullable(span), "Where its pattern matched; null for a rule without a place."),
});

export const allowRef = record<AllowRef>("AllowRef", "Which entry allowed a call.", {
	seq: field(count, "Index of the entry: that of the decision, or of the vote that was the last a hold needed."),
	at: field(count, "Its stream time, in milliseconds since 1970."),
	policyDigest: field(digest, "Digest of the policies that allowed the call, 64 hex digits."),
});

export const obligations = shared(
	record<Obligations>("Obligations", "What the executor must do with an allowed call.", {
		redact: field(
			list(key),
			"JSON pointers into the arguments whose values are replaced by `[redacted]` before the call runs.",
		),
		callDeadlineMs: field(
			count,
			"How long the call may take, in milliseconds; its reservation is settled when that has passed.",
		),
		leaseMs: field(
			count,
			"How long the call's concurrency slots stay taken while nobody reports that its tool has ended, in milliseconds: a tool that outruns its deadline may still be running. Never less than `callDeadlineMs`.",
		),
		messages: field(list(words), "Words for the model, attached to the call's result."),
	}),
);

export const counterName = shared(
	record<CounterName>("CounterName", "Names the counter of a limit in each account of its scope.", {
		policy: field(label, "The policy that holds the limit; empty for what a credential may spend."),
		limit: field(name, "The limit's name within the policy; of a credential its own."),
		measure: field(measure, "What the limit counts."),
		windowMs: field(count, "Length of the sliding window in milliseconds; 0 means for life."),
		scope: field(oneOf("tenant", "agent", "session"), "How wide the limit counts."),
	}),
);

const budgetUse = record<BudgetUse>(
	"BudgetUse",
	"A budget as the decision saw it, and what the call takes of it. The account is that of the call's own tenant, agent or session.",
	{
		counter: field(counterName, "The counter."),
		repetition: field(
			digestOrNone,
			"For `identical_calls`: the commitment of the call under its session's salt, 64 hex digits; else empty.",
		),
		max: field(count, "The maximum, top-ups included."),
		before: field(count, "Settled and reserved before the decision."),
		amount: field(count, "What the call takes, in the measure's own unit; 0 where it takes nothing: it was denied."),
		kind: field(
			oneOf("none", "reserved", "settled"),
			"`reserved` is open until an outcome or the deadline; `settled` is final at once.",
		),
	},
);

export const sequenceName = shared(
	record<SequenceName>("SequenceName", "Names a sequence: calls that are stopped after another one.", {
		policy: field(name, "The policy that holds the sequence."),
		sequence: field(name, "The sequence's name within the policy."),
		scope: field(oneOf("agent", "session"), "Over whose calls it looks."),
		withinMs: field(
			count,
			"How long the call that began it counts, in milliseconds; 0: as long as its session or agent is known.",
		),
	}),
);

export const ruleName = record<RuleName>("RuleName", "Names a rule: in one policy no two have the same name.", {
	policy: field(label, "The policy's name."),
	rule: field(label, "The rule's name within the policy."),
});

export const requirement = record<Requirement>("Requirement", "What approvers must do before a held call may run.", {
	policy: field(label, "The policy that asks for it."),
	rule: field(label, "The rule that asks for it."),
	approvers: field(list(name), "Globs over approvers' names: who may vote."),
	quorum: field(count, "How many of them must grant it."),
	expiresAfterMs: field(count, "How long the rule lets a hold wait, in milliseconds."),
	selfAllowed: field(
		yesNo,
		"Whether the human that the call is made for may approve it, and whoever asked for it with a credential of their own. The agent that asks never may.",
	),
});

export const decisionBody = record<DecisionBody>("DecisionBody", "What every decision says, however it came about.", {
	reasons: field(
		list(reason),
		"Determining rules, strongest first, then findings of rules in mode `audit`. Empty: nothing fired and the tool is admitted.",
	),
	obligations: field(obligations, "What the executor must do with the call."),
	uses: field(list(budgetUse), "The budgets that were asked, and what the call takes of each."),
	begins: field(list(sequenceName), "The sequences that the call begins. None unless it is allowed."),
	policyDigest: field(digestOrNone, "Digest of the policies in force, 64 hex digits; empty when none was active."),
	classifier: field(
		digestOrNone,
		"Digest of the classifier that read the call for rules that ask what it would do, 64 hex digits; empty where none did.",
		"",
	),
});

export const effect = record<Effect>("Effect", "Something that an entry does to another call than its cause's.", {
	kind: field(
		oneOf("hold.expired", "hold.ended", "reservation.expired", "slot.expired"),
		"`hold.expired`: nobody approved in time; denied, reservation given back. `hold.ended`: its session ended; denied, reservation given back. `reservation.expired`: no outcome by the call's deadline; settled at the reserved amount, its slots stay taken. `slot.expired`: no outcome by the end of its lease; its concurrency slots are free.",
	),
	call: field(callId, "The call it happens to."),
	session: field(name, "The call's session."),
	tool: field(name, "The call's tool."),
	address: field(nullable(replyAddress), "Where the answer to a finalised hold goes; null when nobody waits."),
	commitment: field(
		digestOrNone,
		"What a finalised hold was about, 64 hex digits; empty for a reservation or a slot, of which nobody is told.",
	),
});

export const settlement = record<Settlement>("Settlement", "One counter's part of a settlement.", {
	counter: field(counterName, "The counter."),
	reserved: field(count, "Given back from what was reserved."),
	settled: field(count, "Settled at the admission's time (`admittedAt`)."),
	excess: field(count, "Settled beyond the reservation, at this entry's time."),
});

export const overshoot = record<Overshoot>(
	"Overshoot",
	"A budget that a settlement pushed over its maximum: reported and carried, never refused.",
	{
		counter: field(counterName, "The counter."),
		debt: field(count, "How far settled and reserved are now above the maximum."),
		mode: field(mode, "The limit's mode."),
		severity: field(severity, "The limit's severity."),
		tags: field(tags, TAGS),
	},
);

export const layout = record<Layout>("Layout", "What a deployment can never change without new ledgers.", {
	partitions: field(count, "Partitions of `intents`, `control` and `decisions`."),
	budgetRoot: field(
		oneOf("tenant", "tenant/agent", "tenant/agent/session"),
		"What the partition key is made of: the widest scope whose budgets are exact.",
	),
	dedupeMs: field(count, "How long a closed intent's id is remembered, in milliseconds."),
	sessionMs: field(count, "How long an idle session is remembered, in milliseconds."),
});
