/** `assent dev` with a notary: what is decided is signed by the same process, with a key that somebody made, and never without. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { TEST_POLICY, until } from "../support/world.ts";

let folder: string;

const path = (name: string): string => join(folder, name);

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-dev-notary-"));
	await writeFile(path("policy.yaml"), TEST_POLICY);
	await writeFile(path("assent.yaml"), "log: file:log.db\nlayout: { partitions: 1 }\nmetrics: { port: 0 }\n");
	await runCli(["keys", "create", "log.example.com", "--out", path("notary.key")]);
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

/** Until it is ready, or has ended. */
async function dev(...args: readonly string[]): Promise<{
	readonly ready: {
		readonly metrics: string;
		readonly notary: { readonly folder: string; readonly key: string } | null;
	};
	readonly ended: Promise<CliOutcome>;
	stop(): Promise<CliOutcome>;
}> {
	const stop = new AbortController();
	let said = "";
	const all = [
		"dev",
		"--policy",
		path("policy.yaml"),
		"--config",
		path("assent.yaml"),
		"--gateway-port",
		"off",
		"--json",
	];
	const ended = runCli([...all, "--log-level", "silent", ...args], {
		stop: stop.signal,
		onStdout: (soFar) => {
			said = soFar;
		},
	});
	onTestFinished(() => stop.abort("SIGTERM"));
	await until(() => said.includes('"ready"'), "dev");
	return {
		ready: JSON.parse(said.split("\n")[0] ?? ""),
		ended,
		stop: () => {
			stop.abort("SIGTERM");
			return ended;
		},
	};
}

const submit = (id: string): Promise<CliOutcome> =>
	runCli(["submit", "--config", path("assent.yaml"), "--deadline", "5s"], {
		stdin: JSON.stringify({ id, tool: "wipe", args: {} }),
	});

const prove = (id: string, wait = "10s"): Promise<CliOutcome> => {
	const args = ["audit", "prove", id, "--config", path("assent.yaml"), "--key", path("audit/log.vkey")];
	return runCli([...args, "--out", path(`${id}.tlog-proof`), "--wait", wait]);
};

describe("assent dev with a notary", () => {
	it("signs what it decides, beside the log, shows the notary's metrics with its own, and signs the last decision before it ends", async () => {
		const running = await dev("--notary-key", path("notary.key"));
		expect(running.ready.notary).toMatchObject({ folder: path("audit") });
		await submit("call-1");
		expect((await prove("call-1")).exit).toBe(0);
		expect(readFileSync(path("audit/log.vkey"), "utf8").trim()).toBe(running.ready.notary?.key);
		const page = await (await fetch(`${running.ready.metrics}/metrics`)).text();
		expect(page).toMatch(/^assent_notary_checkpoints_total [1-9]/m);
		expect(page).toMatch(/^assent_decisions_total\{verdict="deny"\} 1$/m);
		expect(page.match(/^# HELP process_cpu_seconds_total/gm)).toHaveLength(1);
		await submit("call-2");
		expect((await running.stop()).exit).toBe(0);
		expect((await prove("call-2", "0s")).exit).toBe(0);
	});

	it("takes key and folder from the configuration, and makes no key by itself", async () => {
		const plain = await dev();
		expect(plain.ready.notary).toBeNull();
		await plain.stop();
		expect(existsSync(path("audit"))).toBe(false);
		const notary = "notary: { key: notary.key, out: signed }\n";
		await writeFile(path("assent.yaml"), `log: file:log.db\nlayout: { partitions: 1 }\n${notary}`);
		const running = await dev();
		expect(running.ready.notary).toMatchObject({ folder: path("signed") });
		await until(() => existsSync(path("signed/anchor/checkpoint")), "the anchor");
		await running.stop();

		const args = ["dev", "--policy", path("policy.yaml"), "--gateway-port", "off"];
		const missing = await runCli([...args, "--log", `file:${path("other.db")}`, "--notary-key", path("none.key")]);
		expect(missing).toMatchObject({ exit: 2, stderr: expect.stringContaining("ASSENT_FILE_MISSING") as string });
		expect(existsSync(path("other.db"))).toBe(false);
		const memory = await runCli([...args, "--log", "memory:", "--notary-key", path("notary.key")]);
		expect(memory).toMatchObject({ exit: 2, stderr: expect.stringContaining("ends with the process") as string });
	});

	it("ends when another notary signs on its folder, and does not begin where the folder is gone", async () => {
		const running = await dev("--notary-key", path("notary.key"));
		await submit("call-1");
		expect((await prove("call-1")).exit).toBe(0);
		const latest = readdirSync(path("audit/state")).sort().at(-1) as string;
		const next = String(Number.parseInt(latest, 10) + 1).padStart(12, "0");
		await copyFile(path(`audit/state/${latest}`), path(`audit/state/${next}.json`));
		await submit("call-2");
		expect(await running.ended).toMatchObject({
			exit: 3,
			stderr: expect.stringContaining("ASSENT_NOTARY_TAKEN") as string,
		});

		await rm(path("audit"), { recursive: true, force: true });
		const args = ["dev", "--policy", path("policy.yaml"), "--config", path("assent.yaml"), "--gateway-port", "off"];
		const refused = await runCli([...args, "--notary-key", path("notary.key"), "--log-level", "silent"]);
		expect(refused).toMatchObject({ exit: 4, stderr: expect.stringContaining("ASSENT_NOTARY_STATE") as string });
	});
});
