/**
 * Votes: a grant satisfies what the rules that a hold names ask for, by rule and quorum. When all are satisfied the call is
 * decided again under the policies in force now, whose rules may ask for more: deny wins, and another hold rule that fires keeps
 * it held. Names of people compare as people do.
 */

import { outermost } from "../../base/json-pointer.ts";
import { personName } from "../../base/person-name.ts";
import { nameTest } from "../../match/name-globs.ts";
import { accountKey } from "../../model/counters.ts";
import type { ApprovalRecordedEntry, DecisionBody, LedgerEntry, Requirement, RuleName } from "../../model/entries.ts";
import { sessionKey } from "../../model/ids.ts";
import type { ApprovalGranted, ApprovalRejected, IntentSubmitted } from "../../model/inputs.ts";
import { type Account, changeCounters, copyOf } from "../../state/accounts.ts";
import { type Call, type Hold, isSatisfied, type OpenRequirement, withVote } from "../../state/call.ts";
import type { State } from "../../state/state.ts";
import { giveBack } from "../budget.ts";
import { isOverdue } from "../due.ts";
import { fitted, type Ruling } from "../judge/fit.ts";
import { judge } from "../judge/judge.ts";
import { engineReason, plainDenial, type Rejection } from "../reasons.ts";
import { isHalted } from "./admission.ts";
import { callIn, type DecideContext } from "./context.ts";
import { commitmentOf, rejected } from "./rejection.ts";

type Vote = ApprovalGranted | ApprovalRejected;

export function decideVote(context: DecideContext, vote: Vote): LedgerEntry {
	const { state, head, input } = context;
	const call = callIn(state, vote);
	const rejection = voteRejection(state, call, vote, head.at);
	if (rejection !== null || call === undefined || call.hold === null) {
		return rejected(head, rejection ?? "approval.closed", vote.call);
	}
	const { hold } = call;
	const countedFor = vote.type === "approval.granted" ? rulesFor(hold, vote.issuedBy) : [];
	const granted = withVote(hold.requirements, countedFor, vote.issuedBy);
	const entry = (
		result: Pick<ApprovalRecordedEntry, "result" | "decision" | "requirements">,
	): ApprovalRecordedEntry => ({
		...head,
		kind: "approval.recorded",
		approvalId: vote.id,
		by: vote.issuedBy,
		vote: vote.type === "approval.granted" ? "granted" : "rejected",
		comment: vote.comment,
		call: {
			tenant: call.tenant,
			agent: call.agent,
			id: call.id,
			session: call.session,
			actor: call.actor,
			onBehalfOf: hold.onBehalfOf,
			askedBy: hold.askedBy,
			publisher: hold.publisher,
			tool: call.tool,
			commitment: call.commitment,
			issuedAt: call.issuedAt,
			sessionStartedAt: hold.sessionStartedAt,
		},
		countedFor,
		...result,
		expiresAt: hold.expiresAt,
		address: hold.address,
	});
	const denied = (decision: DecisionBody) => entry({ result: "deny", decision, requirements: [] });
	if (vote.type === "approval.rejected") {
		return denied(plainDenial(engineReason("approval.rejected"), state.policy.digest));
	}
	if (!isSatisfied(granted)) {
		return entry({ result: "pending", decision: null, requirements: hold.requirements.map(withoutVotes) });
	}
	if (input.blind === true) return rejected(head, "policy.unavailable", vote.call);
	const intent = intentOf(call, input.heldIntent ?? null);
	if (intent === null) return denied(plainDenial(engineReason("intent.unreadable"), state.policy.digest));

	const satisfied = [...hold.satisfied, ...granted];
	const ruling = judge(intent, context.policies, {
		at: head.at,
		accounts: { get: (key) => withoutOwn(context.accounts.get(key), call) },
		facts: state.sessions.get(sessionKey(call))?.facts ?? null,
		isSatisfied: (asked) => satisfied.some((each) => covers(each, asked, hold)),
		isFresh: false,
	});
	const { verdict, decision, requirements } = asShown(ruling, call.obligations.redact);
	return entry({ result: verdict, decision, requirements });
}

