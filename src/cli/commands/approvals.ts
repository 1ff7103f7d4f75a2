/** `assent approvals`: what waits for a human, and the human's answer. */
import { Command } from "commander";
import { canonicalize } from "../../core/base/canonical-json.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { visible } from "../../core/base/safe-text.ts";
import { reasonLine } from "../../core/engine/explain.ts";
import type { LedgerEntry } from "../../core/model/entries.ts";
import { callKey } from "../../core/model/ids.ts";
import type { Layout } from "../../core/model/layout.ts";
import { entryReading, reasonReading } from "../../core/model/readings.ts";
import { answersTo } from "../../operations/answers.ts";
import {
	argumentsOf,
	callsNamed,
	type HeldCall,
	heldCalls,
	heldReading,
	type NamedCall,
} from "../../operations/holds.ts";
import { sendVote } from "../../operations/operators.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log/log.ts";
import type { MissingIntent } from "../../reading/intent-at.ts";
import type { PrincipalFilter } from "../../reading/principal-filter.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { canAsk, confirmed } from "../input/confirm.ts";
import { logOptions } from "../options/log-options.ts";
import {
	filterOf,
	type OperatorOptions,
	operatorName,
	operatorOf,
	operatorOptions,
	principalOptions,
} from "../options/operator-options.ts";
import { notAnswered, refused, sending } from "../output/answers.ts";
import { argumentLines, oneWord } from "../output/argument-lines.ts";
import { headLine, heldPage, MISSING_ARGUMENTS, ruleLines } from "../output/held-call.ts";
import { whileReading } from "../output/progress.ts";

interface ListOptions extends GlobalOptions, PrincipalFilter {
	readonly json?: boolean;
	readonly full?: boolean;
}

interface VoteOptions extends GlobalOptions, OperatorOptions {
	readonly comment: string;
	readonly yes?: boolean;
	readonly json?: boolean;
}

export function approvalsCommand(context: Context): Command {
	return new Command("approvals")
		.summary("list, show, grant and reject calls waiting for human approval")
		.description("Calls that a policy holds for approval.")
		.addCommand(listCommand(context))
		.addCommand(showCommand(context))
		.addCommand(voteCommand(context, "grant"))
		.addCommand(voteCommand(context, "reject"));
}

function listCommand(context: Context): Command {
	const command = new Command("list")
		.summary("held calls, the most urgent first")
		.description(
			"Prints every held call: who asks, which tool with which arguments, the rules that require approval, who may give it, who has, and until when. Exits with 0, also when nothing is held.",
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
			let cuts = 0;
			for (const held of holds) {
				const args = await argumentsOf(log, held);
				if (options.json === true) shown.push(heldReading(held, args));
				else cuts += printHeld(context, held, args, now);
			}
			if (options.json === true) context.json({ holds: shown });
			else if (holds.length === 0) context.print("nothing is held");
			else {
				if (cuts > 0) context.print(`\n\`assent approvals show ID\` shows in full what is cut`);
				context.print(`${cuts > 0 ? "" : "\n"}grant one with \`assent approvals grant ID\`${takenFor(context)}`);
			}
		}),
	);
}

/** A paragraph for each call: arguments and rules are too long for columns. How many paragraphs leave something out. */
function printHeld(context: Context, held: HeldCall, args: JsonObject | MissingIntent, now: number): 0 | 1 {
	context.print(headLine(held, now));
	const shown =
		typeof args === "string"
			? { lines: [MISSING_ARGUMENTS[args]], isCut: false }
			: argumentLines(args, canonicalize(args));
	if (shown.lines.length === 1) context.print(`  ${oneWord(held.tool)} ${shown.lines.join("")}`);
	else {
		context.print(`  ${oneWord(held.tool)}`);
		for (const line of shown.lines) context.print(`    ${line}`);
	}
	for (const line of ruleLines(held)) context.print(line);
	return shown.isCut ? 1 : 0;
}

/** The name that a vote would be recorded under without `--by`. */
function takenFor(context: Context): string {
	const name = operatorName(context, {});
	return name === ""
		? ": name yourself with `--by NAME`"
		: visible(`; you vote as ${oneWord(name)}, or name yourself with \`--by\``);
}

function showCommand(context: Context): Command {
	const command = new Command("show")
		.summary("one held call, with all its arguments")
		.description(
			"Prints a held call with every argument as it will run: who asks, on whose behalf, since when and until when, what fired, the rules that require approval, who may give it and who has, and what the call takes of budgets. Characters that are not seen are spelled out, and a text of more than 4,000 characters shows its two ends. Exits with 1 when the call is not held.",
		)
		.argument("<id>", ID_HELP)
		.option("--full", "cut nothing, however long a text is")
		.option("--json", "print the call as one JSON object, as in `list`")
		.addHelpText("after", "\nExample:\n  assent approvals show call-17\n");
	return logOptions(command).action((name: string, options: ListOptions) =>
		context.reading(options, async (log, layout) => {
			const now = systemClock.now();
			const found = await whileReading(context, (reading) => callsNamed(log, layout, { name, now, reading }));
			const named = theOne(found, name);
			const held = named.held;
			if (held === null) {
				notHeld(context, named, { name, isJson: options.json === true });
				return;
			}
			const args = await argumentsOf(log, held);
			if (options.json === true) {
				context.json(heldReading(held, args));
				return;
			}
			for (const line of heldPage(held, args, { now, isFull: options.full === true })) context.print(line);
			context.print(`\ngrant it with \`assent approvals grant ID\`${takenFor(context)}`);
		}),
	);
}

