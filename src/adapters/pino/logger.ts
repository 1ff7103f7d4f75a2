/** Telemetry as structured log lines on stderr: one JSON object each, event names are stable. */
import { type Logger, pino } from "pino";
import { visibleLines } from "../../core/base/safe-text.ts";
import type { Facts, Telemetry } from "../../ports/telemetry.ts";

/** `level`: `info`, `warn`, `error` or `silent`. */
export const logger = (level: string): Telemetry => telemetryOf(pinoLogger(level));

/** For a library that logs through pino itself. */
export function pinoLogger(level: string): Logger {
	const stderr = pino.destination({ fd: 2, sync: true });
	// Whoever read stderr may have gone away: what is logged is then lost, and nothing else.
	stderr.on("error", () => {});
	// JSON escapes C0 controls alone; what an agent named itself may hold others, and stderr may be a terminal.
	const write = (text: string): boolean => stderr.write(visibleLines(text));
	return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
}

export function telemetryOf(log: Logger): Telemetry {
	const line =
		(at: "info" | "warn" | "error") =>
		(event: string, facts: Facts): void =>
			log[at]({ event, ...facts });
	return { info: line("info"), warn: line("warn"), error: line("error") };
}
