import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openLog } from "../../src/app/open-log.ts";
import { replayMarkdown } from "../../src/cli/output/replay-markdown.ts";
import { replayPage } from "../../src/cli/output/replay-page.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import type { ReAudit } from "../../src/replay/re-audit.ts";
import { type ReplayedCall, Tally } from "../../src/replay/tally.ts";
import { assent } from "../support/cli.ts";
import { runCli } from "../support/run-cli.ts";

const policy = (name: string, rest: string): string =>
	`apiVersion: assent.dev/v1\nkind: Policy\nmetadata: {name: ${name}}\ntools: {allow: all}\n${rest}`;

const RECORDED = policy(
	"p",
	`patterns: [{name: no-rm, substring: "rm "}]\nlimits: [{name: calls, measure: tool_calls, scope: agent, max: 6}]\n`,
);
/** One rule more, one less: newly allowed calls use the budget of later ones. */
const CANDIDATE = policy(
	"p",
	`patterns: [{name: no-curl, substring: curl}]\nlimits: [{name: calls, measure: tool_calls, scope: agent, max: 6}]\n`,
);
const COMMANDS = ["ls", "rm -rf x", "curl a", "rm y", "pwd", "rm z", "ls", "ls", "ls", "ls"];

let folder = "";
const at = (name: string): string => join(folder, name);
const log = (): string => `file:${at("log.db")}`;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-replay-"));
	await writeFile(at("recorded.yaml"), RECORDED);
	await writeFile(at("candidate.yaml"), CANDIDATE);
	const dev = spawn(process.execPath, ["src/cli/main.ts", "dev", "--log", log(), "--policy", at("recorded.yaml")]);
	await new Promise<void>((resolve) => dev.stdout.on("data", (chunk) => String(chunk).includes("ready") && resolve()));
	const calls = COMMANDS.map((command, id) =>
		JSON.stringify({ id: `c-${id}`, agent: "a", tool: "shell", args: { command } }),
	);
	const submitted = await runCli(["submit", "--jsonl", "--log", log()], { stdin: `${calls.join("\n")}\n` });
	expect(submitted.exit, submitted.stderr).toBe(0);
	dev.kill("SIGTERM");
	await once(dev, "exit");
	return () => rm(folder, { recursive: true, force: true });
}, 60_000);

const replay = (...args: readonly string[]) => assent(["replay", "--log", log(), ...args]);

