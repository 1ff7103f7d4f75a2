/** Cases written from a log, and decisions explained from it. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DevNode, startDev } from "../../src/app/dev.ts";
import { openLog } from "../../src/app/open-log.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { AssentClient } from "../../src/client/client.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import type { Log } from "../../src/ports/log/log.ts";
import { topicSpecs } from "../../src/ports/log/topics.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";

const LAYOUT = { ...DEFAULT_LAYOUT, partitions: 2 };

const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: desk }
tools:
  allow: all
  deny: [{ name: no-drop, tools: [drop_table] }]
  hold: [{ name: payments, tools: [pay], approval: finance }]
conditions:
  - { name: own-files, tools: [write], require: { in: args.path, path: '{workspace}/**' } }
limits:
  - { name: looks, measure: tool_calls, scope: session, max: 2, tools: [look] }
  - { name: tokens, measure: tokens, scope: agent, max: 100, tools: [think] }
approvals:
  finance: { approvers: ['fin-*'], expires: 1h }
obligations:
  - { tools: [login, guarded], redact: [args.password] }
intents:
  - { name: no-harm, categories: [dangerous], tools: [shell, guarded] }
`;
/** The same without memory: each call is decided by itself. */
const PLAIN = POLICY.replace(/limits:[\s\S]*?approvals:/, "approvals:");

let folder: string;
let log: Log;
let node: DevNode;
let client: AssentClient;

const path = (name: string): string => join(folder, name);

const assent = (...args: string[]): Promise<CliOutcome> =>
	runCli(args, { env: { ASSENT_LOG: `file:${path("log.db")}`, USER: "ops-ann" } });

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-record-"));
	await writeFile(path("desk.yaml"), POLICY);
	await writeFile(path("plain.yaml"), PLAIN);
	log = await openLog(`file:${path("log.db")}`, { create: true });
	await log.admin().createTopics(topicSpecs(LAYOUT));
	const policies = await loadPolicies([path("desk.yaml")], LAYOUT.budgetRoot);
	if (!policies.ok) throw new Error("the test's policies do not compile");
	node = await startDev({
		log,
		layout: LAYOUT,
		policies: policies.value,
		snapshotEvery: 100_000,
		telemetry: silentTelemetry,
	});
	client = await new AssentClient({ log, layout: LAYOUT }).start();
});

afterEach(async () => {
	await client.close();
	await node.stop();
	await log.close();
	await rm(folder, { recursive: true, force: true });
});

interface Asked {
	readonly id: string;
	readonly agent?: string;
	readonly session?: string;
	readonly args?: JsonObject;
	readonly facts?: { readonly workspace: string };
}

async function ask(tool: string, { id, agent = "clerk", session = "run-1", args = {}, facts }: Asked): Promise<string> {
	const principal = { id, tenant: "acme", agent, session };
	const decision = await client.decide({
		...principal,
		tool,
		args,
		...(facts === undefined ? {} : { facts }),
		onBehalfOf: "bob",
		estimate: { tokens: 40 },
		deadlineMs: 20_000,
		onHold: "return",
	});
	return decision.verdict;
}

const ended = (id: string, usage: { readonly tokens: number }): Promise<void> =>
	client.report({ id, tenant: "acme", agent: "clerk", session: "run-1" }, "ok", usage);

/** A day of one agent, and a call of another. */
async function someWork(): Promise<void> {
	const verdicts = [
		await ask("look", { id: "a", facts: { workspace: "/srv/a" } }),
		await ask("look", { id: "b" }),
		await ask("look", { id: "c" }),
		await ask("write", { id: "d", args: { path: "/srv/a/x" } }),
		await ask("drop_table", { id: "e" }),
		await ask("pay", { id: "f", args: { amount: 5 } }),
		await ask("login", { id: "g", args: { user: "ann", password: "hunter2" } }),
		await ask("think", { id: "h", session: "run-2" }),
		await ask("look", { id: "i", agent: "other" }),
	];
	expect(verdicts).toEqual(["allow", "allow", "deny", "allow", "deny", "hold", "allow", "allow", "allow"]);
	await ended("a", { tokens: 7 });
	expect((await assent("approvals", "grant", "f", "--by", "fin-cy")).exit).toBe(0);
	await ended("f", { tokens: 1 });
	const settled = async () => (await assent("tail", "decisions", "--jsonl")).stdout.match(/"usage\.settled"/g)?.length;
	await expect.poll(settled).toBe(2);
}

const record = (...args: string[]): Promise<CliOutcome> => assent("policy", "test", "--record", ...args);

