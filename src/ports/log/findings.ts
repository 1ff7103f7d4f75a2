/** What an examination of a log says of one thing: well, doubtful or wrong, and what to do about it. */
import type { LogFinding } from "./log.ts";

export const ok = (subject: string, message: string): LogFinding => ({ level: "ok", subject, message, help: "" });

export const warning = (subject: string, message: string, help: string): LogFinding => ({
	level: "warning",
	subject,
	message,
	help,
});

export const error = (subject: string, message: string, help: string): LogFinding => ({
	level: "error",
	subject,
	message,
	help,
});
