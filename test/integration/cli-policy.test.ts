import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publishedSchemas } from "../../src/cli/commands/schemas.ts";
import { runCli } from "../support/run-cli.ts";

const policy = (name: string, rest: string): string =>
	`apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: ${name} }\n${rest}`;

const GOOD = policy(
	"good",
	`tools:
  allow: [pay, look]
  hold:
    - { name: payments, tools: [pay], approval: finance, message: payments need finance }
limits:
  - { name: per-tenant, measure: tool_calls, scope: tenant, max: 5 }
approvals:
  finance: { approvers: ["fin-*"], quorum: 2, expires: 90m }
obligations:
  - { redact: [args.card], deadline: 1m, message: be careful }
`,
);

let folder: string;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-policy-"));
	await mkdir(path("empty"));
	await writeFile(path("good.yaml"), GOOD);
	await writeFile(path("narrow.yaml"), policy("narrow", "tools: { allow: all }\n"));
	await writeFile(path("twin.yaml"), policy("narrow", "tools: { allow: none }\n"));
	await writeFile(path("typo.yaml"), policy("typo", "tools: { alow: all }\n"));
	await writeFile(path("tenant.yaml"), "layout: { budgetRoot: tenant }\n");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("policy check", () => {
	it("names each file's policy and digest, and the digest of all", async () => {
		const checked = await runCli([
			"policy",
			"check",
			path("good.yaml"),
			path("narrow.yaml"),
			"--budget-root",
			"tenant",
		]);
		expect([checked.exit, checked.stderr]).toEqual([0, ""]);
		const lines = checked.stdout.trimEnd().split("\n");
		expect(lines[0]).toMatch(/^ok {2}.*good\.yaml {2}good {2}[0-9a-f]{12}$/);
		expect(lines[2]).toMatch(/^ok {2}all 2 together {2}[0-9a-f]{12}$/);
	});

	it("reports every file's problems with their places", async () => {
		const checked = await runCli(["policy", "check", path("typo.yaml"), path("good.yaml"), path("missing.yaml")]);
		expect(checked.exit).toBe(2);
		expect(checked.stderr).toMatch(/typo\.yaml:4:10 {2}POLICY_UNKNOWN_KEY/);
		expect(checked.stderr).toMatch(/help: did you mean `allow`\?/);
		expect(checked.stderr).toMatch(/good\.yaml:9:53 {2}POLICY_SCOPE/);
		expect(checked.stderr).toMatch(/missing\.yaml {2}ASSENT_FILE_MISSING/);
		expect(checked.stdout).toBe("");
	});

	it("checks budgets against the configuration's layout", async () => {
		expect((await runCli(["policy", "check", path("good.yaml")])).exit).toBe(2);
		expect((await runCli(["policy", "check", path("good.yaml"), "--config", path("tenant.yaml")])).exit).toBe(0);
	});

	it("finds what is wrong only together, and folders without policies", async () => {
		const twins = await runCli(["policy", "check", path("narrow.yaml"), path("twin.yaml")]);
		expect([twins.exit, twins.stderr]).toEqual([2, expect.stringContaining("POLICY_DUPLICATE")]);
		const empty = await runCli(["policy", "check", path("empty")]);
		expect([empty.exit, empty.stderr]).toEqual([2, expect.stringContaining("POLICY_EMPTY")]);
	});

	it("prints data with --json, on stdout alone", async () => {
		const checked = await runCli(["policy", "check", path("typo.yaml"), path("narrow.yaml"), "--json"]);
		expect([checked.exit, checked.stderr]).toEqual([2, ""]);
		expect(checked.json()).toMatchObject({
			ok: false,
			digest: null,
			files: [
				{ ok: false, problems: [{ code: "POLICY_UNKNOWN_KEY", place: { line: 4, column: 10 } }] },
				{ ok: true, name: "narrow", digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
			],
		});
	});

	it("takes layers, and exceptions for rules of other policies, beside what they are about", async () => {
		await writeFile(path("upper.yaml"), policy("upper", "tools: { allow: [a, b] }\n"));
		await writeFile(path("lower.yaml"), policy("lower", "extends: upper\ntools: { allow: [a] }\n"));
		await writeFile(
			path("lifting.yaml"),
			policy(
				"lifting",
				"tools: { allow: all }\nexceptions: [{ name: e, rules: [upper/tools.allow], tools: [c], owner: ann, reason: r, expires: 2999-01-01T00:00:00Z }]\n",
			),
		);
		const files = ["upper.yaml", "lower.yaml", "lifting.yaml"].map(path);
		const checked = await runCli(["policy", "check", ...files]);
		expect([checked.exit, checked.stdout]).toEqual([
			0,
			expect.stringMatching(/lower\n.*lifting\nok {2}all 3 together/),
		]);
		const alone = await runCli(["policy", "check", path("lower.yaml"), path("lifting.yaml")]);
		expect([alone.exit, alone.stderr.match(/POLICY_REFERENCE/g)]).toEqual([
			2,
			["POLICY_REFERENCE", "POLICY_REFERENCE"],
		]);
	});
});

describe("policy lint", () => {
	const DOUBTFUL = policy(
		"doubtful",
		"tools: { allow: [a, b], deny: [c] } # assent-lint: accept denied-anyway it was allowed once\n",
	);
	const lint = (...args: string[]) => runCli(["policy", "lint", ...args]);

	beforeAll(async () => {
		await writeFile(path("doubtful.yaml"), DOUBTFUL);
		await writeFile(path("found.yaml"), policy("found", "tools: { allow: [a b, a], deny: [c] }\n"));
	});

	it("prints what it finds with its place, and exits with 1", async () => {
		const linted = await lint(path("found.yaml"), path("doubtful.yaml"));
		expect(linted.exit).toBe(1);
		expect(linted.stdout).toMatch(
			/found\.yaml:4:18 {2}odd-name {2}likely: a space .*\nhelp: .*\n.*found\.yaml:4:34 {2}denied-anyway {2}this denies/,
		);
		expect(linted.stderr).toBe("2 findings, 1 accepted\n");
	});

	it("exits with 0 where all is accepted, which it lists if it is asked to", async () => {
		const linted = await lint(path("doubtful.yaml"));
		expect([linted.exit, linted.stdout, linted.stderr]).toEqual([0, "", "0 findings, 1 accepted\n"]);
		expect((await lint(path("doubtful.yaml"), "--accepted")).stdout).toMatch(
			/doubtful\.yaml:4:32 {2}denied-anyway {2}accepted: it was allowed once\n$/,
		);
	});

	it("refuses what activation would refuse", async () => {
		await writeFile(
			path("wide.yaml"),
			policy("wide", "tools: { allow: all }\nlimits: [{ name: l, measure: tool_calls, scope: tenant, max: 5 }]\n"),
		);
		const refused = await lint(path("wide.yaml"));
		expect([refused.exit, refused.stderr]).toEqual([2, expect.stringMatching(/wide\.yaml:5:\d+ {2}POLICY_SCOPE/)]);
		expect((await lint(path("wide.yaml"), "--budget-root", "tenant")).exit).toBe(0);
		await writeFile(path("again.yaml"), policy("found", "tools: { allow: [a] }\n"));
		const twice = await lint(path("found.yaml"), path("again.yaml"));
		expect([twice.exit, twice.stderr]).toEqual([2, expect.stringContaining("POLICY_DUPLICATE")]);
		const stray = policy(
			"stray",
			"tools: { allow: all }\nexceptions: [{ name: e, rules: [other/tools.allow], tools: [a], owner: ann, reason: r, expires: 2999-01-01T00:00:00Z }]\n",
		);
		await writeFile(path("stray.yaml"), stray);
		expect((await lint(path("stray.yaml"))).stderr).toContain("POLICY_REFERENCE");
	});

	it("exits with 2 where a file does not load, and looks through the others", async () => {
		const linted = await lint(path("typo.yaml"), path("found.yaml"), path("missing.yaml"));
		expect(linted.exit).toBe(2);
		expect(linted.stdout).toContain("odd-name");
		expect(linted.stderr).toMatch(/typo\.yaml:4:10 {2}POLICY_UNKNOWN_KEY/);
		expect(linted.stderr).toMatch(/ASSENT_FILE_MISSING/);
	});

	it("prints data with --json, on stdout alone", async () => {
		const linted = await lint(path("found.yaml"), path("doubtful.yaml"), path("typo.yaml"), "--json");
		expect([linted.exit, linted.stderr]).toEqual([2, ""]);
		expect(linted.json()).toMatchObject({
			findings: [
				{ id: "odd-name", certainty: "likely", place: { line: 4, column: 18 } },
				{ id: "denied-anyway", certainty: "proven", place: { line: 4, column: 34 } },
			],
			accepted: [{ id: "denied-anyway", reason: "it was allowed once" }],
			problems: [{ code: "POLICY_UNKNOWN_KEY" }],
		});
	});

	it("prints SARIF, whose results refer to rules and lines", async () => {
		const linted = await lint(path("found.yaml"), path("doubtful.yaml"), path("typo.yaml"), "--sarif");
		const { version, runs } = linted.json() as { version: string; runs: [SarifRun] };
		expect([linted.exit, version, runs.length]).toEqual([2, "2.1.0", 1]);
		const [{ tool, results }] = runs;
		expect(results.map(({ ruleId, level, suppressions = [] }) => [ruleId, level, suppressions.length])).toEqual([
			["POLICY_UNKNOWN_KEY", "error", 0],
			["odd-name", "warning", 0],
			["denied-anyway", "warning", 0],
			["denied-anyway", "warning", 1],
		]);
		const odd = results[1];
		expect(tool.driver.rules[odd?.ruleIndex ?? -1]?.id).toBe("odd-name");
		expect(odd?.locations[0]?.physicalLocation.region).toEqual({ startLine: 4, startColumn: 18 });
		expect(odd?.locations[0]?.physicalLocation.artifactLocation.uri).toMatch(/^file:\/\/.*\/found\.yaml$/);
	});

	it("tells what `policy check` tells, which --strict makes a failure", async () => {
		const checked = await runCli(["policy", "check", path("found.yaml")]);
		expect([checked.exit, checked.stderr]).toEqual([0, (await lint(path("found.yaml"))).stdout]);
		expect((await runCli(["policy", "check", path("found.yaml"), "--strict"])).exit).toBe(1);
		expect((await runCli(["policy", "check", path("doubtful.yaml"), "--strict"])).exit).toBe(0);
	});
});

interface SarifRun {
	readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
	readonly results: readonly {
		readonly ruleId: string;
		readonly ruleIndex?: number;
		readonly level: string;
		readonly suppressions?: readonly unknown[];
		readonly locations: readonly {
			readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: unknown };
		}[];
	}[];
}