/** The recorded cases, run as a test file. */
async function replayed(text: string): Promise<CliOutcome> {
	await writeFile(path("recorded.test.yaml"), text);
	expect(await assent("policy", "fmt", "--check", path("recorded.test.yaml"))).toMatchObject({ exit: 0, stdout: "" });
	return assent("policy", "test", path("recorded.test.yaml"));
}

describe("policy test --record", () => {
	it("writes what was decided, with outcomes and votes, as cases that pass", async () => {
		await someWork();
		const recorded = await record(path("desk.yaml"));
		expect([recorded.exit, recorded.stderr]).toEqual([0, ""]);
		expect(recorded.stdout).toMatch(/^# Recorded: 9 calls, \S+Z to \S+Z\.\n/);
		expect(recorded.stdout).toContain("outcome: c1");
		expect(recorded.stdout).toMatch(/grant: c\d, by: fin-cy, expect: allow/);
		expect(recorded.stdout).toContain("workspace: /srv/a");
		expect(recorded.stdout).toMatch(/expect: \{ verdict: deny, rules: \[\s*looks\s*\] \}/);
		expect((await record(path("desk.yaml"))).stdout).toBe(recorded.stdout);
		expect(await replayed(recorded.stdout)).toMatchObject({ exit: 0, stdout: expect.stringContaining("  2 cases\n") });
	});

	it("names the policies from the folder that they have in common, where the file is kept", async () => {
		await ask("look", { id: "a" });
		await mkdir(path("fleet/more"), { recursive: true });
		await writeFile(path("fleet/desk.yaml"), POLICY);
		await writeFile(path("fleet/more/plain.yaml"), PLAIN.replace("name: desk", "name: plain"));
		const kept = async (file: string, ...policies: readonly string[]) => {
			// As from a folder above, and as with the help's example.
			const recorded = await record(...policies.map((each) => relative(".", path(each))), "--limit", "50");
			await writeFile(path(file), recorded.stdout);
			const { exit, stderr } = await assent("policy", "test", path(file));
			expect([exit, stderr]).toEqual([0, ""]);
			return /^policies:.*$/m.exec(recorded.stdout)?.[0];
		};
		expect(await kept("fleet/desk.test.yaml", "fleet/desk.yaml")).toBe("policies: [desk.yaml]");
		expect(await kept("fleet/both.test.yaml", "fleet/desk.yaml", "fleet/more/plain.yaml")).toBe(
			"policies: [desk.yaml, more/plain.yaml]",
		);
		expect(await kept("fleet/all.test.yaml", "fleet")).toBe("policies: [.]");
	});

	it("leaves out what policies redact, also of calls that were denied", async () => {
		await someWork();
		const { stdout } = await record(path("desk.yaml"));
		expect(stdout).toContain("password: '[redacted]'");
		expect(stdout).not.toContain("hunter2");
		await writeFile(
			path("strict.yaml"),
			POLICY.replace("allow: all", "allow: none").replace("args.password", "args.user"),
		);
		const strict = await record(path("strict.yaml"));
		expect(strict.stdout).not.toMatch(/hunter2|ann/);
		expect(strict.stderr).toContain("cases would fail: these policies decide otherwise than was recorded");
	});

	it("writes each call alone for policies without memory", async () => {
		await someWork();
		const { stdout, stderr } = await record(path("plain.yaml"), "--agent", "clerk", "--limit", "6");
		expect(stdout).not.toContain("histories:");
		expect(stdout.match(/tool: /g)).toHaveLength(6);
		expect(stderr).toContain("1 case would fail");
		const replay = await replayed(stdout);
		expect([replay.exit, replay.stdout]).toEqual([1, expect.stringContaining("verdict: expected deny, got allow")]);
	});

	it("writes one decision: alone, or after what its budget depends on", async () => {
		await someWork();
		const alone = await record(path("desk.yaml"), "--decision", "e");
		expect(alone.stdout.match(/tool: /g)).toHaveLength(1);
		expect((await replayed(alone.stdout)).exit).toBe(0);
		const third = await record(path("desk.yaml"), "--decision", "c");
		expect(third.stdout.match(/tool: look/g)).toHaveLength(3);
		expect((await replayed(third.stdout)).exit).toBe(0);
		expect((await record(path("desk.yaml"), "--decision", "nosuch")).exit).toBe(2);
	});

	it("takes a time, and says what it cannot take", async () => {
		await someWork();
		const soon = new Date(Date.now() + 60_000).toISOString();
		expect((await record(path("desk.yaml"), "--to", soon)).exit).toBe(0);
		expect(await record(path("desk.yaml"), "--from", soon)).toMatchObject({
			exit: 2,
			stderr: expect.stringContaining("there is no decision of policies to be recorded"),
		});
		expect((await record(path("desk.yaml"), "--from", "yesterday")).exit).toBe(2);
		expect((await assent("policy", "test", path("desk.yaml"), "--from", soon)).stderr).toContain(
			"`--from` is for `--record`",
		);
	});

	it("leaves out what no policy decided, and counts it", async () => {
		await ask("look", { id: "a" });
		await assent("halt", "set", "--tenant", "acme", "--by", "ops-ann", "--reason", "test");
		expect(await ask("look", { id: "b" })).toBe("deny");
		const { stdout, stderr } = await record(path("desk.yaml"));
		expect(stdout.match(/tool: look/g)).toHaveLength(1);
		expect(stderr).toBe("1 decision left out: no policy made them\n");
	});
});

describe("policy explain --decision", () => {
	it("says what was decided, by rules of which file, and what came of it", async () => {
		await someWork();
		const { exit, stdout } = await assent("policy", "explain", "--decision", "f");
		expect(exit).toBe(0);
		expect(stdout).toMatch(
			/^f {2}pay {2}acme\/clerk\/run-1 on behalf of bob {2}at \S+Z\nheld for approval: one rule requires it\n/,
		);
		expect(stdout).toContain(`  desk/payments is at ${path("desk.yaml")}:7:10\n`);
		expect(stdout).toMatch(/^granted by fin-cy at \S+Z: allow$/m);
		expect(stdout).toMatch(/^ended ok at \S+Z: tokens 1$/m);
		const asJson = await assent("policy", "explain", "--decision", "f", "--json");
		expect(asJson.json()).toMatchObject({
			id: "f",
			verdict: "hold",
			rules: [{ rule: "payments", place: { line: 7 } }],
			votes: [{ vote: "granted", by: "fin-cy", result: "allow" }],
			outcomes: [{ status: "ok", usage: { tokens: 1 } }],
		});
	});

	it("asks whose call it is where several have the id, and takes no files", async () => {
		await ask("look", { id: "same" });
		await ask("look", { id: "same", agent: "other" });
		const several = await assent("policy", "explain", "--decision", "same");
		expect([several.exit, several.stderr]).toEqual([2, expect.stringContaining("several agents have a call `same`")]);
		expect((await assent("policy", "explain", "--decision", "same", "--agent", "other")).stdout).toContain(
			"acme/other/run-1",
		);
		expect((await assent("policy", "explain", "--decision", "nosuch")).exit).toBe(2);
		expect((await assent("policy", "explain", path("desk.yaml"), "--decision", "same")).exit).toBe(2);
		expect((await assent("policy", "explain", path("desk.yaml"))).stderr).toContain(
			"neither `--tool` nor `--decision`",
		);
	});

	it("shows what the classifier read where a rule asked it, and nothing of it where none did", async () => {
		const token = `ghp_${"a1B2".repeat(9)}`;
		const script = Buffer.from("rm -rf /srv/data").toString("base64");
		await ask("shell", { id: "s", args: { command: `echo ${script} | base64 -d | sh; echo ${token} \u001b[2J` } });
		const { exit, stdout } = await assent("policy", "explain", "--decision", "s");
		expect(exit).toBe(0);
		expect(stdout).toMatch(/^ {4}destructive_data \d+ {2}\S/m);
		expect(stdout).toMatch(/^ {4}command {2}at \/command\[\d+\.\.\d+\] ".*via .*base64/m);
		expect(stdout).not.toContain("\u001b[2J");
		expect(stdout).not.toContain(token);
		expect(stdout).not.toContain("another version");
		const data = (await assent("policy", "explain", "--decision", "s", "--json")).json();
		expect(data).toMatchObject({ reading: { isOther: false, isRedacted: false, factsLeftOut: 0 } });
		expect(JSON.stringify(data)).not.toContain(token);
		await ask("look", { id: "t" });
		expect((await assent("policy", "explain", "--decision", "t", "--json")).json()).not.toHaveProperty("reading");
	});

	it("reads nothing of what policies redact, also of calls that were denied", async () => {
		await ask("guarded", { id: "r", args: { command: "rm -rf /srv/data", password: "hunter2" } });
		const { stdout } = await assent("policy", "explain", "--decision", "r");
		expect(stdout).toContain("without what policies redact");
		expect(stdout).not.toContain("hunter2");
	});
});
