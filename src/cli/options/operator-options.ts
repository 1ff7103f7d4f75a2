/** What operators' commands share: who acts, whom it concerns, how long to wait, and what came of it in words. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { grouped } from "../../core/base/count-text.ts";
import { visible } from "../../core/base/safe-text.ts";
import { hasControls, NAME_LENGTH_MAX } from "../../core/model/bounds.ts";
import { parseDuration } from "../../core/model/duration.ts";
import type { LedgerEntry } from "../../core/model/entries.ts";
import { DAY, type DurationMs, HOUR, MINUTE, SECOND } from "../../core/model/units.ts";
import type { Operator } from "../../operations/operators.ts";
import { systemClock } from "../../ports/clock.ts";
import type { PrincipalFilter, ReadStateOptions } from "../../reading/partition-view.ts";
import { type Context, usage } from "../context.ts";

/** `--by` and `--wait`. */
export interface OperatorOptions {
	readonly by?: string;
	readonly wait: DurationMs;
}

export const operatorOptions = (command: Command): Command =>
	command
		.option("--by <name>", "who acts, as it is recorded (default: USER of the environment)")
		.addOption(
			new Option("--wait <duration>", "how long to wait for the processor's answer; 0s only writes")
				.argParser(durationOf)
				.default(5_000, "5s"),
		);

export const principalOptions = (command: Command): Command =>
	command
		.option("--tenant <name>", "only this tenant")
		.option("--agent <name>", "only this root agent")
		.option("--session <name>", "only this session");

export function durationOf(text: string): DurationMs {
	const ms = parseDuration(text);
	if (ms === null) throw new InvalidArgumentError("a duration such as `500ms`, `5s` or `2m` is expected.");
	return ms;
}

const DEADLINE_MAX_MS = DAY;

/** A duration of 1 ms to 1 day; a number alone counts milliseconds. */
export function deadlineOf(text: string): DurationMs {
	const ms = parseDuration(/^\d+$/.test(text) ? `${text}ms` : text);
	if (ms !== null && ms >= 1 && ms <= DEADLINE_MAX_MS) return ms;
	throw new InvalidArgumentError("a duration from 1ms to 1d is expected, such as `500ms` or `5s`.");
}

/** Throws ASSENT_USAGE when nobody is named: a record without a name cannot be accounted for. */
export function operatorOf(context: Context, options: Pick<OperatorOptions, "by">): Operator {
	const by = operatorName(context, options);
	if (by.trim() === "") throw usage("nobody is named who does this", "name yourself: `--by NAME`");
	return { by: nameOf("--by", by), now: systemClock.now() };
}

/** Whom the command takes its user for; empty where nobody is named. */
export function operatorName(context: Context, options: Pick<OperatorOptions, "by">): string {
	const { env } = context.streams;
	return options.by ?? env["USER"] ?? env["LOGNAME"] ?? env["USERNAME"] ?? "";
}

/** A name as records hold it. Throws ASSENT_USAGE. */
export function nameOf(option: string, name: string): string {
	if (name !== "" && name.length <= NAME_LENGTH_MAX && !hasControls(name) && name.isWellFormed()) return name;
	throw usage(`\`${option}\` is no name`, `give 1 to ${NAME_LENGTH_MAX} characters without control characters`);
}

/** The names that options give, and nothing for those that they do not. */
export function filterOf(options: PrincipalFilter): PrincipalFilter {
	return {
		...(options.tenant === undefined ? {} : { tenant: nameOf("--tenant", options.tenant) }),
		...(options.agent === undefined ? {} : { agent: nameOf("--agent", options.agent) }),
		...(options.session === undefined ? {} : { session: nameOf("--session", options.session) }),
	};
}

const PROGRESS_FIRST_MS = 300;
const PROGRESS_EVERY_MS = 100;

/** Runs `use` with options for reading ledgers: progress on a terminal once it takes long, and an end on SIGINT. */
export async function whileReading<Out>(
	context: Context,
	use: (reading: ReadStateOptions) => Promise<Out>,
): Promise<Out> {
	const startedAt = performance.now();
	let records = 0;
	let shownAt = 0;
	const onProgress = (more: number): void => {
		records += more;
		const now = performance.now();
		if (!context.isTerminal || now - startedAt < PROGRESS_FIRST_MS || now - shownAt < PROGRESS_EVERY_MS) return;
		shownAt = now;
		context.progress(`reading the ledger: ${grouped(records)} records`);
	};
	try {
		return await use({ onProgress, signal: context.stop });
	} finally {
		context.progress(null);
	}
}

/** Sends what an operator says: a command that is stopped meanwhile, or later, says what became of it. */
export async function sending<Sent>(context: Context, what: string, send: () => Promise<Sent>): Promise<Sent> {
	context.undone = `${what} may be on the log: look before you send it again`;
	const sent = await send();
	context.undone = `${what} is on the log and counts; its answer was not waited for`;
	return sent;
}

/** The record is on the log, and nobody has answered it yet. */
export function notAnswered(context: Context, options: OperatorOptions, what: string): void {
	if (context.stop.aborted) {
		context.interrupted();
		return;
	}
	if (options.wait === 0) {
		context.note(`${what} is written; nobody was waited for`);
		return;
	}
	context.note(`ASSENT_TIMEOUT  ${what} is on the log, and no processor has answered it in time`);
	context.note("help: it counts as soon as one runs: `assent doctor` says whether one does; do not send it again");
	context.exitCode = 3;
}

/** Says why an operator's record has no effect. Exit code 1. */
export function refused(context: Context, answer: Extract<LedgerEntry, { kind: "input.rejected" }>): void {
	context.note(visible(`${answer.code}  ${answer.detail}`));
	context.note(`help: ${HELP[answer.code] ?? "look at `assent tail decisions` for the entry"}`);
	context.exitCode = 1;
}

const HELP: Readonly<Record<string, string>> = {
	"approval.unknown": "`assent approvals list` shows what is held",
	"approval.closed": "somebody else decided it, or it was abandoned; nothing is left to do",
	"approval.late": "the agent has to ask again",
	"approval.halted": "lift the halt first: `assent halt list`",
	"approval.self": "another approver has to decide: nobody approves a call made on their own behalf",
	"approval.not_permitted": "`assent approvals list` shows whom each rule accepts",
	"approval.repeated": "another approver has to grant it too: `assent approvals list` shows who has",
	"policy.superseded": "somebody activated later than you: `assent policy history`",
	"policy.invalid": "check the files with this log's budget root: `assent policy check`",
	"halt.unknown": "`assent halt list` shows what is in force; name exactly the same parts",
	"budget.unknown": "`assent budgets` shows the limits in force; `identical_calls` cannot be adjusted",
	"control.misrouted": "the configuration has another layout than the ledger: `assent doctor`",
	"control.repeated": "it was recorded before; nothing is left to do",
};

/** `in 12 minutes`, `3 hours ago`: the largest unit that fits, rounded down. */
export function relative(time: number, now: number): string {
	const ms = Math.abs(time - now);
	const [unit, size] = UNITS.find(([, each]) => ms >= each) ?? ["second", 1_000];
	const value = Math.floor(ms / size);
	if (value === 0) return "now";
	const words = `${value} ${unit}${value === 1 ? "" : "s"}`;
	return time > now ? `in ${words}` : `${words} ago`;
}

const UNITS: readonly (readonly [string, number])[] = [
	["day", DAY],
	["hour", HOUR],
	["minute", MINUTE],
	["second", SECOND],
];