describe("policy explain", () => {
	const explain = (...args: string[]) => runCli(["policy", "explain", path("good.yaml"), ...args]);

	it("says in words what was decided, who may approve, and what is owed", async () => {
		const held = await explain("--tool", "pay", "--args", '{"card":"4111"}', "--tenant", "acme");
		expect([held.exit, held.stderr]).toEqual([0, ""]);
		expect(held.stdout).toContain("held for approval: one rule requires it");
		expect(held.stdout).toContain("good/payments requires 2 of fin-* within 90m");
		expect(held.stdout).toContain("0 → 1 of 5 tool_calls for life for acme");
		expect(held.stdout).toContain("before the call runs, redacts /card");
		expect(held.stdout).toContain("the call may take 1m");
		expect(held.stdout).toContain("tells the model: be careful");
	});

	it("shows what is read in the call where a rule asks, all of it where asked for, and no secret of it", async () => {
		const file = path("read.yaml");
		const head = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: read }\ntools: { allow: all }\n";
		await writeFile(file, `${head}intents: [{ name: no-harm, categories: [destructive_data], tools: [bash] }]\n`);
		const command = `echo ${Buffer.from("rm -rf /srv").toString("base64")} | base64 -d | sh; mysql -pWinter-24${" ; rm x".repeat(30)}`;
		const asked = (...more: string[]) =>
			runCli(["policy", "explain", file, "--args", JSON.stringify({ command }), ...more]);
		const first = await asked("--tool", "bash");
		expect(first.stdout).toMatch(/^ {4}destructive_data \d+ {2}\S/m);
		expect(first.stdout).toMatch(/decoded "rm -rf \/srv"/);
		expect(first.stdout).toMatch(/and \d+ more facts; --all shows them/);
		expect(first.stdout).not.toContain("Winter-24");
		const all = (await asked("--tool", "bash", "--all", "--json")).json() as { reading: { facts: unknown[] } };
		expect(all).toMatchObject({ reading: { factsLeftOut: 0, isOther: false } });
		expect(all.reading.facts.length).toBeGreaterThan(30);
		expect((await asked("--tool", "look", "--json")).json()).not.toHaveProperty("reading");
	});

	it("says how long the call may take also where no policy does, and how long a tool keeps its slot", async () => {
		const file = path("slots.yaml");
		const limit = "{ name: one, measure: concurrent_calls, scope: agent, max: 1 }";
		const head = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: slots }\ntools: { allow: [a] }\n";
		await writeFile(file, `${head}limits:\n  - ${limit}\n`);
		const allowed = await runCli(["policy", "explain", file, "--tool", "a"]);
		expect(allowed.stdout).toContain("the call may take 10m");
		expect(allowed.stdout).toContain("keeps its slot until its end is reported, at most 1h from the decision");
		const denied = await runCli(["policy", "explain", file, "--tool", "b"]);
		expect(denied.stdout).not.toContain("the call may take");
	});

	it("applies exceptions as of now, or of the time that is given", async () => {
		const file = path("excepted.yaml");
		const exception = "{ name: e, rules: [tools.allow], owner: ann, reason: why, expires: 2020-01-01T00:00:00Z }";
		const head = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: excepted }\ntools: { allow: none }\n";
		await writeFile(file, `${head}exceptions:\n  - ${exception}\n`);
		const asked = (...more: string[]) => runCli(["policy", "explain", file, "--tool", "a", ...more]);
		expect((await asked()).stdout).toContain("deny: one reason");
		const before = await asked("--at", "2019-12-31T23:59:59Z");
		expect(before.stdout).toContain("allow: the tool is admitted");
		expect(before.stdout).toContain("not denied (exception)  excepted/e  exception.used  lifts `tools.allow` until");
		const odd = await asked("--at", "2019");
		expect([odd.exit, odd.stderr]).toEqual([2, expect.stringContaining("'--at <time>' argument '2019' is invalid")]);
	});

	it("exits with 0 whatever the verdict is, and gives it as data", async () => {
		const denied = await explain("--tool", "other", "--json");
		expect(denied.exit).toBe(0);
		expect(denied.json()).toMatchObject({ verdict: "deny", applies: ["good"], requirements: [] });
	});

	it("reads arguments from stdin and from files", async () => {
		await writeFile(path("args.json"), '{"card":1}');
		expect((await explain("--tool", "look", "--args", `@${path("args.json")}`)).stdout).toContain("redacts /card");
		const piped = await runCli(["policy", "explain", path("good.yaml"), "--tool", "look", "--args", "-"], {
			stdin: '{"card":2}',
		});
		expect(piped.stdout).toContain("redacts /card");
	});

	it("refuses arguments that are no JSON object", async () => {
		const outcomes = await Promise.all(
			["{", "[]", '{"a":1,"a":2}', `@${path("nowhere.json")}`].map((args) => explain("--tool", "look", "--args", args)),
		);
		expect(outcomes.map(({ exit }) => exit)).toEqual([2, 2, 2, 2]);
		expect(outcomes[2]?.stderr).toContain("ASSENT_INPUT_LINE");
		expect(outcomes[3]?.stderr).toContain("ASSENT_FILE_MISSING");
	});
});

