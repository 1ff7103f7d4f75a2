/** `assent submit` on a log of one machine: every line has its answer, and it says what it leaves open. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonLines, scratchFolder } from "../support/cli.ts";
import { runCli } from "../support/run-cli.ts";

const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: p }
tools: { allow: all, deny: [rm], hold: [{ name: pays, tools: [pay] }] }
approvals: { default: { approvers: ["*"], expires: 1h } }
`;

const call = (id: string, tool = "ls", args: object = {}): string => JSON.stringify({ id, tool, args });

async function world() {
	const folder = scratchFolder();
	const policy = join(folder, "p.yaml");
	writeFileSync(policy, POLICY);
	const log = `file:${join(folder, "log.db")}`;
	const stop = new AbortController();
	const dev = runCli(["dev", "--log", log, "--policy", policy, "--json"], { stop: stop.signal });
	const submit = (lines: readonly string[], ...options: string[]) =>
		runCli(["submit", "--log", log, ...options], { stdin: `${lines.join("\n")}\n` });
	await expect.poll(async () => (await submit([call("first")], "--settle")).exit).toBe(0);
	return {
		policy,
		log,
		submit,
		end: async () => {
			stop.abort();
			await dev;
		},
	};
}

describe("assent submit", () => {
	it("answers 500 lines although one tool has a tab, and others are as bad; `decide` answers the same", async () => {
		const { policy, submit, end } = await world();
		const lines = Array.from({ length: 500 }, (_, index) => call(`l-${index}`));
		const bad: Record<number, string> = {
			17: '{"id":"tab","tool":"a\\tb","args":{}}',
			180: '{"id":"a\\nb","tool":"ls","args":{}}',
			251: '{"id":"agent","agent":"a\\u0000","tool":"ls","args":{}}',
			300: JSON.stringify({ id: "large", tool: "ls", args: { a: "x".repeat(950_000) } }),
			301: '{"outcome":null}',
			302: '{"id":"named","tool":"ls","arguments":{}}',
		};
		for (const [at, line] of Object.entries(bad)) lines[Number(at)] = line;
		const submitted = await submit(lines, "--settle", "--deadline", "20s");
		const decided = await runCli(["decide", "--policy", policy], { stdin: lines.join("\n") });
		await end();
		const denied = (stdout: string) =>
			jsonLines(stdout)
				.filter(({ verdict }) => verdict === "deny")
				.map(({ id }) => id)
				.sort();
		expect(jsonLines(submitted.stdout)).toHaveLength(500);
		expect(jsonLines(decided.stdout)).toHaveLength(500);
		expect(denied(submitted.stdout)).toEqual(["181", "302", "agent", "large", "named", "tab"].sort());
		expect(denied(decided.stdout)).toEqual(denied(submitted.stdout));
		expect(submitted.exit).toBe(0);
	});

	it("says which calls it leaves open, and nothing once they are settled", async () => {
		const { submit, end } = await world();
		const left = await submit([call("a"), call("b"), call("c", "rm"), '{"outcome":{"id":"b","status":"ok"}}']);
		const settled = await submit([call("d")], "--settle");
		await end();
		expect(left.stderr).toMatch(/^1 call may run now and stays open until .*--settle/m);
		expect(settled.stderr).toBe("");
	});

	it("says that a call is taken or over when its id is asked for again, and settles nothing of it", async () => {
		const { submit, end } = await world();
		const reasons: unknown[] = [];
		for (const options of [[], ["--settle"], []]) {
			const [line] = jsonLines((await submit([call("again")], ...options)).stdout);
			reasons.push([line?.["verdict"], line?.["status"], String(line?.["reason"]).split(":")[0]]);
		}
		await submit(['{"outcome":{"id":"again","status":"ok"}}']);
		const [line] = jsonLines((await submit([call("again")])).stdout);
		reasons.push([line?.["verdict"], line?.["status"], String(line?.["reason"]).split(":")[0]]);
		await end();
		expect(reasons).toEqual([
			["allow", "open", "null"],
			["allow", "taken", "call.taken"],
			["allow", "taken", "call.taken"],
			["allow", "closed", "call.closed"],
		]);
	});

	it("says on a terminal, too, that an allow may not run, and counts it under `--fail-on deny`", async () => {
		const { log, submit, end } = await world();
		const first = await submit([call("again")], "--fail-on", "deny");
		const second = await submit([call("again")], "--fail-on", "deny");
		const words = await runCli(["submit", "--log", log], { stdin: `${call("again")}\n`, isTerminal: true });
		await end();
		expect([first.exit, second.exit]).toEqual([0, 1]);
		expect(words.stdout).toMatch(/^again {2}allow, but taken; not to be run now {2}call\.taken: an earlier caller/);
	});

	it("says where to look for what became of outcomes, and each line has a status", async () => {
		const { log, submit, end } = await world();
		const { stdout, stderr } = await submit([
			'{"outcome":{"id":"T1","status":"ok"}}',
			call("h", "pay"),
			call("d", "rm"),
			"{",
		]);
		const tail = () => runCli(["tail", "violations", "--jsonl", "--log", log]);
		await expect.poll(async () => (await tail()).stdout).toContain("call.ungoverned");
		await end();
		expect(stderr).toContain(`1 outcome was published; \`assent tail violations --log ${log}\` shows`);
		expect(jsonLines(stdout).map(({ verdict, status }) => [verdict, status])).toEqual(
			expect.arrayContaining([
				["hold", "held"],
				["deny", "closed"],
				["deny", "closed"],
			]),
		);
	});

	it("speaks words on a terminal, and JSON where it is asked to", async () => {
		const { log, end } = await world();
		const stdin = `${call("a")}\n${call("b", "rm")}\n{"id":"c\\u202e","tool":"ls"}\n`;
		const ask = (...options: string[]) =>
			runCli(["submit", "--settle", "--log", log, ...options], { stdin, isTerminal: true });
		const { stdout } = await ask();
		const json = await ask("--jsonl");
		await end();
		expect(stdout).toMatch(/^a {2}allow: the tool is admitted/m);
		expect(stdout).toMatch(/^b {2}deny: one reason\n {2}p\/.*tool\.denied/m);
		expect(stdout).toMatch(/^c\\u202e {2}deny {2}record\.unreadable: line 3: `args` is missing/m);
		expect(stdout).not.toContain("no policy was in force");
		expect(jsonLines(json.stdout)).toHaveLength(3);
	});

	it("exits with 1 for a held call under `--fail-on hold`, and takes no other word", async () => {
		const { submit, end } = await world();
		const held = await submit([call("h", "pay")], "--fail-on", "hold");
		const onlyDenied = await submit([call("i", "pay")], "--fail-on", "deny");
		const word = await submit([], "--fail-on", "denny");
		await end();
		expect([held.exit, onlyDenied.exit, word.exit]).toEqual([1, 0, 2]);
		expect(word.stderr).toMatch(/Allowed choices are deny, hold/);
	});

	it("exits with 3 and says what to start when nobody decides", async () => {
		const { log, submit, end } = await world();
		await end();
		const asked = await submit([call("z")], "--deadline", "300ms");
		expect(asked.exit).toBe(3);
		expect(jsonLines(asked.stdout)).toMatchObject([{ id: "z", verdict: "deny" }]);
		expect(asked.stderr).toMatch(/ASSENT_TIMEOUT {2}1 call got no decision in time/);
		expect(asked.stderr).toContain(`\`assent dev --log ${log}\` starts one`);
		expect((await submit([], "--deadline", "5 s")).stderr).toMatch(/such as `500ms` or `5s`/);
	});
});

describe("assent decide", () => {
	it("says that a folder on stdin cannot be read, and that nothing was", async () => {
		const policy = join(scratchFolder(), "p.yaml");
		writeFileSync(policy, POLICY);
		const decide = (redirected: string, ...options: string[]) =>
			spawnSync(
				"sh",
				["-c", `"$0" "$@" ${redirected}`, process.execPath, "src/cli/main.ts", "decide", "-p", policy, ...options],
				{
					encoding: "utf8",
				},
			);
		const folder = decide("< /");
		expect([folder.status, folder.stderr]).toEqual([
			2,
			expect.stringMatching(/ASSENT_INPUT_LINE {2}stdin cannot be read/),
		]);
		const nothing = decide("< /dev/null", "--fail-on", "deny");
		expect([nothing.status, nothing.stderr]).toEqual([2, "no line was read from stdin\n"]);
	});

	it("does not let one time in microseconds deny the line behind it", async () => {
		const policy = join(scratchFolder(), "p.yaml");
		writeFileSync(policy, POLICY);
		const at = 1_790_000_000_000;
		const stdin = [at, at * 1_000, at + 1]
			.map((each, id) => `{"id":"${id}","tool":"ls","args":{},"at":${each}}\n`)
			.join("");
		const { stdout } = await runCli(["decide", "--policy", policy], { stdin });
		expect(jsonLines(stdout).map(({ id, verdict }) => [id, verdict])).toEqual([
			["0", "allow"],
			["1", "deny"],
			["2", "allow"],
		]);
	});
});
