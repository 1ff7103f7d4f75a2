/** Telemetry as structured log lines on stderr: one JSON object each, event names are stable. */
import { pino } from "pino";
import type { Facts, Telemetry } from "../ports/telemetry.ts";

/** `level`: `info`, `warn`, `error` or `silent`. */
export function logger(level: string): Telemetry {
	const log = pino(
		{ level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
		pino.destination({ fd: 2, sync: true }),
	);
	const line =
		(at: "info" | "warn" | "error") =>
		(event: string, facts: Facts = {}): void =>
			log[at]({ event, ...facts });
	return { info: line("info"), warn: line("warn"), error: line("error") };
}
