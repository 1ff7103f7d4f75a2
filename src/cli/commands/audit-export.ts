/** `assent audit export`: the whole log as a folder, for whoever is to check it elsewhere. */
import { Command } from "commander";
import { exportLog } from "../../app/export.ts";
import { readVerifier } from "../../app/public-keys.ts";
import { counted, grouped } from "../../core/base/count-text.ts";
import { recordsRead } from "../../export/copy.ts";
import type { Manifest } from "../../export/manifest.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Context, GlobalOptions } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { whileCounting } from "../output/progress.ts";

interface ExportOptions extends GlobalOptions {
	readonly key?: string;
	readonly json?: boolean;
}

/** How long taking a large folder away again may take. */
const REMOVE_WITHIN_MS = 10_000;

export function auditExportCommand(context: Context): Command {
	const command = new Command("export")
		.summary("the whole log as a folder that can be checked elsewhere")
		.description(
			"Copies the log as it is into a new folder: intents, control, decisions, violations, checkpoints, dead letters and policies at their offsets, with their times and bytes, and the trees with the checkpoints that were signed of them as static files. May be run beside a running processor: what is copied is consistent. The folder is there under its name only once it is whole. It holds the arguments of calls.",
		)
		.argument("<dir>", "the folder, which must not be there yet")
		.option(
			"--key <key>",
			"the notary's public key, as a file or as `NAME+ID+KEY`: whose checkpoints are taken (default: whoever's are there)",
		)
		.option("--json", "print one JSON object: {folder, findings, bytes, …} and the manifest without its files")
		.addHelpText(
			"after",
			"\nExample:\n  assent audit export march --key audit/log.vkey\n  assent replay --policy policies/coding-agent.yaml --log export:march\n",
		);
	return logOptions(command).action((folder: string, options: ExportOptions) => runExport(context, folder, options));
}

async function runExport(context: Context, folder: string, options: ExportOptions): Promise<void> {
	const verifier = options.key === undefined ? null : await readVerifier(options.key);
	context.undone = `nothing is left of \`${folder}\``;
	context.endWithinMs = REMOVE_WITHIN_MS;
	await context.reading(options, async (log) => {
		const exportedAt = new Date(systemClock.now()).toISOString();
		let total = 0;
		const { manifest, findings } = await whileCounting(
			context,
			() => total,
			(counting) =>
				exportLog(log, {
					folder,
					verifier,
					exportedAt,
					onCut: (cut) => {
						total = recordsRead(cut);
					},
					...counting,
				}),
		);
		const { files, ...rest } = manifest;
		const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
		if (options.json === true) context.json({ folder, log: log.url, bytes, findings, ...rest });
		else for (const line of exportLines(folder, manifest, bytes)) context.print(line);
		for (const finding of findings) context.note(`warning: ${finding}`);
		if (findings.length > 0) context.exitCode = 1;
	});
}

function exportLines(folder: string, { ledgers, signed, topics }: Manifest, bytes: number): readonly string[] {
	const entries = ledgers.reduce((sum, { tree }) => sum + (tree?.size ?? 0), 0);
	const records = topics.reduce((sum, { partitions }) => partitions.reduce((all, one) => all + one.records, sum), 0);
	return [
		`exported to ${folder}: ${counted(ledgers.length, "partition")}, ${counted(entries, "entry", "entries")}, ${counted(records, "record")}, ${grouped(bytes)} bytes`,
		signedLine(signed, entries),
		`read it with \`--log export:${folder}\``,
	];
}

function signedLine(signed: Manifest["signed"], entries: number): string {
	if (signed === null) return "no signed checkpoint is on the log: nothing shows yet that it was not changed";
	const covered = signed.partitions.reduce((sum, { size }) => sum + size, 0);
	const anchor = signed.anchor === null ? "no anchor" : `the anchor has ${counted(signed.anchor.size, "checkpoint")}`;
	return `signed by ${signed.name}: ${grouped(covered)} of ${counted(entries, "entry", "entries")}; ${anchor}`;
}
