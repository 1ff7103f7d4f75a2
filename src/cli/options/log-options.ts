/** The two options of every command that touches a log. */
import type { Command } from "commander";

export const logOptions = (command: Command): Command =>
	command
		.option(
			"--log <url>",
			"the log: file:PATH or kafka://HOST:PORT,…[/PREFIX]; export:DIR where it is only read (default: ASSENT_LOG, or file:.assent/log.db)",
		)
		.option("--config <file>", "configuration file (YAML), also for TLS and SASL of Kafka");
