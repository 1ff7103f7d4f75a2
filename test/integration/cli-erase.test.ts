/** Sealed arguments from a gateway to their erasure: what is decided by, what is shown, and what is left on the disk. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLog } from "../../src/app/open-log.ts";
import { sealedSalt } from "../../src/core/codec/sealed.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import { recompute } from "../support/recompute.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { until } from "../support/world.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: desk }
tools:
  allow: all
  hold: [{ name: payments, tools: [pay], approval: finance }]
patterns: [{ name: no-wipe, regex: 'rm -rf', in: args.command }]
limits: [{ name: loops, measure: identical_calls, scope: session, max: 5 }]
approvals: { finance: { approvers: ["fin-*"], expires: 1h } }
`;
const SECRET = "ann-larsson-1974";

let folder: string;
let stop: AbortController;
let dev: Promise<CliOutcome> | null;
let gateway: string;

const path = (name: string): string => join(folder, name);
const env = (): Record<string, string> => ({ ASSENT_LOG: `file:${path("log.db")}`, USER: "kim" });
const assent = (...args: string[]): Promise<CliOutcome> =>
	runCli([...args, "--config", path("config.yaml")], { env: env() });
const erase = (...args: string[]): Promise<CliOutcome> => assent("audit", "erase", ...args);

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-erase-"));
	writeFileSync(path("desk.yaml"), POLICY);
	configure("sealed");
});

afterEach(async () => {
	await end();
	rmSync(folder, { recursive: true, force: true });
});

const configure = (mode: string): void =>
	writeFileSync(path("config.yaml"), `layout: { partitions: 2 }\nprivacy: { mode: ${mode} }\n`);

async function begin(): Promise<void> {
	stop = new AbortController();
	let said = "";
	const args = ["dev", "--policy", path("desk.yaml"), "--json", "--quiet", "--gateway-port", "0"];
	dev = runCli([...args, "--log-level", "silent", "--config", path("config.yaml")], {
		env: env(),
		stop: stop.signal,
		onStdout: (soFar) => {
			said = soFar;
		},
	});
	await until(() => said.includes('"ready"'), "dev to be ready");
	({ gateway } = JSON.parse(said.split("\n")[0] as string) as { gateway: string });
}

async function end(): Promise<void> {
	stop?.abort("SIGTERM");
	await dev;
	dev = null;
}

async function ask(id: string, tool: string, args: object, session = "run-1"): Promise<{ verdict: string }> {
	const { key } = JSON.parse(readFileSync(path("gateway.json"), "utf8")) as { key: string };
	const response = await fetch(`${gateway}/v1/intents`, {
		method: "POST",
		headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
		body: JSON.stringify({ id, tool, args, session, agent: "coder" }),
	});
	return (await response.json()) as { verdict: string };
}

/** Files below the folder that hold these bytes. */
const filesWith = (bytes: string | Uint8Array): readonly string[] =>
	readdirSync(folder).filter(
		(name) =>
			statSync(path(name)).isFile() &&
			readFileSync(path(name)).includes(typeof bytes === "string" ? bytes : Buffer.from(bytes)),
	);

async function recomputed() {
	const log = await openLog(`file:${path("log.db")}`, { create: false, readOnly: true });
	try {
		return await recompute(log, { ...DEFAULT_LAYOUT, partitions: 2 });
	} finally {
		await log.close();
	}
}

async function secretOf(id: string, session = "run-1"): Promise<Uint8Array> {
	const log = await openLog(`file:${path("log.db")}`, { create: false, readOnly: true });
	const found = log.payloads?.find({ tenant: "default", agent: "coder", session, id });
	await log.close();
	if (!(found instanceof Uint8Array)) throw new Error(`there is no secret of ${id}`);
	return found;
}

