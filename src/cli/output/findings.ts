/** Findings for people: one line for each thing that was looked at, and below it what to do. */

import { visible } from "../../core/base/safe-text.ts";
import type { LogFinding } from "../../ports/log/log.ts";
import type { Context } from "../context.ts";

const COLORS: Readonly<Record<LogFinding["level"], string>> = { ok: "32", warning: "33", error: "31" };

export function printFindings(context: Context, findings: readonly LogFinding[]): void {
	const width = Math.max(...findings.map(({ subject }) => subject.length));
	for (const { level, subject, message, help } of findings) {
		const mark = level.padEnd(7);
		const colored = context.colors ? `\u001b[${COLORS[level]}m${mark}\u001b[0m` : mark;
		context.print(`${colored}  ${visible(`${subject.padEnd(width)}  ${message}`)}`);
		if (level !== "ok" && help !== "") context.print(`${" ".repeat(7 + 2 + width + 2)}help: ${visible(help)}`);
	}
}
