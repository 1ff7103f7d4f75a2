/** `assent doctor`: one line for each thing that was looked at. Changes nothing. */
import { Command } from "commander";
import { openConfigured } from "../../app/config/config.ts";
import { diagnose } from "../../operations/examine/doctor.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Context, GlobalOptions } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { printFindings } from "../output/findings.ts";
import { whileReading } from "../output/progress.ts";

export function doctorCommand(context: Context): Command {
	const command = new Command("doctor")
		.summary("check the log, the ledgers and what is waiting")
		.description(
			"Looks at the runtime, the log itself (file or cluster), its topics and layout, the policies in force, and the ledger: it must fold, and its digests and last checkpoints must come out again. A long ledger is read from its beginning only with `--full`; without it the running processor is asked, or the last snapshots and the entries after them are read. Changes nothing, and may be run beside a running processor. Exits with 0 when all is well, with 1 when there are findings, with 2 when there is no log where one was named, as every command does, with 3 when it cannot be looked at.",
		)
		.option("--full", "read every ledger from its beginning, however long that takes")
		.option("--json", "print one JSON object: {log, isAvailable, findings: [{level, subject, message, help}]}")
		.addHelpText("after", "\nExample:\n  assent doctor --log file:.assent/log.db\n");
	return logOptions(command).action(
		async (options: GlobalOptions & { readonly json?: boolean; readonly full?: boolean }) => {
			const config = await context.config(options);
			const { logUrl, layout, policyKeys } = config;
			const open = (how: { readonly create: boolean; readonly readOnly: boolean }) => openConfigured(config, how);
			context.undone = "anything not listed was not checked";
			const { findings, isAvailable, isMissing } = await whileReading(context, (reading) =>
				diagnose({
					logUrl,
					open,
					layout,
					policyKeys,
					now: systemClock.now(),
					isFull: options.full === true,
					...reading,
				}),
			);
			if (context.stop.aborted) {
				context.interrupted();
				if (findings.length > 0 && options.json !== true) printFindings(context, findings);
				return;
			}
			if (options.json === true) context.json({ log: logUrl, isAvailable, findings });
			else printFindings(context, findings);
			if (isMissing === true) context.exitCode = 2;
			else if (!isAvailable) context.exitCode = 3;
			else if (findings.some(({ level }) => level !== "ok")) context.exitCode = 1;
		},
	);
}
