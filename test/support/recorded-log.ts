/** Logs that a real `assent dev` has recorded. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "vitest";
import { runCli } from "./run-cli.ts";

export interface Recording {
	/** URL of the log, which is made. */
	readonly log: string;
	readonly policies: readonly string[];
	/** Lines as `assent submit` reads them. */
	readonly lines: readonly object[];
	/** Whether each allowed call is reported as done at once. */
	readonly settle?: boolean;
}

/** Has the lines decided, and returns the answers. */
export async function recordLog(recording: Recording): Promise<readonly Record<string, unknown>[]> {
	const { log, policies, lines, settle = false } = recording;
	const files = policies.flatMap((file) => ["--policy", file]);
	const args = [
		"src/cli/main.ts",
		"dev",
		"--quiet",
		"--log-level",
		"error",
		"--gateway-port",
		"off",
		"--log",
		log,
		...files,
	];
	const dev = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
	try {
		await new Promise<void>((resolve, reject) => {
			dev.stdout.on("data", (chunk) => String(chunk).includes("ready") && resolve());
			dev.once("exit", (code) => reject(new Error(`dev ended with ${code} before it was ready`)));
		});
		const stdin = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
		const options = ["--jsonl", "--deadline", "60s", ...(settle ? ["--settle"] : [])];
		const submitted = await runCli(["submit", ...options, "--log", log], { stdin });
		expect(submitted.exit, submitted.stderr).toBe(0);
		return submitted.stdout
			.split("\n")
			.filter((line) => line !== "")
			.map((line) => JSON.parse(line) as Record<string, unknown>);
	} finally {
		const ended = dev.exitCode === null ? once(dev, "exit") : null;
		dev.kill("SIGTERM");
		await ended;
	}
}
