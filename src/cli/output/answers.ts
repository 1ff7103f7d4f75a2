/** What became of a record that an operator sent: on the log, answered, refused. */
import { visible } from "../../core/base/safe-text.ts";
import type { LedgerEntry } from "../../core/model/entries.ts";
import type { Context } from "../context.ts";
import type { OperatorOptions } from "../options/operator-options.ts";

/** Sends what an operator says: a command that is stopped meanwhile, or later, says what became of it. */
export async function sending<Sent>(context: Context, what: string, send: () => Promise<Sent>): Promise<Sent> {
	context.undone = `${what} may be on the log: look before you send it again`;
	const sent = await send();
	context.undone = `${what} is on the log and counts; its answer was not waited for`;
	return sent;
}

/** The record is on the log, and nobody has answered it yet; `next` is what to do once somebody has. */
export function notAnswered(
	context: Context,
	options: OperatorOptions,
	what: string,
	next = "do not send it again",
): void {
	if (context.stop.aborted) {
		context.interrupted();
		return;
	}
	if (options.wait === 0) {
		context.note(`${what} is written; no answer was waited for`);
		return;
	}
	context.note(`ASSENT_TIMEOUT  ${what} is on the log, and no processor has answered it in time`);
	context.note(`help: it counts as soon as one runs: \`assent doctor\` says whether one does; ${next}`);
	context.exitCode = 3;
}

/** Says why an operator's record has no effect. Exit code 1. */
export function refused(context: Context, answer: Extract<LedgerEntry, { kind: "input.rejected" }>): void {
	context.note(visible(`${answer.code}  ${answer.detail}`));
	context.note(`help: ${HELP[answer.code] ?? "look at `assent tail decisions` for the entry"}`);
	context.exitCode = 1;
}

const HELP: Readonly<Record<string, string>> = {
	"approval.unknown": "`assent approvals list` shows held calls",
	"approval.closed": "somebody else decided it, or it was abandoned; nothing is left to do",
	"approval.other_call": "look at what is held now before you vote: `assent approvals show ID`",
	"approval.late": "the agent has to ask again",
	"approval.halted": "lift the halt first: `assent halt list`",
	"approval.self":
		"another approver has to decide: nobody approves a call made on their own behalf, or asked for with their own credential",
	"approval.not_permitted": "`assent approvals list` shows the approvers of each rule",
	"approval.repeated": "another approver has to grant it too: `assent approvals list` shows who has",
	"policy.superseded": "somebody activated later than you: `assent policy history`",
	"policy.unreviewed": "somebody proposed other policies later than you: `assent policy history`",
	"policy.invalid": "check the files with this log's budget root: `assent policy check`",
	"policy.unsigned":
		"sign the files with a key of the processors' `policyKeys`: `assent policy sign`, then `assent policy activate --signature`",
	"halt.unknown": "`assent halt list` shows what is in force; name exactly the same parts",
	"budget.unknown": "`assent budgets` shows the limits in force; `identical_calls` cannot be adjusted",
	"control.misrouted": "the configuration has another layout than the ledger: `assent doctor`",
	"control.repeated": "it was recorded before; nothing is left to do",
};
