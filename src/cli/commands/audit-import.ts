/** `assent audit import`: a log made of an export, for a processor to go on from. */
import { Command } from "commander";
import { kafkaOf } from "../../app/config/config.ts";
import { importFile, importKafka } from "../../app/import.ts";
import { counted } from "../../core/base/count-text.ts";
import { type Cut, recordsRead } from "../../export/copy.ts";
import { isKafkaUrl, pathOf, startCommand } from "../../operations/log-url.ts";
import type { LogFinding } from "../../ports/log/log.ts";
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
			"Makes a log of an export: the same records at the same offsets, with their times, keys, headers and bytes, so that every proof and every signed checkpoint stays good, and a processor goes on where the other one ended. Only into a log file that is not there yet, or into topics that are empty or not there yet (the settings of Kafka's topics are changed meanwhile, which takes the rights of provisioning beside those of a writer). End whoever decides on the old log before it is exported: two logs that go on from one history contradict each other.",
		)
		.argument("<dir>", "the folder that `assent audit export` has made")
		.option("--json", "print one JSON object: {log, entries, records, ledgers}")
		.addHelpText(
			"after",
			"\nExamples:\n  assent audit import march --log file:new/log.db\n  assent audit import march --log kafka://broker:9092\n",
		);
	return logOptions(command).action((folder: string, options: ImportOptions) => runImport(context, folder, options));
}

async function runImport(context: Context, folder: string, options: ImportOptions): Promise<void> {
	const config = await context.config(options);
	const { logUrl } = config;
	const file = pathOf(logUrl);
	if (file === null && !isKafkaUrl(logUrl))
		throw usage(
			`\`${logUrl}\` cannot be imported into`,
			"name a log file that is not there yet, `--log file:PATH`, or Kafka",
		);
	const kafka = await kafkaOf(config);
	context.undone =
		file === null
			? "what is there is no whole log yet, and nobody decides on it; run the command again with the same export, and it goes on"
			: `nothing is left of \`${logUrl}\``;
	context.endWithinMs = REMOVE_WITHIN_MS;
	let total = 0;
	const { ledgers, topics } = await whileCounting(
		context,
		() => total,
		(counting) => {
			const onCut = (cut: Cut): void => {
				total = recordsRead(cut);
			};
			const importing = { folder, onCut, ...counting };
			if (file !== null) return importFile(file, importing);
			return importKafka(logUrl, { ...importing, kafka, onFindings: (found) => noteFindings(context, found) });
		},
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

function noteFindings(context: Context, findings: readonly LogFinding[]): void {
	for (const { subject, message, help } of findings) context.note(`warning: ${subject}: ${message}; ${help}`);
}
