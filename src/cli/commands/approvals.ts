/** `assent approvals`: what waits for a human, and the human's answer. */
import { Command } from "commander";
import { argumentsOf, callsNamed, type HeldCall, heldCalls, type NamedCall } from "../../app/holds.ts";
import { answersTo, sendVote } from "../../app/operators.ts";
import type { PrincipalFilter } from "../../app/views.ts";
import { visible } from "../../core/base/safe-text.ts";
import { reasonLine } from "../../core/engine/explain.ts";
import type { LedgerEntry } from "../../core/model/entries.ts";
import { callKey } from "../../core/model/ids.ts";
import type { Layout } from "../../core/model/records.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../log-options.ts";
import {
	filterOf,
	notAnswered,
	type OperatorOptions,
	operatorOf,
	operatorOptions,
	principalOptions,
	refused,
	relative,
	sending,
	whileReading,
} from "../operator-options.ts";
import { cutToWidth } from "../table.ts";

interface ListOptions extends GlobalOptions, PrincipalFilter {
	readonly json?: boolean;
}

interface VoteOptions extends GlobalOptions, OperatorOptions {
	readonly comment: string;
	readonly json?: boolean;
}

const ARGUMENTS_WIDTH = 110;

export function approvalsCommand(context: Context): Command {
	return new Command("approvals")
		.summary("list, grant and reject calls that wait for a human")
		.description("Calls that a policy holds until somebody has approved them.")
		.addCommand(listCommand(context))
		.addCommand(voteCommand(context, "grant"))
		.addCommand(voteCommand(context, "reject"));
}

function listCommand(context: Context): Command {
	const command = new Command("list")
		.summary("what is held, the most urgent first")
		.description(
			"Prints every held call: who asks, which tool with which arguments, the rules that ask for an approval, who may give it, who has, and until when. Exits with 0, also when nothing is held.",
		)
		.option("--json", "print one JSON object: {holds: […]}")
		.addHelpText("after", "\nExample:\n  assent approvals list --tenant acme\n");
	return logOptions(principalOptions(command)).action((options: ListOptions) =>
		context.reading(options, async (log, layout) => {
			const now = systemClock.now();
			const holds = await whileReading(context, (reading) =>
				heldCalls(log, layout, { filter: filterOf(options), now, reading }),
			);
			const shown: object[] = [];
			for (const held of holds) {
				const args = await argumentsOf(log, held);
				if (options.json === true) shown.push(jsonOf(held, args));
				else for (const line of linesOf(held, args, now)) context.print(line);
			}
			if (options.json === true) context.json({ holds: shown });
			else context.print(holds.length === 0 ? "nothing is held" : `\ngrant one with \`assent approvals grant ID\``);
		}),
	);
}

const jsonOf = ({ requirements, ...held }: HeldCall, args: string | null) => ({
	id: callKey(held.call),
	...held,
	requirements,
	args: args === null ? null : (JSON.parse(args) as unknown),
});

/** A paragraph for each call: arguments and rules are too long for columns. */
function linesOf(held: HeldCall, args: string | null, now: number): string[] {
	const until = held.isOverdue ? "too late: it can be granted no more" : `expires ${relative(held.expiresAt, now)}`;
	const behalf = held.onBehalfOf === null ? "" : `  on behalf of ${held.onBehalfOf}`;
	const { tenant, agent, id } = held.call;
	return [
		`${id}  ${tenant}/${agent}/${held.session}${behalf}  ${until}`,
		`  ${held.tool} ${args === null ? "(the arguments can no longer be read)" : cutToWidth(args, ARGUMENTS_WIDTH)}`,
		...(held.firstReason === null ? [] : [`  ${reasonLine(held.firstReason)}`]),
		...held.requirements.map(({ policy, rule, approvers, quorum, votes }) => {
			const given = votes.length === 0 ? "" : `: ${votes.join(", ")}`;
			return `  ${policy}/${rule} asks for ${approvers.join(", ")}  ${votes.length} of ${quorum}${given}`;
		}),
	].map(visible);
}

