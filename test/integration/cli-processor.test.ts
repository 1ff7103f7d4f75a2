/** `assent processor` on a log file, as its operators run it: a process with signals and an exit code. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { assent, type Ended, jsonLines, type Running, scratchFolder, start } from "../support/cli.ts";
import { runCli } from "../support/run-cli.ts";

const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: team }
tools: { allow: all, deny: [drop] }
`;

interface Scratch {
	readonly log: string;
	readonly policy: string;
	readonly config: string;
	/** The options that every command here takes. */
	readonly at: readonly string[];
}

/** A log with topics of two partitions, and a configuration that says so. */
async function scratch(): Promise<Scratch> {
	const folder = scratchFolder();
	const log = `file:${join(folder, "log.db")}`;
	const policy = join(folder, "team.yaml");
	const config = join(folder, "assent.yaml");
	writeFileSync(policy, POLICY);
	writeFileSync(config, `log: ${log}\nlayout: { partitions: 2 }\n`);
	const made = await runCli(["topics", "create", "--config", config]);
	expect(made.exit).toBe(0);
	return { log, policy, config, at: ["--config", config] };
}

async function running(args: readonly string[]): Promise<Running> {
	const processor = start(["processor", "--json", ...args]);
	await processor.said(/"event":"ready"/);
	return processor;
}

const submit = (at: readonly string[], ...tools: string[]): Promise<Ended> =>
	assent(["submit", ...at], tools.map((tool, id) => `${JSON.stringify({ id: `c-${id}`, tool, args: {} })}\n`).join(""));

const verdicts = ({ stdout }: Ended): Record<string, unknown> =>
	Object.fromEntries(jsonLines(stdout).map((line) => [line["id"], line["verdict"]]));

const events = ({ stdout }: Ended): unknown[] => jsonLines(stdout).map((line) => line["event"]);

describe("a processor on a log file", () => {
	it("decides by policies that it put into force, and hands over on SIGTERM", async () => {
		const { at, policy, log } = await scratch();
		const processor = await running([...at, "--policy", policy, "--instance", "one"]);
		expect(verdicts(await submit(at, "look", "drop"))).toEqual({ "c-0": "allow", "c-1": "deny" });
		const ended = await processor.stop();
		expect(ended.code).toBe(0);
		const [assigned, ready] = jsonLines(ended.stdout).sort((a, b) =>
			String(a["event"]) < String(b["event"]) ? -1 : 1,
		);
		expect(assigned).toMatchObject({ event: "assigned", instance: "one", partitions: 2 });
		expect(ready).toEqual({
			event: "ready",
			log,
			partitions: 2,
			instance: "one",
			pid: processor.child.pid,
			metrics: null,
			trust: null,
		});
		expect(events(ended).at(-1)).toBe("stopped");

		// Its state was handed over whole, and the same policies are not activated anew.
		const next = await running([...at, "--policy", policy]);
		expect(verdicts(await submit(at, "look", "drop"))).toEqual({ "c-0": "allow", "c-1": "deny" });
		expect((await next.stop()).code).toBe(0);
		const history = await runCli(["policy", "history", "--json", ...at]);
		expect((history.json() as { activations: unknown[] }).activations).toHaveLength(1);
		expect((await runCli(["doctor", ...at])).stdout).toMatch(/^ok +ledger +folds to its end/m);
	});

	it("leaves the policies alone that are in force", async () => {
		const { at, policy } = await scratch();
		const processor = await running(at);
		expect(verdicts(await submit(at, "look"))).toEqual({ "c-0": "deny" });
		expect((await runCli(["policy", "activate", policy, "--by", "ann", ...at])).exit).toBe(0);
		const asked = await assent(["submit", ...at], '{"id":"later","tool":"look","args":{}}\n');
		expect(verdicts(asked)).toEqual({ later: "allow" });
		expect((await processor.stop()).code).toBe(0);
	});

	it("exits with 3 when a newer one has taken over", async () => {
		const { at } = await scratch();
		const older = await running(at);
		const newer = await running([...at, "--instance", "newer"]);
		const ended = await older.ended;
		expect(ended.code).toBe(3);
		expect(ended.stderr).toMatch(/ASSENT_SUPERSEDED .*newer/);
		expect(events(ended)).toContain("lost");
		expect(events(ended)).not.toContain("stopped");
		expect((await newer.stop()).code).toBe(0);
	});

	it("serves metrics and health from its start to its end", async () => {
		const { at } = await scratch();
		const processor = start(["processor", ...at, "--metrics-port", "0"]);
		await processor.said(/ready as /);
		await processor.said(/metrics and health at http:\/\/127\.0\.0\.1:\d+/);
		processor.child.kill("SIGINT");
		const ended = await processor.ended;
		expect(ended.code).toBe(0);
		const address = /http:\/\/127\.0\.0\.1:\d+/.exec(ended.stdout)?.[0] ?? "";
		await expect(fetch(`${address}/livez`)).rejects.toThrow();
	});

	it("answers probes where the configuration says", async () => {
		const { at, config, log } = await scratch();
		writeFileSync(config, `log: ${log}\nlayout: { partitions: 2 }\nmetrics: { port: 0 }\n`);
		const processor = start(["processor", ...at, "--json"]);
		let said = "";
		processor.child.stdout?.on("data", (chunk) => {
			said += String(chunk);
		});
		await processor.said(/"event":"ready".*\n/);
		const address = /"metrics":"([^"]+)"/.exec(said)?.[1] ?? "";
		expect((await fetch(`${address}/livez`)).status).toBe(200);
		expect(await (await fetch(`${address}/metrics`)).text()).toMatch(/^assent_member 1$/m);
		expect((await processor.stop()).code).toBe(0);
	});
});