describe("policy import and export", () => {
	const GUARD = "allowed_tools: [look]\nblocked_patterns: [secret]\ndrift_threshold: 0.2\n";

	it("print the policy on stdout, and on stderr what is not carried", async () => {
		await writeFile(path("guard.yaml"), GUARD);
		const imported = await runCli(["policy", "import", "agent-os", path("guard.yaml")]);
		expect(imported.exit).toBe(0);
		expect(imported.stderr).toMatch(/guard\.yaml:3:18 {2}POLICY_NOT_CARRIED {2}`drift_threshold`: raises an event/);
		await writeFile(path("imported.yaml"), imported.stdout);
		expect((await runCli(["policy", "check", path("imported.yaml")])).exit).toBe(0);
		const exported = await runCli(["policy", "export", "agent-os", path("imported.yaml")]);
		expect([exported.exit, exported.stdout]).toEqual([0, expect.stringContaining("allowed_tools: [ look ]")]);
	});

	it("give the same as data, and an exit code to scripts that ask for one", async () => {
		const asData = await runCli(["policy", "import", "agent-os", path("guard.yaml"), "--json", "--strict"]);
		expect([asData.exit, asData.stderr]).toEqual([0, ""]);
		expect(asData.json()).toMatchObject({
			ok: true,
			name: "guard",
			policy: expect.stringContaining("kind: Policy"),
			differences: [{ field: "drift_threshold", admits: "the same", place: { line: 3, column: 18 } }],
			problems: [],
		});
		await writeFile(path("lost.yaml"), "blocked_patterns: [{ pattern: 'a(?=b)', type: regex }]\n");
		expect((await runCli(["policy", "import", "agent-os", path("lost.yaml")])).exit).toBe(0);
		expect((await runCli(["policy", "import", "agent-os", path("lost.yaml"), "--strict"])).exit).toBe(1);
	});

	it("read the permissions of a coding agent's settings", async () => {
		await writeFile(path("settings.json"), '{"permissions": {"deny": ["Bash(curl *)"]}, "model": "m"}');
		const imported = await runCli(["policy", "import", "claude-code", path("settings.json"), "--approver", "me"]);
		expect([imported.exit, imported.stderr]).toEqual([
			0,
			expect.stringContaining("`model`: it is not about permissions"),
		]);
		await writeFile(path("settings.yaml"), imported.stdout);
		const call = ["--tool", "Bash", "--args", '{"command":"ls; curl x"}', "--json"];
		const explained = await runCli(["policy", "explain", path("settings.yaml"), ...call]);
		expect(explained.json()).toMatchObject({ verdict: "deny", rules: [{ rule: "denied-bash" }] });
	});

	it("fails with --strict where a search still finds what may not be read", async () => {
		await writeFile(path("reads.json"), '{"permissions": {"deny": ["Read(.env)"]}}');
		const imported = await runCli([
			"policy",
			"import",
			"claude-code",
			path("reads.json"),
			"--approver",
			"me",
			"--strict",
		]);
		expect([imported.exit, imported.stderr]).toEqual([
			1,
			expect.stringContaining("`permissions.deny[0]` admits more calls"),
		]);
	});

	it("put in the lists of other files", async () => {
		await writeFile(
			path("lists.yaml"),
			"apiVersion: assent.dev/v1\nkind: Lists\nmetadata: { name: l }\nlists: { words: [secret, token] }\n",
		);
		await writeFile(
			path("uses.yaml"),
			policy("uses", "tools: { allow: [look] }\npatterns: [{ name: a, substring: $words }]\n"),
		);
		const exported = await runCli(["policy", "export", "agent-os", path("uses.yaml"), path("lists.yaml")]);
		expect([exported.exit, exported.stdout]).toEqual([
			0,
			expect.stringContaining("blocked_patterns: [ secret, token ]"),
		]);
		const alone = await runCli(["policy", "export", "agent-os", path("uses.yaml")]);
		expect([alone.exit, alone.stderr]).toEqual([2, expect.stringContaining("POLICY_REFERENCE")]);
		const two = await runCli(["policy", "export", "agent-os", path("narrow.yaml"), path("good.yaml")]);
		expect([two.exit, two.stderr]).toEqual([2, expect.stringContaining("2 policies are named")]);
	});

	it("refuse what is not of the format, and print nothing", async () => {
		await writeFile(path("foreign.yaml"), "allowed_tool: [look]\n");
		const refused = await runCli(["policy", "import", "agent-os", path("foreign.yaml")]);
		expect([refused.exit, refused.stdout]).toEqual([2, ""]);
		expect(refused.stderr).toMatch(/foreign\.yaml:1:1 {2}POLICY_UNKNOWN_KEY[\s\S]*did you mean `allowed_tools`/);
		const asData = await runCli(["policy", "import", "agent-os", path("foreign.yaml"), "--json"]);
		expect([asData.exit, asData.json()]).toMatchObject([2, { ok: false, policy: null }]);
		expect((await runCli(["policy", "import", "opa", path("foreign.yaml")])).exit).toBe(2);
		expect((await runCli(["policy", "import", "agent-os", path("nowhere.yaml")])).stderr).toContain(
			"ASSENT_FILE_MISSING",
		);
		expect((await runCli(["policy", "export", "agent-os", folder])).exit).toBe(2);
	});
});