/** What was redacted where approvers saw the call stays redacted: what runs is what they saw, or less. */
function asShown(ruling: Ruling, redacted: readonly string[]): Ruling {
	const { decision } = ruling;
	const { obligations } = decision;
	if (ruling.verdict === "deny" || redacted.every((pointer) => obligations.redact.includes(pointer))) return ruling;
	const redact = outermost([...obligations.redact, ...redacted]);
	const whole = { ...ruling, decision: { ...decision, obligations: { ...obligations, redact } } };
	return fitted(whole, () => whole);
}

/** Why a vote counts for nothing; null when it counts. */
function voteRejection(state: State, call: Call | undefined, vote: Vote, at: number): Rejection | null {
	if (call === undefined) return "approval.unknown";
	const { hold } = call;
	if (call.phase !== "held" || hold === null) return "approval.closed";
	if (vote.commitment !== call.commitment) return "approval.other_call";
	if (isOverdue(call, at)) return "approval.late";
	// Refusing the call is what a halt wants, too.
	if (vote.type === "approval.granted" && isHalted(state, call)) return "approval.halted";
	const by = personName(vote.issuedBy);
	if (isRequester(call, by)) return "approval.self";
	if (isOwn(hold, by) && !hold.requirements.some(({ selfAllowed }) => selfAllowed)) return "approval.self";
	const asked = hold.requirements.filter((requirement) => permits(requirement, hold, by));
	if (asked.length === 0) return "approval.not_permitted";
	if (vote.type === "approval.granted" && asked.every((requirement) => hasVoted(requirement, by))) {
		return "approval.repeated";
	}
	return null;
}

/** Nobody approves as the one who asks: the agent, or a sub-agent on the way to the call. */
const isRequester = ({ agent, actor }: Call, by: string): boolean =>
	[agent, ...actor].some((name) => personName(name) === by);

/** The human that the call is made for, and whoever asked for it or published it; their word counts only where the rule says so. */
const isOwn = ({ onBehalfOf, askedBy, publisher }: Hold, by: string): boolean =>
	[onBehalfOf, askedBy, publisher].some((name) => name !== null && personName(name) === by);

const permits = (requirement: Requirement, hold: Hold, by: string): boolean =>
	(requirement.selfAllowed || !isOwn(hold, by)) && nameTest(requirement.approvers.map(personName), true)(by);

const hasVoted = ({ votes }: OpenRequirement, by: string): boolean => votes.some((vote) => personName(vote) === by);

/** The rules of a hold whose requirements name this approver. */
function rulesFor(hold: Hold, approver: string): readonly RuleName[] {
	const by = personName(approver);
	return hold.requirements.flatMap((requirement) =>
		permits(requirement, hold, by) ? [{ policy: requirement.policy, rule: requirement.rule }] : [],
	);
}

/**
 * Do the votes for a rule grant what the rule in force asks for? The policy may have changed since the call was held: to a rule
 * of the same name that names other approvers, or more of them, those it names count.
 */
const covers = (granted: OpenRequirement, asked: Requirement, hold: Hold): boolean =>
	granted.policy === asked.policy &&
	granted.rule === asked.rule &&
	granted.votes.filter((vote) => permits(asked, hold, personName(vote))).length >= asked.quorum;

/** What lies at the hold's cause must be the call that was held, to the last byte. */
function intentOf(call: Call, read: IntentSubmitted | null): IntentSubmitted | null {
	if (read === null || read.id !== call.id) return null;
	const { tenant, agent, session } = read.principal;
	const isWhose = tenant === call.tenant && agent === call.agent && session === call.session;
	return isWhose && commitmentOf(read) === call.commitment ? read : null;
}

/** A fresh decision swaps the hold's reservation for a new one: the old one must not count against it. */
function withoutOwn(account: Account | undefined, call: Call): Account | undefined {
	if (account === undefined) return undefined;
	const without = copyOf(account);
	const own = call.reserved.filter(({ counter }) => accountKey(counter, call) === account.scopeKey);
	changeCounters({ own: () => without, set: () => undefined }, call, own, (counter, { amount }) =>
		counter === undefined ? undefined : giveBack(counter, amount),
	);
	return without;
}

const withoutVotes = ({ votes: _, ...requirement }: OpenRequirement): Requirement => requirement;