describe("sealed arguments", () => {
	it("are judged and shown, are nowhere in the clear, and are gone for good once they are erased", async () => {
		await begin();
		expect(await ask("c-1", "shell", { command: `grep ${SECRET}` })).toMatchObject({ verdict: "allow" });
		expect(await ask("c-2", "shell", { command: `rm -rf /home/${SECRET}` })).toMatchObject({ verdict: "deny" });
		expect(await ask("p-1", "pay", { to: SECRET })).toMatchObject({ verdict: "hold" });
		expect(await ask("other", "shell", { command: "ls" }, "run-2")).toMatchObject({ verdict: "allow" });
		expect(filesWith(SECRET)).toEqual([]);
		expect((await assent("approvals", "show", "p-1")).stdout).toContain(SECRET);
		expect((await assent("tail", "intents", "--jsonl")).stdout).not.toContain('"sealed":');
		expect((await assent("tail", "intents", "--jsonl")).stdout).toContain(SECRET);
		const before = await recomputed();
		expect(before).toMatchObject({ firstDifference: null });
		const log = ["--log", `file:${path("log.db")}`];
		expect(await assent("audit", "verify", "--unsigned", ...log)).toMatchObject({ exit: 0 });
		const secrets = [await secretOf("c-1"), await secretOf("c-2"), await secretOf("p-1")];
		const salts = secrets.map(sealedSalt);
		expect(filesWith(secrets[0] as Uint8Array).length).toBeGreaterThan(0);

		const erased = await erase("--session", "run-1", "--reason", "asked for", "--yes", "--json");
		expect(erased.stderr).toBe("");
		expect(erased.json()).toMatchObject({ erased: { intents: 3, sessions: 1 }, clear: 0, refusal: null });
		for (const bytes of [...secrets, ...salts, SECRET]) expect(filesWith(bytes)).toEqual([]);
		expect((await erase("--session", "run-1", "--yes")).stdout).toBe(
			"nothing is left to erase of default/coder/run-1\n",
		);
		expect((await erase("--principal", "default/coder", "--yes", "--json")).json()).toMatchObject({
			erased: { intents: 1 },
		});

		expect((await assent("approvals", "show", "p-1")).stdout).toContain("(erased)");
		const tailed = await assent("tail", "intents", "--jsonl");
		expect(tailed.stdout).toContain('"args":"(erased)"');
		const granted = await assent("approvals", "grant", "p-1", "--by", "fin-bob", "--yes");
		expect(granted.stdout + granted.stderr).toContain("intent.unreadable");
		const replay = (
			await assent("replay", "--policy", path("desk.yaml"), "--allow-unreplayable", "--json", ...log)
		).json();
		expect(JSON.stringify(replay)).toContain('"why":"erased"');
		expect((await assent("replay", "--policy", path("desk.yaml"), ...log)).exit).toBe(4);
		expect((await recomputed()).firstDifference).toContain("cannot be decided again: erased");
		const verified = await assent("audit", "verify", "--unsigned", "--json", ...log);
		expect([verified.exit, verified.stdout]).toEqual([4, expect.stringContaining("erased")]);
		const decisions = (await assent("tail", "decisions", "--jsonl")).stdout.split("\n").filter((line) => line !== "");
		const [entry] = decisions
			.map((line) => (JSON.parse(line) as { value: { kind?: string } }).value)
			.filter(({ kind }) => kind === "payload.erased");
		const scope = { tenant: "default", agent: "coder", session: "run-1", intent: null };
		expect(entry).toMatchObject({ by: "kim", scope, intents: 3, reason: "asked for" });

		// A processor that begins anew folds all of it.
		await end();
		await begin();
		expect(await ask("c-9", "shell", { command: "ls" })).toMatchObject({ verdict: "allow" });
		expect(await ask("c-1", "shell", { command: "ls" })).toMatchObject({ code: "RECORD_ERASED" });
	}, 60_000);

	it("are erased for one intent, and what else has its id or its session stays", async () => {
		await begin();
		for (const id of ["c-1", "c-2"]) await ask(id, "shell", { command: `${SECRET} ${id}` });
		expect((await erase("--intent", "c-9", "--yes")).stderr).toContain("no sealed intent `c-9` is known");
		expect((await erase("--intent", "c-1")).stderr).toContain("--yes");
		expect((await erase("--yes")).exit).toBe(2);
		expect((await erase("--intent", "c-1", "--session", "run-1", "--yes")).exit).toBe(2);
		const erased = await erase("--intent", "default/coder/c-1", "--yes");
		expect(erased).toMatchObject({ exit: 0, stdout: "erased  default/coder/c-1  1 intent\n" });
		expect(erased.stderr).toContain("the salt of its session is left");
		const tailed = (await assent("tail", "intents", "--jsonl")).stdout;
		expect(tailed).toContain(`${SECRET} c-2`);
		expect(tailed).not.toContain(`${SECRET} c-1`);
	}, 60_000);

	it("are not erased before a processor has recorded it, and then by the same command", async () => {
		await begin();
		await ask("c-1", "shell", { command: SECRET });
		const secret = await secretOf("c-1");
		await end();
		const early = await erase("--intent", "c-1", "--yes", "--wait", "50ms");
		expect(early.exit).toBe(3);
		expect(early.stderr).toContain("nothing was destroyed");
		expect(early.stderr).not.toContain("do not send it again");
		expect(filesWith(secret).length).toBeGreaterThan(0);
		await begin();
		const doctor = await assent("doctor");
		expect(doctor).toMatchObject({
			exit: 1,
			stdout: expect.stringContaining("calls erased what can still be opened: 1 sealed intent"),
		});
		expect((await erase("--intent", "c-1", "--yes")).exit).toBe(0);
		expect(filesWith(secret)).toEqual([]);
		expect(await assent("doctor")).toMatchObject({ stdout: expect.stringContaining("or was erased") });
	}, 60_000);

	it("whose keys are in another file are denied, and doctor says so", async () => {
		writeFileSync(path("config.yaml"), "layout: { partitions: 2 }\nprivacy: { mode: sealed, keys: other.db }\n");
		await begin();
		const asked = JSON.stringify({ id: "c-1", tool: "shell", args: { command: "ls" } });
		configure("sealed");
		const submit = runCli(["submit", "--settle", "--config", path("config.yaml")], { env: env(), stdin: `${asked}\n` });
		expect((await submit).stdout).toContain("record.sealed");
		const doctor = await assent("doctor");
		expect(doctor.stdout).toContain("1 sealed intent looked at: each can be opened");
		writeFileSync(path("config.yaml"), "layout: { partitions: 2 }\nprivacy: { keys: other.db }\n");
		const other = await assent("doctor");
		expect(other.stdout).toContain("of the last 1 sealed intent, 1 cannot be opened by the keys at hand, in partition");
		expect(other.exit).toBe(1);
		writeFileSync(path("other.db"), "no database");
		const damaged = await assent("doctor");
		expect(damaged.stdout).toMatch(/1 cannot be opened .*other\.db` cannot be used: file is not a database/);
	}, 60_000);

	it("are said to be left where their keys are in another file, whatever is named, and where nobody has ever asked", async () => {
		await begin();
		await ask("c-1", "shell", { command: SECRET });
		const elsewhere = "layout: { partitions: 2 }\nprivacy: { mode: sealed, keys: other.db }\n";
		writeFileSync(path("config.yaml"), elsewhere);
		for (const what of [
			["--intent", "c-1"],
			["--session", "run-1"],
			["--principal", "default/coder"],
		]) {
			const { exit, stdout, stderr } = await erase(...what, "--yes");
			expect({ what, exit, stdout }).toEqual({ what, exit: 2, stdout: "" });
			expect(stderr).toContain("without keys in this file");
		}
		// A file that has some of the keys leaves the others.
		const asked = JSON.stringify({ id: "c-2", agent: "coder", session: "run-1", tool: "shell", args: {} });
		await runCli(["submit", "--settle", "--config", path("config.yaml")], { env: env(), stdin: `${asked}\n` });
		const some = await erase("--principal", "default/coder", "--yes", "--json");
		expect(some.json()).toMatchObject({ erased: { intents: 1 }, locked: 1 });
		expect(some).toMatchObject({ exit: 1, stderr: expect.stringContaining("without keys in this file") });
		configure("sealed");
		expect((await erase("--principal", "default/coder", "--yes", "--json")).json()).toMatchObject({ locked: 1 });
		// A name that was mistyped is no request that was fulfilled.
		for (const [what, name] of [
			["--principal", "default/codr"],
			["--session", "run-9"],
			["--intent", "default/codr/c-1"],
		]) {
			const { exit, stderr } = await erase(what as string, name as string, "--yes");
			expect({ name, exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringContaining("is known") });
		}
	}, 60_000);

	it("are unreplayable, and no other decision, where their file was lost and another has a key under the same name", async () => {
		await begin();
		for (const id of ["c-1", "c-2"]) await ask(id, "shell", { command: SECRET });
		await end();
		for (const name of readdirSync(folder)) if (name.startsWith("payload-keys.db")) rmSync(path(name));
		await begin();
		expect(await ask("c-1", "shell", { command: SECRET })).toMatchObject({ verdict: "deny" });
		const log = ["--log", `file:${path("log.db")}`];
		const replay = (await assent("replay", "--policy", path("desk.yaml"), "--json", ...log)).json();
		expect(replay).toMatchObject({ counts: { unreplayable: 2, "allow-to-deny": 0 } });
		const verified = (await assent("audit", "verify", "--unsigned", "--json", ...log)).json() as {
			findings: readonly { code: string; message: string }[];
		};
		expect(verified.findings.map(({ code }) => code)).toEqual(["input.seal"]);
	}, 60_000);

	it("cannot be erased where they are in the clear, and are told apart where both are on one log", async () => {
		configure("clear");
		await begin();
		await ask("c-1", "shell", { command: SECRET });
		for (const what of [
			["--intent", "c-1"],
			["--session", "run-1"],
			["--principal", "default/coder"],
		]) {
			const refused = await erase(...what, "--yes");
			expect(refused.exit).toBe(2);
			expect(refused.stderr).toContain("ASSENT_PRIVACY_CLEAR");
			expect(refused.stderr).toContain("privacy: { mode: sealed }");
		}
		await end();
		configure("sealed");
		await begin();
		await ask("c-2", "shell", { command: "ls" });
		const erased = await erase("--session", "run-1", "--yes", "--json");
		expect(erased.json()).toMatchObject({ erased: { intents: 1 }, clear: 1 });
		expect((await assent("doctor")).stdout).toContain("or was erased; 1 intent beside them in the clear");
		expect(erased.exit).toBe(1);
	}, 60_000);
});
