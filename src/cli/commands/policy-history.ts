/** `assent policy history`: past activations, and what came of them. */
import { Command } from "commander";
import { activationHistory, type RecordedActivation } from "../../operations/activation-history.ts";
import { systemClock } from "../../ports/clock.ts";
import { namesOf } from "../../reading/bundle-changes.ts";
import { type Bundles, readBundles } from "../../reading/bundles.ts";
import type { Context, GlobalOptions } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { short } from "../output/activation.ts";
import { whileReading } from "../output/progress.ts";
import { relative } from "../output/relative-time.ts";
import { renderTable } from "../output/table.ts";

export function historyCommand(context: Context): Command {
	const command = new Command("history")
		.summary("past activations, with time, operator and outcome")
		.description(
			"Prints every activation, the latest first, and what came of it: `in force` now or `activated` then; `proposed` while a second operator is waited for, `confirmed` when one came, `replaced` when another activation came first; `refused` with the reason; `waiting` for a processor; `unknown` where the ledger does not go back so far. Reads the ledger of partition 0 from its beginning.",
		)
		.option("--json", "print one JSON object: {activations: […]}")
		.addHelpText("after", "\nExample:\n  assent policy history\n");
	return logOptions(command).action((options: GlobalOptions & { readonly json?: boolean }) =>
		context.reading(options, async (log, layout) => {
			const bundles = await readBundles(log);
			const history = await whileReading(context, (reading) => activationHistory(log, layout, reading));
			const activations = history.toReversed();
			if (options.json === true) {
				context.json({ activations: activations.map((each) => ({ ...each, policies: policiesOf(bundles, each) })) });
				return;
			}
			if (activations.length === 0) {
				context.print("no policies were ever activated here");
				return;
			}
			const now = systemClock.now();
			const rows = activations.map((each) => [
				String(each.generation),
				short(each.digest),
				outcomeText(each),
				relative(each.at, now),
				each.by,
				policiesOf(bundles, each).join(", "),
			]);
			const titles = ["generation", "digest", "outcome", "when", "by", "policies"];
			context.print(renderTable(titles, rows, { colors: context.colors }));
		}),
	);
}

function outcomeText({ outcome, code, proposedBy }: RecordedActivation): string {
	if (code !== "") return `${outcome}: ${code}`;
	return proposedBy === "" ? outcome : `${outcome}, proposed by ${proposedBy}`;
}

const policiesOf = (bundles: Bundles, { digest }: RecordedActivation): string[] =>
	namesOf(bundles.get(digest)?.sources ?? []);
