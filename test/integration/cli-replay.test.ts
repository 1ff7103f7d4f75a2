import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openLog } from "../../src/app/open-log.ts";
import { replayMarkdown } from "../../src/cli/output/replay-markdown.ts";
import { replayPage } from "../../src/cli/output/replay-page.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import type { ReAudit } from "../../src/replay/re-audit.ts";
import { type ReplayedCall, Tally } from "../../src/replay/tally.ts";
import { assent, jsonLines } from "../support/cli.ts";
import { recordLog } from "../support/recorded-log.ts";
import { runCli } from "../support/run-cli.ts";
import { mountSmallDisk } from "../support/small-disk.ts";

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

/** What it redacts, it redacts of calls that it denies, too. */
const REDACTING = policy(
	"p",
	`patterns: [{name: no-rm, substring: "rm "}]\nobligations: [{tools: [login], redact: [args.secret]}]\n`,
);
const ODD_ID = "x'; touch pwned; `id` $(id) | \u202e \\ \"";
const ODD = [
	{
		id: ODD_ID,
		agent: "a b",
		tool: "login",
		args: { user: "rm me \u202e", secret: "hunter2", at: ["x".repeat(2_000)] },
	},
	{ id: "small", agent: "a b", tool: "login", args: { user: "rm it", secret: "hunter2" }, estimate: { cost: 0.25 } },
	{ id: "dear", agent: "a b", tool: "login", args: { user: "rm it" }, estimate: { cost: 12.5, tokens: 3 } },
];

let folder = "";
const at = (name: string): string => join(folder, name);
const log = (): string => `file:${at("log.db")}`;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-replay-"));
	await writeFile(at("recorded.yaml"), RECORDED);
	await writeFile(at("candidate.yaml"), CANDIDATE);
	const lines = COMMANDS.map((command, id) => ({ id: `c-${id}`, agent: "a", tool: "shell", args: { command } }));
	await recordLog({ log: log(), policies: [at("recorded.yaml")], lines });
	await writeFile(at("redacting.yaml"), REDACTING);
	await recordLog({ log: `file:${at("odd.db")}`, policies: [at("redacting.yaml")], lines: ODD });
	return () => rm(folder, { recursive: true, force: true });
}, 60_000);

const replay = (...args: readonly string[]) => assent(["replay", "--log", log(), ...args]);

