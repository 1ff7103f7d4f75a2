/** Every command ends at the first SIGINT or SIGTERM, in time, and says what is left undone. */

import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openEmbeddedLog } from "../../src/adapters/embedded/open.ts";
import { createKey } from "../../src/app/signing-keys.ts";
import { claimHeaders } from "../../src/core/ledger/validity.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import { diagnose } from "../../src/operations/examine/doctor.ts";
import { readToEnd } from "../../src/ports/log/log.ts";
import { topicSpecs } from "../../src/ports/log/topics.ts";
import { jsonLines, scratchFolder, start } from "../support/cli.ts";
import { cpuMs } from "../support/cpu.ts";

const POLICY = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\n";

/** Longer than any test may take: a command that waited for its request to end would not end in time. */
const REQUEST_TIMEOUT = "10m";

/** Takes every connection and never answers: each command waits in the middle of its work. Resolves with its URL. */
async function silentBroker(): Promise<{ url: string; connected: Promise<void> }> {
	let hear = (): void => {};
	const connected = new Promise<void>((resolve) => {
		hear = resolve;
	});
	const server = createServer((socket) => {
		socket.on("error", () => {});
		hear();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => void server.close());
	const address = server.address() as { port: number };
	return { url: `kafka://127.0.0.1:${address.port}`, connected };
}

describe("a command that waits for a broker which never answers", () => {
	const COMMANDS = [
		["doctor"],
		["tail", "decisions"],
		["tail", "violations", "--follow"],
		["approvals", "list"],
		["approvals", "grant", "x", "--by", "ann"],
		["budgets"],
		["halt", "list"],
		["halt", "set", "--all", "--by", "ann", "--reason", "test"],
		["session", "end", "--tenant", "a", "--agent", "b", "--session", "c", "--by", "ann"],
		["policy", "history"],
		["policy", "rollback", "--by", "ann"],
		["topics", "create"],
		["topics", "check"],
		["submit"],
		["processor"],
	];

	it.each(COMMANDS.map((args) => ({ name: args.join(" "), args })))(
		"$name: ends at the first signal",
		async ({ args }) => {
			const { url, connected } = await silentBroker();
			const config = join(scratchFolder(), "config.yaml");
			writeFileSync(config, `kafka: { requestTimeout: ${REQUEST_TIMEOUT} }\n`);
			const running = start([...args, "--log", url, "--config", config]);
			await connected;
			running.child.kill("SIGTERM");
			const { code, stderr } = await running.ended;
			expect(code).toBe(143);
			expect(stderr).toMatch(/^stopped before it was finished: /m);
		},
	);
});

describe("a command that computes for long and changes nothing", () => {
	const RULES = Array.from(
		{ length: 400 },
		(_, at) => `  - { name: r${at}, regex: 'a{1,${100 + (at % 50)}}b[^c]{2,${100 + (at % 40)}}x${at}', in: args.x }\n`,
	).join("");

	const TEST = [
		"apiVersion: assent.dev/v1",
		"kind: PolicyTest",
		"policies: [P]",
		"calls: [{ name: c, tool: bash, args: {}, expect: { verdict: allow } }]",
	].join("\n");

	it.each(
		[
			["policy lint P"],
			["policy check P"],
			["policy compare P Q"],
			["policy diff P Q"],
			["policy test t.test.yaml"],
			["policy explain P --tool bash"],
			["policy export agent-os P"],
			["policy sign P --key key"],
			["policy fmt P"],
			["policy activate P --by ann --log file:log.db"],
			["decide --policy P"],
			["dev --policy P --log file:log.db --gateway-port off"],
			["processor --policy P --log file:log.db"],
		].map(([line = ""]) => ({ line })),
	)("$line: is ended by a signal at once, and has changed nothing", async ({ line }) => {
		const folder = scratchFolder();
		const path = (name: string): string => join(folder, name);
		writeFileSync(path("P"), `${POLICY}patterns:\n${RULES}`);
		writeFileSync(path("Q"), `${POLICY}patterns:\n${RULES.replaceAll("{ name: r", "{ name: q")}`);
		writeFileSync(path("t.test.yaml"), TEST);
		await createKey("ann", path("key"));
		const made = await openEmbeddedLog({ path: path("log.db") });
		await made.admin().createTopics(topicSpecs(DEFAULT_LAYOUT));
		const before = readFileSync(path("P"), "utf8");
		const files = /^(?:[PQ]|key|t\.test\.yaml)$/;
		const args = line
			.split(" ")
			.map((word) => (files.test(word) ? path(word) : word.replace("file:log.db", `file:${path("log.db")}`)));
		const running = start(args);
		const signal = new Promise((resolve) => running.child.once("exit", (_code, by) => resolve(by)));
		// Of every command at first, and of these no longer while they only compute.
		await expect.poll(() => catches(running.child, SIGTERM), { interval: 2 }).toBe(true);
		await expect.poll(() => catches(running.child, SIGTERM), { interval: 1 }).toBe(false);
		running.child.kill("SIGTERM");
		expect(await signal).toBe("SIGTERM");
		expect((await running.ended).stdout).toBe("");
		expect(readFileSync(path("P"), "utf8")).toBe(before);
		const topics = await made.admin().topics();
		expect(topics.flatMap(({ end }) => end).every((end) => end === 0)).toBe(true);
		await made.close();
	});
});

const SIGTERM = 15;

/** Has the process a handler for the signal? */
function catches({ pid }: ChildProcess, signal: number): boolean {
	const [, mask = "0"] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
	return ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

describe("submit", () => {
	it("ends at the first signal although its stdin stays open, and says which calls have no decision", async () => {
		const folder = scratchFolder();
		const log = `file:${join(folder, "log.db")}`;
		writeFileSync(join(folder, "p.yaml"), POLICY);
		const made = await openEmbeddedLog({ path: join(folder, "log.db") });
		await made.admin().createTopics(topicSpecs(DEFAULT_LAYOUT));
		const running = start(["submit", "--log", log, "--deadline", "10m"]);
		running.child.stdin?.write('{"id":"a","tool":"look","args":{}}\n');
		const wasWritten = async (): Promise<boolean> =>
			(await made.admin().topics()).some(({ name, end }) => name === "intents" && end.some((each) => each > 0));
		await expect.poll(wasWritten).toBe(true);
		await made.close();
		running.child.kill("SIGINT");
		const { code, stdout, stderr } = await running.ended;
		expect(code).toBe(130);
		expect(jsonLines(stdout)).toMatchObject([{ id: "a", verdict: "deny" }]);
		expect(stderr).toMatch(/1 call had no decision and may not run; lines not yet read were not published/);
	});
});

describe("doctor", () => {
	it("tells what it found until it was told to stop, and takes the stop for no fault of the log", async () => {
		const folder = scratchFolder();
		const log = `file:${join(folder, "log.db")}`;
		const made = await openEmbeddedLog({ path: join(folder, "log.db") });
		await made.admin().createTopics(topicSpecs(DEFAULT_LAYOUT));
		const claim = { key: null, value: new Uint8Array(8), headers: claimHeaders("a".repeat(32)) };
		await made.append({ topic: "decisions", partition: 0 }, [claim]);
		await made.close();
		const open = () => openEmbeddedLog({ path: join(folder, "log.db") });
		const of = { logUrl: log, open, layout: DEFAULT_LAYOUT, now: 0 };
		const { findings, isAvailable } = await diagnose({ ...of, signal: AbortSignal.abort() });
		expect(isAvailable).toBe(true);
		expect(findings.map(({ level }) => level)).not.toContain("error");
		const subjects = findings.map(({ subject }) => subject);
		expect(subjects).toContain("structure");
		expect(subjects).not.toContain("ledger");
	});
});

describe("reading a long topic on a log file", () => {
	it("gives timers and signals their turn", async () => {
		const log = await openEmbeddedLog({ path: join(scratchFolder(), "log.db") });
		const at = { topic: "intents", partition: 0 };
		await log.admin().createTopics(topicSpecs({ ...DEFAULT_LAYOUT, partitions: 1 }));
		const record = { key: null, value: new Uint8Array(2_000), headers: {} };
		for (let batch = 0; batch < 40; batch++)
			await log.append(
				at,
				Array.from({ length: 500 }, () => record),
			);
		let turns = 0;
		const timer = setInterval(() => {
			turns += 1;
		}, 1);
		const startedAt = cpuMs();
		for (let round = 0; round < 3; round++) for await (const records of readToEnd(log, at, 0)) void records;
		const took = cpuMs() - startedAt;
		clearInterval(timer);
		await log.close();
		expect(turns).toBeGreaterThanOrEqual(Math.floor(took / 200));
		expect(turns).toBeGreaterThan(1);
	});
});

describe("an output that cannot be written", () => {
	it("is said in words", async () => {
		const { spawnSync } = await import("node:child_process");
		const policy = join(scratchFolder(), "p.yaml");
		writeFileSync(policy, POLICY);
		const line = '{"tool":"ls","args":{}}';
		const command = `echo '${line}' | "$0" src/cli/main.ts decide -p "$1" > /dev/full`;
		const { status, stderr } = spawnSync("sh", ["-c", command, process.execPath, policy], { encoding: "utf8" });
		expect([status, stderr]).toEqual([3, expect.stringMatching(/^ASSENT_OUTPUT {2}stdout cannot be written: ENOSPC/)]);
	});
});
