/**
 * Approvals: a grant satisfies what the rules that a hold names ask for, by rule and quorum; when all are satisfied the
 * call is decided anew under the policies in force now, whose rules may ask for more. Deny wins; another hold rule that fires keeps it held. Names of
 * people compare as people do.
 */
import { personName } from "../base/person-name.ts";
import { nameTest } from "../match/name-globs.ts";
import { accountKey } from "../model/counters.ts";
import type { ApprovalRecordedEntry, DecisionBody, EntryHead, Requirement, RuleName } from "../model/entries.ts";
import type { ApprovalGranted, ApprovalRejected, IntentSubmitted } from "../model/inputs.ts";
import type { CompiledPolicySet } from "../policy/compiled.ts";
import { type Account, changeCounters } from "../state/accounts.ts";
import { type Call, type Hold, isSatisfied, type OpenRequirement, withVote } from "../state/call.ts";
import type { State } from "../state/state.ts";
import { isHalted } from "./admit.ts";
import { givenBack } from "./budget.ts";
import { isOverdue } from "./due.ts";
import { engineReason, plainDenial, type Rejection } from "./reasons.ts";
import { judge } from "./verdict.ts";

type Vote = ApprovalGranted | ApprovalRejected;

/** Why a vote counts for nothing; null when it counts. */
export function voteRejection(state: State, call: Call | undefined, vote: Vote, at: number): Rejection | null {
	if (call === undefined) return "approval.unknown";
	const { hold } = call;
	if (call.phase !== "held" || hold === null) return "approval.closed";
	if (isOverdue(call, at)) return "approval.late";
	// Refusing the call is what a halt wants, too.
	if (vote.type === "approval.granted" && isHalted(state, call)) return "approval.halted";
	const by = personName(vote.issuedBy);
	if (isRequester(call, hold, by)) return "approval.self";
	if (isOwn(hold, by) && !hold.requirements.some(({ selfAllowed }) => selfAllowed)) return "approval.self";
	const asked = hold.requirements.filter((requirement) => permits(requirement, hold, by));
	if (asked.length === 0) return "approval.not_permitted";
	if (vote.type === "approval.granted" && asked.every((requirement) => hasVoted(requirement, by))) {
		return "approval.repeated";
	}
	return null;
}

/** Nobody approves as the one who asks: the agent, or a sub-agent on the way to the call. */
const isRequester = ({ agent }: Call, { actor }: Hold, by: string): boolean =>
	[agent, ...actor].some((name) => personName(name) === by);

/** The one for whom the call is made; their word counts only where the rule says so. */
const isOwn = ({ onBehalfOf }: Hold, by: string): boolean => onBehalfOf !== null && personName(onBehalfOf) === by;

const permits = (requirement: Requirement, hold: Hold, by: string): boolean =>
	(requirement.selfAllowed || !isOwn(hold, by)) && nameTest(requirement.approvers.map(personName), true)(by);

const hasVoted = ({ votes }: OpenRequirement, by: string): boolean => votes.some((vote) => personName(vote) === by);

/** The rules of a hold whose requirements name this approver. */
function countedFor(hold: Hold, approver: string): readonly RuleName[] {
	const by = personName(approver);
	return hold.requirements.flatMap((requirement) =>
		permits(requirement, hold, by) ? [{ policy: requirement.policy, rule: requirement.rule }] : [],
	);
}

/** Is the vote a grant after which nothing is missing? Then the call is decided anew. */
export const isDecisive = (hold: Hold, vote: Vote): boolean =>
	vote.type === "approval.granted" &&
	isSatisfied(withVote(hold.requirements, countedFor(hold, vote.issuedBy), vote.issuedBy));

/**
 * Do the votes for a rule grant what the rule in force asks for? The policy may have changed since the call was held: to a rule
 * of the same name that names other approvers, or more of them, those count whom it names.
 */
const covers = (granted: OpenRequirement, asked: Requirement, hold: Hold): boolean =>
	granted.policy === asked.policy &&
	granted.rule === asked.rule &&
	granted.votes.filter((vote) => permits(asked, hold, personName(vote))).length >= asked.quorum;

/** What a vote that counts comes to. `intent` is null when it can no longer be read: then the call is denied. */
export function recordVote(
	head: EntryHead,
	of: {
		readonly call: Call;
		readonly hold: Hold;
		readonly vote: Vote;
		readonly intent: IntentSubmitted | null;
		readonly policies: CompiledPolicySet | null;
		readonly policyDigest: string;
		readonly account: (scopeKey: string) => Account | undefined;
	},
): ApprovalRecordedEntry {
	const { call, hold, vote } = of;
	const base = {
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
			actor: hold.actor,
			onBehalfOf: hold.onBehalfOf,
			tool: call.tool,
			commitment: call.commitment,
			issuedAt: call.issuedAt,
			sessionStartedAt: hold.sessionStartedAt,
		},
		expiresAt: hold.expiresAt,
		address: hold.address,
	} as const;
	const denied = (counted: readonly RuleName[], decision: DecisionBody): ApprovalRecordedEntry => ({
		...base,
		countedFor: counted,
		result: "deny",
		decision,
		requirements: [],
	});

	if (vote.type === "approval.rejected") {
		return denied([], plainDenial(engineReason("approval.rejected"), of.policyDigest));
	}
	const counted = countedFor(hold, vote.issuedBy);
	const granted = withVote(hold.requirements, counted, vote.issuedBy);
	if (!isSatisfied(granted)) {
		const requirements = hold.requirements.map(withoutVotes);
		return { ...base, countedFor: counted, result: "pending", decision: null, requirements };
	}
	if (of.intent === null) return denied(counted, plainDenial(engineReason("intent.unreadable"), of.policyDigest));

	const satisfied = [...hold.satisfied, ...granted];
	const { verdict, decision, requirements } = judge(of.intent, of.policies, {
		at: head.at,
		account: (key) => withoutOwn(of.account(key), call),
		isSatisfied: (asked) => satisfied.some((each) => covers(each, asked, hold)),
		isFresh: false,
	});
	return { ...base, countedFor: counted, result: verdict, decision, requirements };
}

/** A fresh decision swaps the hold's reservation for a new one: it must not stand in its own way. */
function withoutOwn(account: Account | undefined, call: Call): Account | undefined {
	if (account === undefined) return undefined;
	let without = account;
	const own = call.reserved.filter(({ counter }) => accountKey(counter.scope, call) === account.scopeKey);
	changeCounters({ get: () => without, set: (_, changed) => (without = changed) }, call, own, (counter, { amount }) =>
		counter === undefined ? undefined : givenBack(counter, amount),
	);
	return without;
}

const withoutVotes = ({ votes: _, ...requirement }: OpenRequirement): Requirement => requirement;