const ID_HELP = "intent id, or tenant/agent/id where the id alone is not unique";

function notHeld(
	context: Context,
	{ phase, firstReason }: NamedCall,
	{ name, isJson }: { readonly name: string; readonly isJson: boolean },
): void {
	const code = "approval.closed";
	const why = firstReason === null ? "" : `: ${reasonLine(firstReason)}`;
	const message = `the call \`${name}\` is not held: it is ${phase}${why}`;
	const help = "`assent approvals list` shows held calls";
	context.note(visible(`${code}  ${message}`));
	context.note(`help: ${help}`);
	if (isJson) context.json({ problems: [{ code, message, help, place: null }] });
	context.exitCode = 1;
}

function voteCommand(context: Context, verb: "grant" | "reject"): Command {
	const command = new Command(verb)
		.summary(verb === "grant" ? "let a held call run" : "refuse a held call")
		.description(
			`Shows a held call, asks on a terminal whether to go on, ${verb}s it and waits for the processor's answer. ${verb === "grant" ? "A granted call is decided again under the policies in force: another rule can still hold or deny it." : ""} Exits with 1 when the vote was refused${verb === "grant" ? " or the call is still denied" : ""}, with 3 when no processor answered in time.`,
		)
		.argument("<id>", ID_HELP)
		.option("--comment <text>", "words for the record", "")
		.option("--yes", "do not ask on a terminal whether to go on")
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
	parts: { log: Log; layout: Layout; id: string; verb: "grant" | "reject"; options: VoteOptions },
): Promise<void> {
	const { log, layout, id, verb, options } = parts;
	const operator = await operatorOf(context, options);
	const found = await whileReading(context, (reading) =>
		callsNamed(log, layout, { name: id, now: operator.now, reading }),
	);
	const named = theOne(found, id);
	if (named.phase !== "held") {
		notHeld(context, named, { name: id, isJson: options.json === true });
		return;
	}
	const isQuiet = options.json === true;
	if (
		named.held !== null &&
		!(await isMeant(context, log, named.held, { verb, by: operator.by, isQuiet, ...options }))
	) {
		context.note("nothing was sent");
		context.exitCode = 1;
		return;
	}
	const { call, session, commitment } = named;
	const ballot = {
		call,
		session,
		commitment,
		vote: verb === "grant" ? "granted" : "rejected",
		comment: options.comment,
	} as const;
	const sent = await sending(context, "the vote", () => sendVote(log, layout, { ...operator, ...ballot }));
	const answers = await answersTo(log, layout, [sent], { waitMs: options.wait, signal: context.stop });
	const answer = answers.get(sent.partition) ?? null;
	if (options.json === true) {
		context.json({
			id: callKey(named.call),
			partition: sent.partition,
			offset: sent.offset,
			answer: answer === null ? null : entryReading(answer),
		});
	}
	if (answer === null) notAnswered(context, options, "the vote");
	else report(context, { ...named, by: operator.by, isNamed: options.by !== undefined }, answer, options.json === true);
}

/** Shows what is voted on; where somebody is at a terminal, they say whether they mean it. */
async function isMeant(
	context: Context,
	log: Log,
	held: HeldCall,
	{ verb, by, isQuiet, yes }: { verb: "grant" | "reject"; by: string; isQuiet: boolean; yes?: boolean },
): Promise<boolean> {
	const args = await argumentsOf(log, held);
	if (!isQuiet) {
		for (const line of heldPage(held, args, { now: systemClock.now(), isFull: false })) context.print(line);
	}
	if (yes === true || !canAsk(context)) return true;
	return confirmed(context, `${verb} it as ${oneWord(by)}?`);
}

function theOne(found: readonly NamedCall[], id: string): NamedCall {
	const [first, ...others] = found;
	if (first === undefined) {
		throw usage(`no call \`${id}\` is known`, "`assent approvals list` shows held calls, with their ids");
	}
	if (others.length === 0) return first;
	const keys = found.slice(0, 8).map(({ call }) => `\`${callKey(call)}\``);
	throw usage(`\`${id}\` is the id of ${found.length} calls`, `say which: ${keys.join(", ")}`);
}

/** What came of a vote, on stdout unless the answer was printed there already. */
function report(
	context: Context,
	{ call, tool, by, isNamed }: NamedCall & { readonly by: string; readonly isNamed: boolean },
	answer: LedgerEntry,
	isQuiet: boolean,
): void {
	const say = (line: string): void => {
		if (!isQuiet) context.print(visible(line));
	};
	if (answer.kind === "input.rejected") {
		refused(context, answer);
		if (!isNamed) {
			context.note(visible(`recorded as ${oneWord(by)}; use \`--by\` if you are somebody else`));
		}
		return;
	}
	if (answer.kind !== "approval.recorded") return;
	const what = `${oneWord(call.id)}  ${oneWord(tool)}`;
	switch (answer.result) {
		case "pending":
			say(`recorded  ${what}  stays held: the quorum is not reached yet`);
			break;
		case "allow":
			say(`allowed  ${what}  may run now`);
			break;
		case "hold":
			say(`held  ${what}  another rule requires approval now`);
			break;
		case "deny":
			say(answer.vote === "rejected" ? `rejected  ${what}` : `denied  ${what}  by the policies and budgets in force`);
			if (answer.vote === "granted") context.exitCode = 1;
			break;
	}
	say(`  recorded for ${oneWord(by)}`);
	for (const reason of answer.decision?.reasons ?? []) say(`  ${reasonLine(reasonReading(reason))}`);
}