describe("schemas write", () => {
	it("writes what is published, once, and is not in the help", async () => {
		const first = await runCli(["schemas", "write", "--root", folder]);
		expect(first.exit).toBe(0);
		for (const { path: file, text } of publishedSchemas()) expect(await readFile(path(file), "utf8")).toBe(text);
		const second = await runCli(["schemas", "write", "--root", folder]);
		expect([second.stdout, second.stderr]).toEqual(["", expect.stringMatching(/^0 of \d+ files were written/)]);
		expect((await runCli(["--help"])).stdout).not.toContain("schemas");
	});
});

describe("help", () => {
	const commands = [
		"policy check",
		"policy lint",
		"policy explain",
		"policy test",
		"policy activate",
		"policy rollback",
		"policy history",
	];
	const translations = ["policy import", "policy export"];
	const daily = ["approvals list", "approvals grant", "approvals reject", "halt set", "halt lift", "halt list"];
	const others = ["budgets list", "budgets adjust", "session end", "doctor"];

	it.each([...commands, ...translations, ...daily, ...others])(
		"of `%s` has an example, and its options",
		async (command) => {
			const help = await runCli([...command.split(" "), "--help"]);
			expect(help.exit).toBe(0);
			expect(help.stdout).toMatch(/Examples?:\n {2}assent /);
			expect(help.stdout).toContain("--json");
			if (!["policy check", "policy lint", ...translations].includes(command))
				expect(help.stdout).toContain("--log <url>");
		},
	);
});