describe("assent replay", () => {
	it("finds nothing under the policies that were in force", async () => {
		const { code, stdout } = await replay("--policy", at("recorded.yaml"), "--fail-on", "any");
		expect(stdout).toContain("nothing comes out otherwise");
		expect(code).toBe(0);
	});

	it("tells what other policies make of each call, and what budgets alone change", async () => {
		const { code, stdout } = await replay("--policy", at("candidate.yaml"), "--json");
		expect(code).toBe(0);
		const { calls, counts, by, samples } = JSON.parse(stdout);
		// Recorded: three `rm` denied, six others allowed, the last over the limit. Now: `curl` denied, and the limit is reached earlier.
		expect({ calls, counts }).toEqual({
			calls: 10,
			counts: {
				unchanged: 4,
				"allow-to-deny": 1,
				"deny-to-allow": 3,
				"allow-to-hold": 0,
				"deny-to-hold": 0,
				"hold-to-allow": 0,
				"hold-to-deny": 0,
				reason: 0,
				budget: 2,
				unreplayable: 0,
			},
		});
		expect(by.rule.map(({ name }: { name: string }) => name).sort()).toEqual(["p/calls", "p/no-curl", "p/no-rm"]);
		expect(samples["allow-to-deny"].first[0]).toMatchObject({
			id: "c-2",
			tool: "shell",
			recorded: { verdict: "allow", reason: null },
			candidate: {
				verdict: "deny",
				reason: { policy: "p", rule: "no-curl", span: { pointer: "/command", start: 0, end: 4 } },
			},
		});
	});

	it.each([
		["loosened", 1],
		["tightened", 1],
		["any", 1],
	] as const)("exits with 1 where calls are %s and that is asked for", async (what, code) => {
		expect((await replay("--policy", at("candidate.yaml"), "--fail-on", what)).code).toBe(code);
	});

	it("does not call looser what is only stricter", async () => {
		await writeFile(at("strict.yaml"), RECORDED.replace("]\nlimits", ", {name: no-pwd, substring: pwd}]\nlimits"));
		const found = await replay("--policy", at("strict.yaml"), "--json", "--fail-on", "loosened");
		// The call that is no longer made leaves room for the last one.
		expect(JSON.parse(found.stdout).counts).toMatchObject({ "allow-to-deny": 1, budget: 1, "deny-to-allow": 0 });
		expect(found.code).toBe(0);
		expect((await replay("--policy", at("strict.yaml"), "--fail-on", "tightened")).code).toBe(1);
	});

	it("writes a page that asks no network, and a report for a pull request", async () => {
		const page = at("report.html");
		const { code, stdout } = await replay("--policy", at("candidate.yaml"), "--html", page, "--markdown");
		expect(code).toBe(0);
		expect(stdout).toMatch(/^### 6 calls of 10 come out otherwise$/m);
		expect(stdout).toContain("| deny → allow | 3 | 30.0 % |");
		expect(stdout.length).toBeLessThan(60_000);
		const text = await readFile(page, "utf8");
		expect(text).not.toMatch(/\b(?:src|href)=|url\(|@import|https?:/);
		expect(text).toContain("default-src 'none'");
		const [, rows = ""] = /id="calls">(.*)<\/script>/.exec(text) ?? [];
		expect(JSON.parse(rows)).toHaveLength(6);
	});

	it("lets nothing that an agent says out of its place in a page", async () => {
		const found: ReplayedCall = {
			class: "allow-to-deny",
			transition: "allow-to-deny",
			call: { tenant: "t", agent: "</script><script>alert(1)</script>", session: "s", id: "`|@all", tool: "a|b\u202e" },
			at: 0,
			partition: 0,
			seq: 1,
			offset: 0,
			recorded: { verdict: "allow", reason: null },
			candidate: { verdict: "deny", reason: null },
			why: null,
			estimate: { costMicros: 0, tokens: 0 },
		};
		const tally = new Tally();
		tally.differs(found);
		const audit: ReAudit = {
			tally: tally.image(),
			holds: { answered: 0, unanswered: 0, waiting: 0 },
			droppedOutcomes: 0,
			first: 0,
			last: 0,
		};
		const report = {
			log: "<b>",
			candidate: { digest: "0".repeat(64), files: ['"><i>'] },
			from: null,
			to: null,
			filter: {},
			audit,
		};
		const page = replayPage(report, [found]);
		expect(page.match(/<script/g)).toHaveLength(3);
		expect(page).not.toMatch(/<(?:b|i)>|\u202e/);
		const comment = replayMarkdown(report);
		// What is left without code is the report's own.
		expect(comment.replaceAll(/`[^`\n]*`/g, "")).not.toMatch(/@all|alert|<i>|\u202e/);
		expect(comment.split("\n").filter((line) => line.startsWith("| `"))).toHaveLength(2);
	});

	it("shows a call with the command that it names", async () => {
		const { stdout } = await replay("--policy", at("candidate.yaml"));
		const [command = ""] = /assent policy explain --decision c-2 .*/.exec(stdout) ?? [];
		const shown = await assent([...command.split(" ").slice(1), "--log", log()]);
		expect(shown.code, shown.stderr).toBe(0);
		expect(shown.stdout).toContain("allow");
	});

	it.each([
		["a range that is reversed", ["--from", "2026-01-02T00:00:00Z", "--to", "2026-01-01T00:00:00Z"], "not after"],
		["a range without calls", ["--to", "2020-01-01T00:00:00Z"], "no call"],
		["an agent without calls", ["--agent", "nobody"], "no call"],
	])("refuses %s", async (_, args, said) => {
		const { code, stderr, stdout } = await replay("--policy", at("candidate.yaml"), ...args);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain(said);
		expect(stderr).toContain("help: ");
	});

	it("says where a candidate does not compile", async () => {
		await writeFile(
			at("broken.yaml"),
			"apiVersion: assent.dev/v1\nkind: Policy\nmetadata: {name: b}\ntools: {alow: all}\n",
		);
		const { code, stderr } = await replay("--policy", at("broken.yaml"));
		expect(code).toBe(2);
		expect(stderr).toMatch(/broken\.yaml:4:\d+/);
	});

	it("counts what is no longer on the log, and exits with 4", async () => {
		const copy = at("cut.db");
		await copyFile(at("log.db"), copy);
		onTestFinished(() => rm(copy, { force: true }));
		const cut = await openLog(`file:${copy}`, { create: false });
		const topics = await cut.admin().topics();
		const ends = topics.find(({ name }) => name === TOPICS.intents)?.end ?? [];
		const partition = ends.findIndex((end) => end > 0);
		await cut.admin().trim({ topic: TOPICS.intents, partition }, 3);
		await cut.close();
		const found = await assent(["replay", "--log", `file:${copy}`, "--policy", at("candidate.yaml"), "--json"]);
		expect(found.code, found.stderr).toBe(4);
		const { counts, samples, by } = JSON.parse(found.stdout);
		expect(counts.unreplayable).toBeGreaterThan(0);
		expect(samples.unreplayable.first[0]).toMatchObject({ id: "c-0", why: "retention", candidate: null });
		expect(by.rule.map(({ name }: { name: string }) => name)).toContain("retention");
		const allowed = await assent([
			"replay",
			"--log",
			`file:${copy}`,
			"--policy",
			at("recorded.yaml"),
			"--allow-unreplayable",
		]);
		expect(allowed.code, allowed.stderr).toBe(0);
	});
});
