/**
 * What a program that gave no telemetry still hears: warnings and errors, a line each on stderr. Silence would hide
 * an outcome that could not be written, or a limit that nobody reports to.
 */
import { visible } from "../core/base/safe-text.ts";
import type { Facts, Telemetry } from "../ports/telemetry.ts";

export function stderrTelemetry(write: (line: string) => void = (line) => void process.stderr.write(line)): Telemetry {
	const line =
		(kind: "warning" | "error") =>
		(event: string, facts: Facts): void => {
			const told = Object.entries(facts).map(
				([name, value]) => `${name}=${typeof value === "string" ? JSON.stringify(value) : value}`,
			);
			write(`${visible(["assent:", kind, event, ...told].join(" "))}\n`);
		};
	return { info: () => {}, warn: line("warning"), error: line("error") };
}