describe("assent replay", () => {
	it("writes its page over no file but a page, and reads nothing before it has looked", async () => {
		const words = ["replay", "--policy", at("candidate.yaml"), "--log", log(), "--html"];
		for (const name of ["log.db", "candidate.yaml"]) {
			const before = await readFile(at(name));
			const { exit, stdout, stderr } = await runCli([...words, at(name)]);
			expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
			expect(stderr).toContain("is no page of a replay");
			expect((await readFile(at(name))).equals(before)).toBe(true);
		}
	});

	it("writes no page to `-`, and nothing where the disk is full", async () => {
		const words = ["replay", "--policy", at("candidate.yaml"), "--log", log(), "--html"];
		const dash = await runCli([...words, "-"]);
		expect(dash).toMatchObject({ exit: 2, stdout: "", stderr: expect.stringContaining("write `./-`") });
		expect(existsSync("-")).toBe(false);
		const disk = mountSmallDisk(1);
		if (disk === null) return;
		onTestFinished(() => disk.remove());
		disk.fill();
		const page = join(disk.folder, "page.html");
		const full = await runCli([...words, page]);
		expect(full).toMatchObject({ exit: 3, stdout: "" });
		expect(full.stderr).toContain(`there is no space left for \`${page}\``);
		expect(await readdir(disk.folder)).toEqual(["ballast"]);
	});

	it("has nothing to tell of a log in memory", async () => {
		const out = await runCli(["replay", "--policy", at("candidate.yaml"), "--log", "memory:"]);
		expect(out).toMatchObject({ exit: 2, stdout: "", stderr: expect.stringContaining("name a log that others share") });
	});

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
			shown: { args: { "</script><b>": "`|@all\u202e" }, isCut: false },
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
			source: { log: "</script><b>`|" },
			areArgumentsShown: true,
		};
		const page = replayPage(report, [found]);
		expect(page.match(/<script/g)).toHaveLength(3);
		expect(page).not.toMatch(/<(?:b|i)>|\u202e/);
		const comment = replayMarkdown(report);
		// What is left without code is the report's own.
		expect(comment.replaceAll(/`[^`\n]*`/g, "")).not.toMatch(/@all|alert|<i>|\u202e/);
		expect(comment.split("\n").filter((line) => line.startsWith("| `"))).toHaveLength(2);
	});

	it("shows a call with the command that it names, in a shell, whatever its agent called it", async () => {
		const odd = `file:${at("odd.db")}`;
		const { stdout } = await assent(["replay", "--log", odd, "--policy", at("candidate.yaml")]);
		const commands = stdout.split("\n").flatMap((line) => /^ +(assent policy explain .*)$/.exec(line)?.[1] ?? []);
		expect(commands.length).toBeGreaterThan(2);
		const main = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");
		const script = `assent() { "$NODE" "$MAIN" "$@" --json; }; ${commands.join(";")}`;
		const env = { ...process.env, NODE: process.execPath, MAIN: main };
		const shown = await promisify(execFile)("bash", ["-c", script], { cwd: folder, env });
		const ids = jsonLines(shown.stdout).map(({ id }) => id);
		expect(ids).toContain(ODD_ID);
		expect(new Set(ids).size).toBe(3);
		expect(await readdir(folder)).not.toContain("pwned");
	});

	it("shows arguments where it is told to, without what the policies redact", async () => {
		const page = at("arguments.html");
		const args = ["replay", "--log", `file:${at("odd.db")}`, "--policy", at("candidate.yaml")];
		const plain = await assent([...args, "--json", "--html", page]);
		expect(plain.stdout + (await readFile(page, "utf8"))).not.toMatch(/rm me|hunter2|xxx|"arguments":/);
		const told = await assent([...args, "--json", "--html", page, "--show-arguments"]);
		const [first, second] = JSON.parse(told.stdout).samples["deny-to-allow"].first;
		expect(first).toMatchObject({ arguments: { user: "rm me \u202e", secret: "[redacted]" }, areArgumentsCut: true });
		expect(first.arguments.at[0]).toMatch(/^x{150}… 1,800 characters …x{50}$/);
		expect(second).toMatchObject({ arguments: { user: "rm it", secret: "[redacted]" }, areArgumentsCut: false });
		const outputs = [
			await readFile(page, "utf8"),
			(await assent([...args, "--show-arguments"])).stdout,
			(await assent([...args, "--show-arguments", "--markdown"])).stdout,
		];
		for (const text of outputs) {
			expect(text).toContain("rm me");
			expect(text).toContain("[redacted]");
			expect(text).not.toMatch(/hunter2|\u202e/);
		}
	});

	it("redacts what the candidate alone does", async () => {
		await writeFile(at("later.yaml"), REDACTING.replace("[args.secret]", "[args.user]").replace("rm ", "never"));
		const args = ["--log", `file:${at("odd.db")}`, "--policy", at("later.yaml"), "--show-arguments", "--json"];
		const { first } = JSON.parse((await assent(["replay", ...args])).stdout).samples["deny-to-allow"];
		expect(first[1].arguments).toEqual({ user: "[redacted]", secret: "[redacted]" });
	});

	it("shows the first and the costliest, with their rules and places", async () => {
		const args = ["replay", "--log", `file:${at("odd.db")}`, "--policy", at("candidate.yaml")];
		const { first, costliest } = JSON.parse((await assent([...args, "--json"])).stdout).samples["deny-to-allow"];
		expect(first.map(({ id }: { id: string }) => id)).toEqual([ODD_ID, "small", "dear"]);
		expect(costliest.map(({ id }: { id: string }) => id)).toEqual(["dear", "small"]);
		expect(costliest[0].recorded.reason).toMatchObject({ rule: "no-rm", span: { pointer: "/user", start: 0, end: 3 } });
		for (const { stdout } of [await assent(args), await assent([...args, "--markdown"])]) {
			expect(stdout).toContain("deny by p/no-rm at /user[0:3]");
			expect(stdout).toMatch(/12\.50, 3 tokens/);
		}
	});

	it("publishes what comes out otherwise to a topic of its own, once, and to no other", async () => {
		const copy = at("published.db");
		await copyFile(at("log.db"), copy);
		const own = ["--log", `file:${copy}`];
		const ends = async (): Promise<Record<string, unknown>> => {
			const opened = await openLog(`file:${copy}`, { create: false, readOnly: true });
			const topics = await opened.admin().topics();
			await opened.close();
			return Object.fromEntries(topics.map(({ name, end }) => [name, end]));
		};
		const before = await ends();
		const args = ["replay", ...own, "--policy", at("candidate.yaml"), "--publish", "re-audit.pr-17"];
		const nothing = await assent([...args, "--agent", "nobody"]);
		expect({ code: nothing.code, ends: await ends() }).toEqual({ code: 2, ends: before });
		// Interrupted after its first part, so to say: only the earliest of them.
		const part = await assent([...args, "--agent", "a", "--to", "2999-01-01", "--json"]);
		expect(part.code, part.stderr).toBe(0);
		expect(part.stderr).toContain("6 calls written to `re-audit.pr-17`");
		const { "re-audit.pr-17": written, ...others } = await ends();
		expect(written).toBeDefined();
		expect(others).toEqual(before);
		const tailed = await assent(["tail", "re-audit.pr-17", "--jsonl", ...own]);
		const found = jsonLines(tailed.stdout).map(({ value }) => value as Record<string, unknown>);
		const { candidate } = JSON.parse(part.stdout);
		expect(found.map(({ difference }) => difference).sort()).toEqual(["budget", "budget", ...Array(4).fill("verdict")]);
		for (const { id, partition, seq } of found)
			expect(id).toBe(`pr-17-${candidate.digest.slice(0, 16)}-${partition}-${seq}`);
		expect(found.find(({ call }) => (call as { id: string }).id === "c-2")).toMatchObject({
			type: "call.replayed",
			from: 0,
			candidate: candidate.digest,
			tool: "shell",
			recordedVerdict: "allow",
			recordedReason: null,
			verdict: "deny",
			reason: { rule: { policy: "p", name: "no-curl" }, span: { pointer: "/command", start: 0, end: 4 } },
		});
		const line = (await assent(["tail", "re-audit.pr-17", ...own])).stdout;
		expect(line).toMatch(/call\.replayed {2}verdict {2}allow → deny .*a.*shell {2}c-2/);

		const again = await assent(args);
		expect(again.stderr).toContain("0 calls written to `re-audit.pr-17`, 6 calls there already");
		expect((await ends())["re-audit.pr-17"]).toEqual(written);

		const same = ["replay", ...own, "--policy", at("recorded.yaml"), "--publish", "re-audit.same"];
		expect((await assent(same)).stderr).toContain("0 calls written to `re-audit.same`");
		expect((await ends())["re-audit.same"]).toBeDefined();
	});

	it("keeps a topic to one candidate from one moment", async () => {
		const copy = at("one.db");
		await copyFile(at("log.db"), copy);
		const args = (file: string, ...more: readonly string[]) =>
			assent(["replay", "--log", `file:${copy}`, "--policy", at(file), "--publish", "re-audit.one", ...more]);
		expect((await args("candidate.yaml")).code).toBe(0);
		await writeFile(at("other.yaml"), policy("other", ""));
		for (const refused of [await args("other.yaml"), await args("candidate.yaml", "--from", "2020-01-01")]) {
			expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: "" });
			expect(refused.stderr).toMatch(
				/`re-audit\.one` tells of other policies or another moment.*\n.*take another name/,
			);
		}
	});

	it.each(["intents", "decisions", "re-audit", "re-audit.", "re-audit.A", "assent.re-audit.x", "replies.x"])(
		"publishes nothing to %s",
		async (topic) => {
			const { exit, stdout, stderr } = await runCli(["replay", "--policy", "x.yaml", "--publish", topic]);
			expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
			expect(stderr).toContain("re-audit.pr-17");
		},
	);

	it("takes days and what is ago for moments", async () => {
		const args = ["--policy", at("candidate.yaml"), "--json"];
		const found = await replay("--from", "-7d", ...args);
		expect(JSON.parse(found.stdout)).toMatchObject({ calls: 10 });
		expect((await replay("--from", "2020-02-30", ...args)).code).toBe(2);
		expect((await replay("--to", "2020-02-28", ...args)).stderr).toContain("no call");
		expect((await replay("--from", "yesterday", ...args)).stderr).toContain("7d for seven days ago");
	});

	it("tells the same of an export as of the log that it was taken from, in each form", async () => {
		const of = `file:${at("odd.db")}`;
		const copy = `export:${at("march")}`;
		expect(await runCli(["audit", "export", at("march"), "--log", of])).toMatchObject({ exit: 0 });
		for (const args of [["--json"], ["--json", "--show-arguments"], ["--markdown"], []]) {
			const words = ["replay", "--policy", at("candidate.yaml"), ...args, "--html", at("page.html"), "--log"];
			const [one, other] = [await runCli([...words, of]), await readFile(at("page.html"), "utf8")];
			const [same, again] = [await runCli([...words, copy]), await readFile(at("page.html"), "utf8")];
			expect(one.stdout).toContain("odd.db");
			expect(same).toMatchObject({ exit: 0, stdout: one.stdout.replaceAll(of, copy) });
			expect(again).toBe(other.replaceAll(of, copy));
		}
		const published = ["replay", "--policy", at("candidate.yaml"), "--log", copy, "--publish", "re-audit.x"];
		expect(await runCli(published)).toMatchObject({ exit: 2, stderr: expect.stringContaining("is an export") });
	});

	it("tells of one tenant, agent or session alone, of which it finds what it finds among all", async () => {
		const tenants = at("tenants.db");
		const lines = ["acme", "globex"].flatMap((tenant) =>
			["a", "b"].flatMap((agent) =>
				["s-1", "s-2"].flatMap((session) =>
					COMMANDS.slice(0, 3 + agent.charCodeAt(0) - 97).map((command, each) => ({
						id: `${tenant}-${agent}-${session}-${each}`,
						tenant,
						agent,
						session,
						tool: "shell",
						args: { command },
					})),
				),
			),
		);
		await recordLog({ log: `file:${tenants}`, policies: [at("recorded.yaml")], lines });
		const told = async (...args: readonly string[]) => {
			const { json } = await runCli([
				"replay",
				"--log",
				`file:${tenants}`,
				"--policy",
				at("candidate.yaml"),
				"--json",
				...args,
			]);
			return json() as {
				calls: number;
				by: { agent: { name: string }[] };
				filter: object;
				samples: Record<string, { first: { id: string }[] }>;
			};
		};
		const all = await told();
		expect(all.calls).toBe(lines.length);
		for (const filter of [{ tenant: "acme" }, { agent: "b" }, { tenant: "globex", agent: "a" }]) {
			const args = Object.entries(filter).flatMap(([name, value]) => [`--${name}`, value]);
			const found = await told(...args);
			const isMeant = (id: string): boolean => {
				const [tenant, agent] = id.split(/[-/]/);
				return (filter.tenant ?? tenant) === tenant && (filter.agent ?? agent) === agent;
			};
			expect(found.filter).toEqual(filter);
			expect(found.calls).toBe(lines.filter(({ id }) => isMeant(id)).length);
			expect(found.by.agent).toEqual(all.by.agent.filter(({ name }) => isMeant(name)));
			for (const { first } of Object.values(found.samples))
				for (const { id } of first) expect(isMeant(id), id).toBe(true);
		}
		const session = await told("--tenant", "acme", "--agent", "b", "--session", "s-2");
		expect(session.calls).toBe(4);
		// What the first session has used of the agent's budget is gone for the second, though that alone is told of.
		await writeFile(at("tight.yaml"), CANDIDATE.replace("max: 6", "max: 4"));
		const allowed = async (name: string): Promise<number> => {
			const args = ["--tenant", "acme", "--agent", "b", "--session", name, "--policy", at("tight.yaml"), "--json"];
			const { counts } = (await runCli(["replay", "--log", `file:${tenants}`, ...args])).json() as {
				counts: Record<string, number>;
			};
			return counts["deny-to-allow"] ?? 0;
		};
		expect([await allowed("s-1"), await allowed("s-2")]).toEqual([2, 0]);
	}, 60_000);

	it.each([
		["a range that is reversed", ["--from", "2026-01-02T00:00:00Z", "--to", "2026-01-01T00:00:00Z"], "not after"],
		["a range without calls", ["--to", "2020-01-01T00:00:00Z"], "no call that was decided in this range\n"],
		["a time that is to come", ["--from", "2999-01-01"], "`assent tail decisions`, and widen the range\n"],
		["an agent without calls", ["--agent", "nobody"], "no call of this principal that was decided\n"],
		[
			"a range without calls of an agent",
			["--agent", "a", "--from", "2999-01-01"],
			"and widen the range or name another principal\n",
		],
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
