/** `assent audit import`: a log made of an export, for a processor to go on from. */
import { Command } from "commander";
import { importFile } from "../../app/import.ts";
import { counted } from "../../core/base/count-text.ts";
import { recordsIn } from "../../export/copy.ts";
import { pathOf, startCommand } from "../../operations/log-url.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { whileCounting } from "../output/progress.ts";

interface ImportOptions extends GlobalOptions {
	readonly json?: boolean;
}

/** How long taking a large file away again may take. */
const REMOVE_WITHIN_MS = 10_000;

export function auditImportCommand(context: Context): Command {
	const command = new Command("import")
		.summary("a log made of an export, for a processor to go on from")
		.description(
			"Makes a log of an export: the same records at the same offsets, with their times, keys, headers and bytes, so that every proof and every signed checkpoint stays good, and a processor goes on where the other one ended. Only into a log that is not there yet. End whoever decides on the old log before it is exported: two logs that go on from one history contradict each other.",
		)
		.argument("<dir>", "the folder that `assent audit export` has made")
		.option("--json", "print one JSON object: {log, entries, records, ledgers}")
		.addHelpText("after", "\nExample:\n  assent audit import march --log file:new/log.db\n");
	return logOptions(command).action((folder: string, options: ImportOptions) => runImport(context, folder, options));
}

async function runImport(context: Context, folder: string, options: ImportOptions): Promise<void> {
	const { logUrl } = await context.config(options);
	const file = pathOf(logUrl);
	if (file === null) throw usage(`\`${logUrl}\` is no log file`, "name one that is not there yet: `--log file:PATH`");
	context.undone = `nothing is left of \`${logUrl}\``;
	context.endWithinMs = REMOVE_WITHIN_MS;
	let total = 0;
	const { ledgers, topics } = await whileCounting(
		context,
		() => total,
		(counting) =>
			importFile(file, {
				folder,
				onCut: (cut) => {
					total = recordsIn(cut);
				},
				...counting,
			}),
	);
	const entries = ledgers.reduce((sum, { tree }) => sum + (tree?.size ?? 0), 0);
	const records = topics.reduce((sum, { partitions }) => partitions.reduce((all, one) => all + one.records, sum), 0);
	if (options.json === true) context.json({ log: logUrl, entries, records, ledgers });
	else {
		context.print(
			`imported into ${logUrl}: ${counted(ledgers.length, "partition")}, ${counted(entries, "entry", "entries")}, ${counted(records, "record")}; every root is that of the export`,
		);
		context.print(`\`${startCommand(logUrl)}\` goes on from it`);
	}
}
