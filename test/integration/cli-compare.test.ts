/** `assent policy compare` and `assent policy diff`: what they print, and how they end. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.ts";

let folder: string;
const path = (name: string): string => join(folder, `${name}.yaml`);

const POLICIES: Readonly<Record<string, string>> = {
	none: "tools: { allow: none }",
	read: "tools: { allow: [read_file] }",
	respelled: "tools:\n  allow: [{ tools: [read_file, rm], except: [rm] }]",
	shell: "tools: { allow: [shell] }",
	paths: "tools: { allow: all }\npatterns: [{ name: keys, glob: '/a/**', style: path, in: args.x }]",
	texts: "tools: { allow: all }\npatterns: [{ name: keys, regex: '^/a/', in: args.x }]",
	bare: "tools: { allow: all, deny: [rm] }\npatterns: [{ name: keys, regex: '^/a(/|$)', in: args.x }]",
	brief: "tools: { allow: all }\nobligations: [{ deadline: 1m, message: be quick }]",
	secret: "tools: { allow: all }\nobligations: [{ redact: [args.key] }]",
	calls: "tools: { allow: all }\nlimits: [{ name: calls, measure: tool_calls, scope: agent, max: 5 }]",
	renamed: "tools: { allow: all }\nlimits: [{ name: renamed, measure: tool_calls, scope: agent, max: 5 }]",
	slow: "tools: { allow: all }",
	typo: "tools: { alow: all }",
};

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-compare-"));
	for (const [name, body] of Object.entries(POLICIES))
		await writeFile(path(name), `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\n${body}\n`);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const compared = (first: string, second: string, ...options: readonly string[]) =>
	runCli(["policy", "compare", path(first), path(second), ...options]);

describe("policy compare", () => {
	it("tells what would be forgotten where the first comes into force in place of the second", async () => {
		const text = await compared("renamed", "calls");
		expect([text.exit, text.stdout]).toEqual([0, expect.stringMatching(/^equal: /)]);
		expect(text.stdout).toContain(
			"the first does not go on with all that was counted:\n  starts again from nothing: limit p/calls\n",
		);
		const json = (await compared("renamed", "calls", "--json")).json();
		expect(json).toMatchObject({ relation: "equal", restarts: [{ kind: "limit", policy: "p", name: "calls" }] });
		expect((await compared("calls", "calls", "--json")).json()).toMatchObject({ restarts: [] });
	});

	it.each([
		["read", "respelled", "equal", 0],
		["none", "read", "stricter", 0],
		["read", "none", "looser", 1],
		["read", "shell", "incomparable", 5],
		["paths", "texts", "unknown", 4],
		["paths", "bare", "not-as-strict", 1],
		["bare", "paths", "unknown", 4],
		["typo", "read", "", 2],
	] as const)("says that %s is, beside %s, %s, and exits with %i", async (first, second, relation, exit) => {
		const run = await compared(first, second);
		expect([run.stdout.split(":")[0], run.exit]).toEqual([relation, exit]);
	});

	it("shows the lines and a call that was executed", async () => {
		const { stdout } = await compared("read", "shell");
		expect(stdout).toContain(`shell.yaml:4  ${POLICIES["shell"]}`);
		expect(stdout).toContain(`read.yaml:4  ${POLICIES["read"]}`);
		expect(stdout).toMatch(/read_file \{\} of .*\n {6}second: deny {2}tool\.not_allowed.*\n {6}first: allow/);
	});

	it("says what is known of each direction, in words, as data and in SARIF", async () => {
		const there = "the first is not as strict as the second; whether the second is as strict as the first is not known";
		expect((await compared("paths", "bare")).stdout).toMatch(`not-as-strict: ${there}\n`);
		expect((await compared("bare", "paths")).stdout).toMatch(
			"unknown: the second is not as strict as the first; whether the first is as strict as the second is not known\n",
		);
		expect(JSON.parse((await compared("paths", "bare", "--json")).stdout)).toMatchObject({
			relation: "not-as-strict",
			summary: there,
			isAtLeastAsStrict: "no",
			isAtMostAsStrict: "unknown",
		});
		const [run] = JSON.parse((await compared("paths", "bare", "--sarif")).stdout).runs;
		expect(run.results[0].message.text).toContain(there);
	});

	it("says which obligations differ where both sets let a call run", async () => {
		const { stdout } = await compared("slow", "brief");
		expect(stdout).toContain('second: allow  takes at most 1m; says "be quick"');
		expect(stdout).toContain("first: allow  takes at most 10m; says nothing");
		const open = (await compared("slow", "secret")).stdout;
		expect(open).toContain("`args.key` is not redacted");
		expect(open).toMatch(/second: allow {2}redacts \/key\n {6}first: allow {2}redacts nothing\n/);
	});

	it("prints all of it as data", async () => {
		const { stdout } = await compared("read", "none", "--json");
		expect(JSON.parse(stdout)).toMatchObject({
			relation: "looser",
			isAtLeastAsStrict: "no",
			isAtMostAsStrict: "yes",
			dimensions: [{ dimension: "tools", relation: "looser" }],
			looser: [{ is: "broken", rule: "tools.allow", witness: { calls: [{ tool: "read_file" }] } }],
		});
	});

	it("prints what is looser as SARIF, at the lines of the first", async () => {
		const { stdout, exit } = await compared("read", "none", "--sarif");
		const [run] = JSON.parse(stdout).runs;
		expect(exit).toBe(1);
		expect(run.results).toMatchObject([
			{ ruleId: "looser", locations: [{ physicalLocation: { region: { startLine: 4 } } }] },
		]);
		expect(run.results[0].locations[0].physicalLocation.artifactLocation.uri).toContain("read.yaml");
	});
});

it.each(["compare", "diff"])(
	"policy %s refuses a scope that the partition key splits, where one is named",
	async (name) => {
		await writeFile(
			path("wide"),
			"apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\nlimits: [{ name: calls, measure: tool_calls, scope: tenant, max: 5 }]\n",
		);
		expect((await runCli(["policy", name, path("wide"), path("wide")])).exit).toBe(0);
		const split = await runCli(["policy", name, path("wide"), path("wide"), "--budget-root", "tenant/agent"]);
		expect([split.exit, split.stderr]).toEqual([2, expect.stringContaining("POLICY_SCOPE")]);
	},
);

describe("policy diff", () => {
	it("names a list that changed, of a policy or shared, beside the rules that use it", async () => {
		for (const [name, own, shared] of [
			["one", "[a, b]", "[c, d]"],
			["two", "[a, e]", "[c, f]"],
		] as const) {
			await mkdir(path(name));
			const head = "apiVersion: assent.dev/v1\nkind:";
			await writeFile(
				join(path(name), "lists.yaml"),
				`${head} Lists\nmetadata: { name: desks }\nlists: { shared: ${shared} }\n`,
			);
			await writeFile(
				join(path(name), "p.yaml"),
				`${head} Policy\nmetadata: { name: p }\nlists: { own: ${own} }\ntools: { allow: [$own, $shared] }\n`,
			);
		}
		const { exit, stdout } = await runCli(["policy", "diff", path("one"), path("two")]);
		expect(exit).toBe(1);
		expect(stdout.split("\n").map((line) => line.replace(/^.*\.yaml:/, ""))).toEqual([
			'4  desks  lists/shared  changed: ["c","d"] → ["c","f"]',
			"4  p  tools.allow/b  removed",
			"4  p  tools.allow/d  removed",
			'4  p  lists/own  changed: ["a","b"] → ["a","e"]',
			"4  p  tools.allow/e  added",
			"4  p  tools.allow/f  added",
			"",
		]);
	});

	it("lists changes and exits with 1, or with 0 where there is none", async () => {
		const changed = await runCli(["policy", "diff", path("read"), path("shell")]);
		expect(changed.exit).toBe(1);
		expect(changed.stdout.split("\n").map((line) => line.replace(/^.*\.yaml:/, ""))).toEqual([
			"4  p  tools.allow/read_file  removed",
			"4  p  tools.allow/shell  added",
			"",
		]);
		const equal = await runCli(["policy", "diff", path("read"), path("read")]);
		expect([equal.exit, equal.stdout]).toEqual([0, "no difference\n"]);
		const same = await runCli(["policy", "diff", path("read"), path("read"), "--json"]);
		expect([same.exit, JSON.parse(same.stdout)]).toEqual([0, { changes: [] }]);
	});
});
