/** Readers of a command's output that go away: whoever decides for others goes on. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { jsonLines, scratchFolder } from "../support/cli.ts";
import { runCli } from "../support/run-cli.ts";

const POLICY = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all, deny: [rm] }\n";

describe("dev whose readers go away", () => {
	it.each([
		{ closed: ["stdout"], said: 1 },
		{ closed: ["stdout", "stderr"], said: 0 },
	] as const)(
		"goes on to decide without $closed",
		async ({ closed, said }) => {
			const folder = scratchFolder();
			const policy = join(folder, "p.yaml");
			writeFileSync(policy, POLICY);
			const log = `file:${join(folder, "log.db")}`;
			const dev = spawn(process.execPath, ["src/cli/main.ts", "dev", "--log", log, "--policy", policy]);
			onTestFinished(() => void dev.kill("SIGKILL"));
			let stderr = "";
			dev.stderr.on("data", (chunk) => {
				stderr += String(chunk);
			});
			await new Promise<void>((resolve) =>
				dev.stdout.on("data", (chunk) => String(chunk).includes("ready") && resolve()),
			);
			for (const name of closed) dev[name].destroy();
			for (let round = 0; round < 3; round++) {
				const stdin = `${JSON.stringify({ id: `r-${round}`, tool: "rm", args: {} })}\n`;
				const { stdout } = await runCli(["submit", "--log", log, "--deadline", "10s"], { stdin });
				expect(jsonLines(stdout)).toMatchObject([{ verdict: "deny", reason: expect.stringMatching(/^tool\.denied/) }]);
				// A violation is a line of `dev`.
				await pause(200);
				expect(dev.exitCode).toBeNull();
			}
			dev.kill("SIGTERM");
			expect(await once(dev, "exit")).toEqual([0, null]);
			expect(stderr.split("stdout is no longer read").length - 1).toBe(said);
		},
		40_000,
	);
});
