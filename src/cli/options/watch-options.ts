/** Options of commands that run on: what they log, and where they are watched. */
import { type Command, Option } from "commander";
import { wholeNumber } from "./whole-number.ts";

export const logLevelOption = (command: Command): Command =>
	command.addOption(
		new Option("--log-level <level>", "structured log lines on stderr")
			.choices(["info", "warn", "error", "silent"])
			.default("warn"),
	);

/** `section`: of the configuration, which says it where the option does not. */
export const metricsPortOption = (command: Command, section: string): Command =>
	command.option(
		"--metrics-port <port>",
		`serve metrics and health on this port (default: \`${section}\` of the configuration file, else none)`,
		wholeNumber({ min: 0, max: 65_535 }),
	);
