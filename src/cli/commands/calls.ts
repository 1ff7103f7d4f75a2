/** `assent calls`: calls that a person must look at. */
import { Command } from "commander";
import { grouped } from "../../core/base/count-text.ts";
import { costText } from "../../core/model/amounts.ts";
import { callKey } from "../../core/model/ids.ts";
import type { EpochMs } from "../../core/model/units.ts";
import { type ChargedUse, type UnknownCall, unknownCalls } from "../../operations/unknown-calls.ts";
import { systemClock } from "../../ports/clock.ts";
import type { PrincipalFilter } from "../../reading/principal-filter.ts";
import type { Context, GlobalOptions } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { filterOf, principalOptions } from "../options/operator-options.ts";
import { oneWord } from "../output/argument-lines.ts";
import { whileReading } from "../output/progress.ts";
import { relative } from "../output/relative-time.ts";
import { renderTable } from "../output/table.ts";

interface UnknownOptions extends GlobalOptions, PrincipalFilter {
	readonly json?: boolean;
}

export function callsCommand(context: Context): Command {
	return new Command("calls")
		.summary("calls whose end nobody saw")
		.description("Calls that a person must look at.")
		.addCommand(unknownCommand(context));
}

function unknownCommand(context: Context): Command {
	const command = new Command("unknown")
		.summary("allowed calls of which nobody knows whether they ran")
		.description(
			"Prints every call that was allowed and whose end nobody saw: no outcome came by its deadline, or one says `unknown`. It has cost what was reserved, and nobody runs it again. Find out what its tool did; then report the outcome (`assent submit`), or ask for the call under a new id. A call leaves this list when an outcome `ok` or `error` tells its end, or when its id is forgotten; the ledger keeps it.",
		)
		.option("--json", "print one JSON object: {calls: […], isCut}")
		.addHelpText("after", "\nExample:\n  assent calls unknown --tenant acme\n");
	return logOptions(principalOptions(command)).action((options: UnknownOptions) => unknown(context, options));
}

async function unknown(context: Context, options: UnknownOptions): Promise<void> {
	await context.reading(options, async (log, layout) => {
		const now = systemClock.now();
		const { calls, isCut } = await whileReading(context, (reading) =>
			unknownCalls(log, layout, { filter: filterOf(options), now, reading }),
		);
		if (options.json === true) {
			context.json({ calls: calls.map((call) => ({ id: callKey(call.call), ...call })), isCut });
			return;
		}
		if (calls.length === 0) context.print("every allowed call has an outcome, or time left for one");
		else
			context.print(
				renderTable(
					TITLES,
					calls.map((call) => cellsOf(call, now)),
					{ colors: context.colors },
				),
			);
		if (isCut) context.print("\nthere are more: name a tenant and an agent, or look again when these are settled");
	});
}

const TITLES = ["call", "for", "tool", "allowed", "charged", "slot", "listed until"];

const cellsOf = ({ call, session, tool, ...rest }: UnknownCall, now: EpochMs): string[] => [
	oneWord(call.id),
	[call.tenant, call.agent, session].map(oneWord).join("/"),
	oneWord(tool),
	relative(rest.allowedAt, now),
	rest.charged.flatMap(chargedText).join(", ") || "-",
	rest.slotUntil === null ? "-" : relative(rest.slotUntil, now),
	rest.listedUntil === null ? "-" : relative(rest.listedUntil, now),
];

/** A slot has a column of its own. */
function chargedText({ policy, limit, measure, amount }: ChargedUse): string[] {
	if (measure === "concurrent_calls") return [];
	const text = measure === "cost" ? costText(amount) : grouped(amount);
	return [`${text} of ${policy === "" ? `credential ${oneWord(limit)}` : `${policy}/${limit}`}`];
}
