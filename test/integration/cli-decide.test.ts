/** `assent decide`: one valid decision for every line, whatever the line is. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonLines, scratchFolder } from "../support/cli.ts";
import { runCli } from "../support/run-cli.ts";

const assent = async (args: readonly string[], stdin = "") => {
	const { exit, stdout, stderr } = await runCli(args, { stdin });
	return { code: exit, stdout, stderr };
};

const baseline = ["decide", "--policy", "policies/baseline.yaml", "--jsonl"];

describe("assent decide", () => {
	it("answers every line of the demo's calls, in order", async () => {
		const { readFileSync } = await import("node:fs");
		const calls = readFileSync("examples/demo/calls.jsonl", "utf8");
		const { code, stdout } = await assent(baseline, calls);
		const ids = (text: string) => jsonLines(text).map((line) => line["id"]);
		expect(code).toBe(0);
		expect(ids(stdout)).toEqual(ids(calls));
		for (const line of jsonLines(stdout)) {
			expect(["allow", "deny", "hold"]).toContain(line["verdict"]);
			expect(line["verdict"] === "allow" ? line["reason"] : typeof line["reason"]).toBe(
				line["verdict"] === "allow" ? null : "string",
			);
		}
	});

	it("denies each bad line with its number and goes on", async () => {
		const lines = [
			"not json",
			'{"tool":"shell","args":{"a":1,"a":2}}',
			'{"tool":"shell","args":{"text":"\\ud800"}}',
			`{"tool":"shell","args":${"[".repeat(100)}${"]".repeat(100)}}`,
			'{"args":{}}',
			'{"tool":"shell","args":[]}',
			'{"tool":"shell","args":{},"at":-1}',
			'{"tool":"shell","args":{},"usage":{"tokens":1.5}}',
			"[]",
			'{"tool":"shell","args":{"__proto__":{"polluted":true},"constructor":1}}',
			'{"tool":"shell","args":{"command":"ls"}}',
		];
		const { code, stdout } = await assent(baseline, `${lines.join("\n")}\n`);
		const decisions = jsonLines(stdout);
		expect(code).toBe(0);
		expect(decisions.map((line) => line["id"])).toEqual(lines.map((_, index) => String(index + 1)));
		expect(decisions.slice(0, 10).every((line) => line["verdict"] === "deny")).toBe(true);
		expect(decisions.slice(10).map((line) => line["verdict"])).toEqual(["allow"]);
		expect(decisions[9]?.["reason"]).toContain("`/__proto__`");
		expect(decisions[1]?.["reason"]).toMatch(/line 2: .*twice/);
	});

	it("denies everything under a policy that applies to nobody, and says so", async () => {
		const policy = join(scratchFolder(), "nobody.yaml");
		writeFileSync(
			policy,
			"apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: nobody }\nappliesTo: { agents: [someone] }\ntools: { allow: all }\n",
		);
		const { stdout } = await assent(["decide", "--policy", policy], '{"tool":"shell","args":{}}\n');
		expect(jsonLines(stdout)[0]).toMatchObject({ verdict: "deny", reason: expect.stringMatching(/^policy\.none/) });
	});

	it("turns denials into exit code 1 on request", async () => {
		const line = '{"tool":"shell","args":{"command":"rm -rf /"}}\n';
		expect((await assent(baseline, line)).code).toBe(0);
		expect((await assent([...baseline, "--fail-on", "deny"], line)).code).toBe(1);
	});

	it.each([
		["an unknown key", "tolls: {}\n", /:4:1 {2}POLICY_UNKNOWN_KEY .*\n.*did you mean `tools`/],
		["a duplicate key", "tools: { allow: all }\ntools: { allow: none }\n", /:5:1 {2}POLICY_DUPLICATE/],
		["a bad regex", "tools: { allow: all }\npatterns:\n  - { name: p, regex: 'a(' }\n", /:6:\d+ {2}POLICY_PATTERN/],
		["a lookahead", "tools: { allow: all }\npatterns:\n  - { name: p, regex: 'a(?=b)' }\n", /POLICY_PATTERN/],
		["aliases", "tools: &a { allow: all }\nmode: *a\n", /POLICY_YAML/],
		["a list of no commands", "tools: { allow: all }\ncommands: [{ name: a, only: [] }]\n", /:5:\d+ {2}POLICY_SCHEMA/],
	])("refuses a policy with %s, with its place", async (_what, rest, message) => {
		const policy = join(scratchFolder(), "bad.yaml");
		writeFileSync(policy, `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: bad }\n${rest}`);
		const { code, stderr } = await assent(["decide", "--policy", policy]);
		expect(code).toBe(2);
		expect(stderr).toMatch(message);
	});

	it("refuses a YAML directive and a bomb quickly", async () => {
		const folder = scratchFolder();
		const directive = join(folder, "directive.yaml");
		writeFileSync(directive, "%YAML 1.1\n---\napiVersion: assent.dev/v1\n");
		expect((await assent(["decide", "--policy", directive])).stderr).toMatch(/POLICY_YAML/);
		const bomb = join(folder, "bomb.yaml");
		const levels = Array.from(
			{ length: 9 },
			(_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(",")}]`,
		);
		writeFileSync(bomb, `a0: &a0 [x]\n${levels.join("\n")}\n`);
		expect((await assent(["decide", "--policy", bomb])).stderr).toMatch(/POLICY_YAML/);
	});
});
