/** A held call as its approvers read it: who asks for what, why it waits, what it takes, and the arguments that will run. */
import { visibleArguments } from "../../core/arguments/visible.ts";
import { grouped } from "../../core/base/count-text.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { visible } from "../../core/base/safe-text.ts";
import { reasonLine } from "../../core/engine/explain.ts";
import { costText } from "../../core/model/amounts.ts";
import { durationText } from "../../core/model/duration.ts";
import { instantText } from "../../core/model/instant.ts";
import type { EpochMs } from "../../core/model/units.ts";
import type { HeldAmount, HeldCall } from "../../operations/holds.ts";
import type { MissingIntent } from "../../reading/intent-at.ts";
import { oneWord } from "./argument-lines.ts";
import { relative } from "./relative-time.ts";

/** What stands where the arguments would. */
export const MISSING_ARGUMENTS: Readonly<Record<MissingIntent, string>> = {
	gone: "(the arguments can no longer be read)",
	sealed: "(sealed: their key is not at hand)",
	erased: "(erased)",
};

/** `call-17  acme/coder/run-1 > mailer  on behalf of ann  asked by bo  expires in 12 minutes`. */
export function headLine(held: HeldCall, now: EpochMs): string {
	const until = held.isOverdue ? "too late: it can be granted no more" : `expires ${relative(held.expiresAt, now)}`;
	const behalf = held.onBehalfOf === null ? "" : `  on behalf of ${oneWord(held.onBehalfOf)}`;
	const asked = held.askedBy === null ? "" : `  asked by ${oneWord(held.askedBy)}`;
	const signed = held.publisher === null ? "" : `  signed by ${oneWord(held.publisher)}`;
	const { tenant, agent, id } = held.call;
	const who = [[tenant, agent, held.session].map(oneWord).join("/"), ...held.actor.map(oneWord)].join(" > ");
	return visible(`${oneWord(id)}  ${who}${behalf}${asked}${signed}  ${until}`);
}

/** What fired, who may approve it and who has, and what it takes of budgets. */
export const ruleLines = (held: HeldCall): string[] =>
	[
		...held.reasons.map((reason) => `  ${reason.mode === "audit" ? "would " : ""}${reasonLine(reason)}`),
		...held.requirements.map(({ policy, rule, approvers, quorum, votes }) => {
			const given = votes.length === 0 ? "" : `: ${votes.map(oneWord).join(", ")}`;
			return `  ${policy}/${rule} requires ${approvers.join(", ")}  ${votes.length} of ${quorum}${given}`;
		}),
		...held.takes.filter(({ amount }) => amount > 0).map((taken) => `  ${takenText(taken)}`),
	].map(visible);

function takenText({ policy, limit, measure, windowMs, scopeKey, amount }: HeldAmount): string {
	const window = windowMs === 0 ? "for life" : `in ${durationText(windowMs)}`;
	const text = measure === "cost" ? costText(amount) : grouped(amount);
	const name = policy === "" ? `the credential ${oneWord(limit)}` : `${policy}/${limit}`;
	return `takes ${text} ${measure} of ${name}, ${window}, for ${scopeKey}`;
}

/** All there is to know before one answers for it. */
export function heldPage(
	held: HeldCall,
	args: JsonObject | MissingIntent,
	{ now, isFull }: { readonly now: EpochMs; readonly isFull: boolean },
): readonly string[] {
	const { redact, callDeadlineMs } = held.obligations;
	return [
		headLine(held, now),
		`  held since ${instantText(held.heldAt)}, until ${instantText(held.expiresAt)}`,
		...ruleLines(held),
		`  ${oneWord(held.tool)}`,
		...(typeof args === "string" ? [MISSING_ARGUMENTS[args]] : argumentPage(args, isFull)).map((line) => `  ${line}`),
		...(redact.length === 0 ? [] : [visible(`  redacted before it runs: ${redact.join(", ")}`)]),
		`  it may take ${durationText(callDeadlineMs)}`,
	];
}

function argumentPage(args: JsonObject, isFull: boolean): readonly string[] {
	const { lines, isCut, unseen, hasRightToLeft } = visibleArguments(args, isFull ? WHOLE : undefined);
	return [
		...lines,
		...(unseen.length === 0 ? [] : [`characters that are not seen are spelled out: ${unseen.join(", ")}`]),
		...(hasRightToLeft ? ["some letters are written from right to left: a screen may show them in another order"] : []),
		...(isCut
			? ["what is long is cut where a `\\u{… …}` says so: `assent approvals show --full` shows all of it"]
			: []),
	];
}

const WHOLE = { textLengthMax: null, linesMax: null };
