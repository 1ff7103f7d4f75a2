/** `assent doctor`: one line for each thing that was looked at. Changes nothing. */
import { Command } from "commander";
import { diagnose, type Finding } from "../../app/doctor.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Context, GlobalOptions } from "../context.ts";
import { logOptions } from "../log-options.ts";
import { whileReading } from "../operator-options.ts";
import { visible } from "../table.ts";

export function doctorCommand(context: Context): Command {
	const command = new Command("doctor")
		.summary("is the log whole, does everything fold, does anything wait")
		.description(
			"Looks at the runtime, the log's file, its topics and layout, the policies in force, and reads the whole ledger: it must fold, and its digests and last checkpoints must come out again. Changes nothing, and may be run beside a running processor. Exits with 0 when all is well, with 1 when there are findings, with 3 when the log cannot be looked at.",
		)
		.option("--json", "print one JSON object: {findings: [{level, subject, message, help}]}")
		.addHelpText("after", "\nExample:\n  assent doctor --log file:.assent/log.db\n");
	return logOptions(command).action(async (options: GlobalOptions & { readonly json?: boolean }) => {
		const { logUrl, layout } = await context.config(options);
		const { findings, isAvailable } = await whileReading(context, (reading) =>
			diagnose({ logUrl, layout, now: systemClock.now(), ...reading }),
		);
		if (options.json === true) context.json({ log: logUrl, isAvailable, findings });
		else print(context, findings);
		if (!isAvailable) context.exitCode = 3;
		else if (findings.some(({ level }) => level !== "ok")) context.exitCode = 1;
	});
}

const COLORS: Readonly<Record<Finding["level"], string>> = { ok: "32", warning: "33", error: "31" };

function print(context: Context, findings: readonly Finding[]): void {
	const width = Math.max(...findings.map(({ subject }) => subject.length));
	for (const { level, subject, message, help } of findings) {
		const mark = level.padEnd(7);
		const colored = context.colors ? `\u001b[${COLORS[level]}m${mark}\u001b[0m` : mark;
		context.print(`${colored}  ${visible(`${subject.padEnd(width)}  ${message}`)}`);
		if (level !== "ok" && help !== "") context.print(`${" ".repeat(7 + 2 + width + 2)}help: ${visible(help)}`);
	}
}
