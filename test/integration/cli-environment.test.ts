/** Commands in an odd environment: variables set to nothing, folders that cannot be created, a broker's helper. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.ts";

describe("a command", () => {
	it("takes `ASSENT_LOG` that is set to nothing for not set", async () => {
		const { exit, stderr } = await runCli(["doctor", "--log", "file:/nowhere/log.db"], { env: { ASSENT_LOG: "" } });
		expect([exit, stderr]).toEqual([2, ""]);
		const unnamed = await runCli(["tail", "intents", "--config", "/nowhere.yaml"], { env: { ASSENT_LOG: "" } });
		expect(unnamed.stderr).toMatch(/ASSENT_FILE_MISSING {2}there is no configuration file/);
	});

	it.runIf(process.platform === "linux")("says that a folder cannot be created, where creating it never ends", () => {
		const args = ["src/cli/main.ts", "dev", "-p", "policies/baseline.yaml", "--log", "file:/proc/x/y.db"];
		const { status, stderr, signal } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 120_000 });
		expect([signal, status, stderr]).toEqual([
			null,
			3,
			expect.stringMatching(/the folder `\/proc\/x` cannot be created/),
		]);
	});

	it("says nothing of what Node calls experimental", () => {
		const warn =
			"data:text/javascript,setTimeout(()=>{process.emitWarning('SQLite is an experimental feature','ExperimentalWarning');process.emitWarning('other')},300)";
		const args = ["--import", warn, "src/cli/main.ts", "submit", "--log", "kafka://127.0.0.1:1", "--deadline", "1s"];
		const { stderr } = spawnSync(process.execPath, args, { encoding: "utf8", input: "" });
		expect(stderr).not.toContain("SQLite is");
		expect(stderr).toContain("Warning: other");
	});
});

describe("npm run kafka", () => {
	it("explains itself, and an option that it does not have, in words", () => {
		const run = (...args: string[]) =>
			spawnSync(process.execPath, ["test/support/kafka/main.ts", ...args], { encoding: "utf8" });
		expect(run("--help")).toMatchObject({ status: 0, stdout: expect.stringMatching(/--nodes .*\n.*--port/) });
		const { status, stderr } = run("--bad");
		expect([status, stderr]).toEqual([2, expect.stringMatching(/^Unknown option '--bad'/)]);
		expect(stderr).not.toMatch(/at .*main\.ts/);
	});
});