describe("dev, too", () => {
	it("serves metrics where the configuration says", async () => {
		const { at, config, log, policy } = await scratch();
		writeFileSync(config, `log: ${log}\nlayout: { partitions: 2 }\nmetrics: { port: 0 }\npolicies: [${policy}]\n`);
		const dev = start(["dev", ...at]);
		await dev.said(/metrics and health at http:\/\/127\.0\.0\.1:\d+\n/);
		await dev.said(/ready; submit/);
		expect((await dev.stop()).code).toBe(0);
	});
});

describe("a processor does not start", () => {
	it("on a log that is not there, or that has no topics, and creates nothing", async () => {
		const folder = scratchFolder();
		const none = `file:${join(folder, "none.db")}`;
		const missing = await runCli(["processor", "--log", none]);
		expect([missing.exit, missing.stderr]).toEqual([2, expect.stringMatching(/ASSENT_FILE_MISSING/)]);
		expect((await runCli(["processor", "--log", none])).stderr).toContain("make one with `assent topics create`");
		expect((await runCli(["doctor", "--log", none])).stdout).toMatch(/there is no log at/);
	});

	it("with another layout than the topics or the ledger have", async () => {
		const { at, log, config } = await scratch();
		const other = await runCli(["processor", "--log", log]);
		expect(other.exit).toBe(3);
		expect(other.stderr).toMatch(
			/ASSENT_LOG_TOPIC .*`intents` has 2 partitions, the layout has 12.*\nhelp: .*configuration/,
		);
		const processor = await running(at);
		// A claim stands in the ledger once something was decided.
		await submit(at, "look");
		expect((await processor.stop()).code).toBe(0);
		writeFileSync(config, `log: ${log}\nlayout: { partitions: 2, session: 1d }\n`);
		const refused = await runCli(["processor", ...at]);
		expect([refused.exit, refused.stderr]).toEqual([3, expect.stringMatching(/ASSENT_LAYOUT .*layout\.session is/)]);
	});

	it("with policies that do not compile, a port that is taken, or a name that no record can hold", async () => {
		const { at, policy } = await scratch();
		writeFileSync(policy, POLICY.replace("drop", "[").concat("\n"));
		expect((await runCli(["processor", ...at, "--policy", policy])).stderr).toMatch(/team\.yaml:\d+:\d+ {2}POLICY_/);
		const taken = createServer().listen(0, "127.0.0.1");
		await new Promise((resolve) => taken.once("listening", resolve));
		const { port } = taken.address() as { port: number };
		const busy = await runCli(["processor", ...at, "--metrics-port", String(port)]);
		expect([busy.exit, busy.stderr]).toEqual([2, expect.stringMatching(/cannot listen on port/)]);
		taken.close();
		expect((await runCli(["processor", ...at, "--instance", "a\u0007"])).stderr).toMatch(
			/`--instance` is not a valid name/,
		);
		expect((await runCli(["processor", ...at, "--metrics-port", "70000"])).stderr).toMatch(/from 0 to 65535/);
	});
});