function voteCommand(context: Context, verb: "grant" | "reject"): Command {
	const command = new Command(verb)
		.summary(verb === "grant" ? "let a held call run" : "refuse a held call")
		.description(
			`${verb === "grant" ? "Grants" : "Rejects"} a held call and waits for the processor's answer. ${verb === "grant" ? "A granted call is decided anew under the policies in force: another rule can still hold or deny it." : ""} Exits with 1 when the vote was refused${verb === "grant" ? " or the call is denied all the same" : ""}, with 3 when no processor answered in time.`,
		)
		.argument("<id>", "intent id, or tenant/agent/id where the id alone is not unique")
		.option("--comment <text>", "words for the record", "")
		.option("--json", "print the answer as one JSON object")
		.addHelpText(
			"after",
			`\nExample:\n  assent approvals ${verb} call-17 --by ops-ann --comment "seen with the team"\n`,
		);
	return logOptions(operatorOptions(command)).action((id: string, options: VoteOptions) =>
		context.withLog(options, (log, layout) => vote(context, { log, layout, id, verb, options })),
	);
}

async function vote(
	context: Context,
	of: { log: Log; layout: Layout; id: string; verb: "grant" | "reject"; options: VoteOptions },
): Promise<void> {
	const { log, layout, id, verb, options } = of;
	const operator = operatorOf(context, options);
	const found = await whileReading(context, (reading) => callsNamed(log, layout, id, reading));
	const named = theOne(found, id);
	if (named.phase !== "held") {
		const why = named.firstReason === null ? "" : `: ${reasonLine(named.firstReason)}`;
		context.note(visible(`approval.closed  the call \`${id}\` is not held: it is ${named.phase}${why}`));
		context.note("help: `assent approvals list` shows what is held");
		context.exitCode = 1;
		return;
	}
	const { call, session } = named;
	const ballot = { call, session, vote: verb === "grant" ? "granted" : "rejected", comment: options.comment } as const;
	const sent = await sending(context, "the vote", () => sendVote(log, layout, { ...operator, ...ballot }));
	const answers = await answersTo(log, layout, [sent], { waitMs: options.wait, signal: context.stop });
	const answer = answers.get(sent.partition) ?? null;
	if (options.json === true) {
		context.json({ id: callKey(named.call), partition: sent.partition, offset: sent.offset, answer });
	}
	if (answer === null) notAnswered(context, options, "the vote");
	else report(context, named, answer, options.json === true);
}

function theOne(found: readonly NamedCall[], id: string): NamedCall {
	const [first, ...others] = found;
	if (first === undefined) {
		throw usage(`no call \`${id}\` is known`, "`assent approvals list` shows what is held, with its ids");
	}
	if (others.length === 0) return first;
	const keys = found.slice(0, 8).map(({ call }) => `\`${callKey(call)}\``);
	throw usage(`\`${id}\` is the id of ${found.length} calls`, `say which: ${keys.join(", ")}`);
}

/** What came of a vote, on stdout unless the answer was printed there already. */
function report(context: Context, { call, tool }: NamedCall, answer: LedgerEntry, isQuiet: boolean): void {
	const say = (line: string): void => {
		if (!isQuiet) context.print(visible(line));
	};
	if (answer.kind === "input.rejected") {
		refused(context, answer);
		return;
	}
	if (answer.kind !== "approval.recorded") return;
	const what = `${call.id}  ${tool}`;
	switch (answer.result) {
		case "pending":
			say(`recorded  ${what}  stays held: the quorum is not reached yet`);
			break;
		case "allow":
			say(`allowed  ${what}  may run now`);
			break;
		case "hold":
			say(`held  ${what}  another rule asks for an approval now`);
			break;
		case "deny":
			say(
				answer.vote === "rejected"
					? `rejected  ${what}`
					: `denied  ${what}  all the same, as policies and budgets stand`,
			);
			if (answer.vote === "granted") context.exitCode = 1;
			break;
	}
	for (const reason of answer.decision?.reasons ?? []) say(`  ${reasonLine(reason)}`);
}
