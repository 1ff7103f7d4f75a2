/** `assent halt`: stop agents at once, let them go on, see who is stopped. */
import { Command } from "commander";
import { visible } from "../../core/base/safe-text.ts";
import type { LedgerEntry } from "../../core/model/entries.ts";
import type { HaltScope } from "../../core/model/inputs.ts";
import type { DurationMs } from "../../core/model/units.ts";
import { answersTo } from "../../operations/answers.ts";
import { haltsInForce } from "../../operations/halts.ts";
import { sendHalt } from "../../operations/operators.ts";
import { systemClock } from "../../ports/clock.ts";
import type { PrincipalFilter } from "../../reading/principal-filter.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import {
	filterOf,
	type OperatorOptions,
	operatorOf,
	operatorOptions,
	principalOptions,
} from "../options/operator-options.ts";
import { notAnswered, refused, sending } from "../output/answers.ts";
import { whileReading } from "../output/progress.ts";
import { relative } from "../output/relative-time.ts";
import { renderTable } from "../output/table.ts";

interface HaltOptions extends GlobalOptions, OperatorOptions, PrincipalFilter {
	readonly all?: boolean;
	readonly reason: string;
	readonly json?: boolean;
}

export function haltCommand(context: Context): Command {
	return new Command("halt")
		.summary("stop agents at once, and let them continue")
		.description("While a halt is in force, new calls are denied and held ones are not granted.")
		.addCommand(changeCommand(context, "set"))
		.addCommand(changeCommand(context, "lift"))
		.addCommand(listCommand(context));
}

function changeCommand(context: Context, verb: "set" | "lift"): Command {
	const command = new Command(verb)
		.summary(verb === "set" ? "stop a tenant, an agent, a session or everybody" : "end a halt")
		.description(
			`${verb === "set" ? "Stops every agent and session with all of the names given" : "Ends the halt that was set with exactly these names"}, on every partition, and waits until the processors have recorded it. Exits with 3 when some have not in time: the record is on the log anyway.`,
		)
		.option("--all", "everybody");
	if (verb === "set") command.requiredOption("--reason <text>", "why; agents are not told, the ledger is");
	else command.option("--reason <text>", "why", "");
	command
		.option("--json", "print the outcome as one JSON object")
		.addHelpText("after", `\nExample:\n  assent halt ${verb} --tenant acme --agent coder --reason "leaked key"\n`);
	return logOptions(operatorOptions(principalOptions(command))).action((options: HaltOptions) =>
		change(context, verb, options),
	);
}

async function change(context: Context, verb: "set" | "lift", options: HaltOptions): Promise<void> {
	const operator = await operatorOf(context, options);
	const scope = scopeOf(options);
	await context.withLog(options, async (log, layout) => {
		const change = verb === "set" ? "set" : "lifted";
		const what = verb === "set" ? "the halt" : "the end of the halt";
		const record = { ...operator, change, scope, reason: options.reason } as const;
		const written = sendHalt(log, layout, record);
		const waiting = { waitMs: options.wait, signal: context.stop };
		const answers = new Map<number, LedgerEntry>();
		// Each partition for itself: where it is recorded it counts, whatever the others do. Settled together, so that one that
		// fails before the others are written is heard of below, and not as an error that nobody handles.
		const recording = Promise.allSettled(
			written.map(async (one) => {
				for (const answer of await answersTo(log, layout, [await one], waiting)) answers.set(...answer);
			}),
		);
		const note = setTimeout(() => {
			context.note(`recorded on ${answers.size} of ${written.length} partitions so far; waiting for the others`);
		}, SLOW_MS);
		const sent = await sending(context, what, () => settledOf(written)).finally(() => clearTimeout(note));
		await recording;
		const recorded = [...answers.values()].filter(({ kind }) => kind === `halt.${change}`).length;
		const refusal = [...answers.values()].find(isRefusal);
		if (options.json === true) {
			const outcome = { change, scope, partitions: written.length, answered: answers.size, recorded };
			const why = refusal === undefined ? null : { code: refusal.code, detail: refusal.detail };
			context.json({ ...outcome, refusal: why });
		}
		if (recorded > 0 && options.json !== true) {
			const words = verb === "set" ? "halted" : "lifted";
			context.print(visible(`${words}  ${scopeText(scope)}  on ${recorded} of ${written.length} partitions`));
		}
		if (sent.failure !== null) throw sent.failure;
		if (answers.size < written.length) notAnswered(context, options, what);
		else if (recorded === 0 && refusal !== undefined) refused(context, refusal);
	});
}

/** After it the operator hears how far it has come. */
const SLOW_MS: DurationMs = 1_500;

/** When each is written or has failed; the first failure, which concerns its partition alone. */
async function settledOf(written: readonly Promise<unknown>[]): Promise<{ readonly failure: unknown }> {
	const settled = await Promise.allSettled(written);
	return { failure: settled.find((each) => each.status === "rejected")?.reason ?? null };
}

const isRefusal = (entry: LedgerEntry): entry is Extract<LedgerEntry, { kind: "input.rejected" }> =>
	entry.kind === "input.rejected";

/** Stopping everybody must be said, never come of a forgotten option. */
function scopeOf(options: HaltOptions): HaltScope {
	const { tenant = null, agent = null, session = null } = filterOf(options);
	const isEverybody = tenant === null && agent === null && session === null;
	if (isEverybody !== (options.all === true)) {
		throw usage(
			isEverybody ? "nobody is named" : "`--all` and a name exclude each other",
			"name --tenant, --agent or --session, or everybody with --all",
		);
	}
	return { tenant, agent, session };
}

/** `tenant acme, agent coder`, or `everybody`. */
function scopeText(scope: HaltScope): string {
	const parts = Object.entries({ tenant: scope.tenant, agent: scope.agent, session: scope.session });
	const named = parts.filter(([, name]) => name !== null).map(([what, name]) => `${what} ${name}`);
	return named.length === 0 ? "everybody" : named.join(", ");
}

function listCommand(context: Context): Command {
	const command = new Command("list")
		.summary("halts in force")
		.description("Prints the halts in force, the oldest first. Exits with 0, also when there is none.")
		.option("--json", "print one JSON object: {halts: […]}")
		.addHelpText("after", "\nExample:\n  assent halt list\n");
	return logOptions(command).action((options: GlobalOptions & { readonly json?: boolean }) =>
		context.reading(options, async (log, layout) => {
			const halts = await whileReading(context, (reading) => haltsInForce(log, layout, reading));
			if (options.json === true) {
				context.json({ halts, partitions: layout.partitions });
				return;
			}
			if (halts.length === 0) {
				context.print("no halt is in force");
				return;
			}
			const now = systemClock.now();
			const rows = halts.map((halt) => [
				scopeText(halt),
				relative(halt.since, now),
				halt.by,
				`${halt.partitions} of ${layout.partitions}`,
				halt.reason,
			]);
			context.print(renderTable(["halted", "since", "by", "partitions", "reason"], rows, { colors: context.colors }));
		}),
	);
}
