/** Whoever asks for one value (`--json`, `--sarif`) finds one on stdout, also where the command was asked wrongly. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Context } from "../../src/cli/context.ts";
import { programOf } from "../../src/cli/run.ts";
import type { Problem } from "../../src/core/base/errors.ts";
import { runCli } from "../support/run-cli.ts";

const { stdin, stdout, stderr } = process;
const PROGRAM = await programOf(new Context({ stdin, stdout, stderr, env: {} }, new AbortController().signal));

/** The words of every command that has an option of this name. */
function commandsWith(option: string, command: Command = PROGRAM, words: readonly string[] = []): string[][] {
	const own = command.options.some(({ long }) => long === option) ? [[...words]] : [];
	return [...own, ...command.commands.flatMap((each) => commandsWith(option, each, [...words, each.name()]))];
}

const named = (words: readonly string[]): { name: string; words: readonly string[] } => ({
	name: words.join(" "),
	words,
});

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-json-"));
	await writeFile(
		join(folder, "typo.yaml"),
		"apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { alow: all }\n",
	);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const JSON_COMMANDS = commandsWith("--json").map(named);
const SARIF_COMMANDS = commandsWith("--sarif").map(named);

interface SarifLog {
	readonly runs: readonly { readonly results: readonly { readonly ruleId: string; readonly locations?: unknown }[] }[];
}

describe("an option that is not there, or not given", () => {
	it("is looked for in every command that prints data", () => {
		expect(JSON_COMMANDS.length).toBeGreaterThan(20);
		expect(SARIF_COMMANDS.map(({ name }) => name)).toEqual(["policy lint", "policy compare"]);
	});

	it.each(JSON_COMMANDS)("$name --json: is a problem in the value that is printed", async ({ words }) => {
		const run = await runCli([...words, "--json", "--no-such-option"]);
		const { problems } = run.json() as { problems: readonly Problem[] };
		expect(problems).toMatchObject([{ code: "ASSENT_USAGE", help: expect.stringMatching(/--help/), place: null }]);
		expect(problems[0]?.message).toMatch(/--no-such-option|^required option .* not specified$/);
		expect([run.exit, run.stderr.split("\n")[0]]).toEqual([2, `ASSENT_USAGE  ${problems[0]?.message}`]);
	});

	it.each(SARIF_COMMANDS)("$name --sarif: is a result", async ({ words }) => {
		const run = await runCli([...words, "--sarif", "--no-such-option"]);
		expect((run.json() as SarifLog).runs[0]?.results).toMatchObject([{ ruleId: "ASSENT_USAGE", level: "error" }]);
		expect(run.exit).toBe(2);
	});
});

describe("a policy file with a slip", () => {
	const COMMANDS: readonly (readonly string[])[] = [
		["policy", "check", "FILE"],
		["policy", "lint", "FILE"],
		["policy", "compare", "FILE", "policies"],
		["policy", "compare", "policies", "FILE"],
		["policy", "diff", "FILE", "policies"],
		["policy", "diff", "policies", "FILE"],
		["policy", "explain", "FILE", "--tool", "bash"],
		["policy", "export", "agent-os", "FILE"],
		["dev", "--policy", "FILE", "--log", "file:LOG"],
	];

	it.each(COMMANDS.map(named))("$name --json: is told with its place", async ({ words }) => {
		const file = join(folder, "typo.yaml");
		const log = join(folder, "log.db");
		const run = await runCli([...words.map((word) => word.replace("FILE", file).replace("LOG", log)), "--json"]);
		const value = run.json() as { problems: readonly Problem[]; files?: readonly { problems: readonly Problem[] }[] };
		expect(run.exit).toBe(2);
		expect([...(value.files ?? []).flatMap(({ problems }) => problems), ...value.problems]).toMatchObject([
			{
				code: "POLICY_UNKNOWN_KEY",
				message: expect.stringContaining("alow"),
				help: expect.stringContaining("allow"),
				place: { file, line: 4, column: 10 },
			},
		]);
	});

	it.each(SARIF_COMMANDS)("$name --sarif: is a result at its line", async ({ words }) => {
		const file = join(folder, "typo.yaml");
		const run = await runCli([...words, file, ...(words.includes("compare") ? ["policies"] : []), "--sarif"]);
		expect(run.exit).toBe(2);
		expect((run.json() as SarifLog).runs[0]?.results).toMatchObject([
			{
				ruleId: "POLICY_UNKNOWN_KEY",
				level: "error",
				locations: [{ physicalLocation: { region: { startLine: 4, startColumn: 10 } } }],
			},
		]);
	});
});

describe("other bad input", () => {
	it.each([
		[["doctor", "--config", "/nowhere.yaml"], 2, "ASSENT_FILE_MISSING"],
		[["policy", "history", "--log", "kafka://127.0.0.1:1"], 3, "ASSENT_LOG_UNAVAILABLE"],
		[["policy", "explain", "policies", "--tool", "bash", "--args", "{"], 2, "ASSENT_INPUT_LINE"],
		[["policy", "test", "/nowhere"], 2, "ASSENT_FILE_MISSING"],
		[["policy", "import", "claude-code", "/nowhere.json"], 2, "ASSENT_FILE_MISSING"],
		[["approvals", "show", "a", "--log", "kafka://user:pass@nowhere"], 2, "ASSENT_USAGE"],
		[["budgets", "--log", "file:/nowhere/log.db"], 2, "ASSENT_FILE_MISSING"],
	] as const)("%j: is the value's problem, and the exit code is what it was", async (words, exit, code) => {
		const run = await runCli([...words, "--json"]);
		expect([run.exit, run.json()]).toMatchObject([exit, { problems: [{ code }] }]);
		expect((await runCli(words)).exit).toBe(exit);
	});

	it("is told of a command that a signal ends, too", async () => {
		const stop = new AbortController();
		stop.abort("SIGINT");
		const run = await runCli(["doctor", "--json", "--log", "kafka://127.0.0.1:1"], { stop: stop.signal });
		expect([run.exit, run.json()]).toMatchObject([130, { problems: [{ code: "ASSENT_STOPPED" }] }]);
	});
});

describe("help", () => {
	it.each([
		[["help", "polcy"], "unknown command 'polcy' (Did you mean policy?)"],
		[["polcy", "--help"], "unknown command 'polcy' (Did you mean policy?)"],
		[["help", "policy", "chekc"], "unknown command 'chekc' (Did you mean check?)"],
		[["policy", "help", "chekc"], "unknown command 'chekc' (Did you mean check?)"],
		[["policy", "chekc", "-h"], "unknown command 'chekc' (Did you mean check?)"],
		[["help", "nope"], "unknown command 'nope'"],
	])("%j: is an error, with the command that was meant", async (args, message) => {
		const run = await runCli(args);
		expect([run.exit, run.stdout]).toEqual([2, ""]);
		expect(run.stderr.replace("\n(", " (").split("\n")[0]).toBe(`ASSENT_USAGE  ${message}`);
	});

	it.each([
		[["help"], "Usage: assent [options] [command]"],
		[["help", "help"], "Usage: assent [options] [command]"],
		[["help", "policy", "lint"], "Usage: assent policy lint [options] <file...>"],
		[["policy", "help", "lint"], "Usage: assent policy lint [options] <file...>"],
		[["policy", "lint", "help", "--help"], "Usage: assent policy lint [options] <file...>"],
		[["help", "decide"], "Usage: assent decide [options]"],
	])("%j: prints the help of what is named", async (args, usage) => {
		const run = await runCli(args);
		expect([run.exit, run.stdout.split("\n")[0]]).toEqual([0, usage]);
	});

	it("takes a file called help for a file", async () => {
		const run = await runCli(["policy", "check", "help"]);
		expect([run.exit, run.stderr.split("\n")[0]]).toEqual([
			2,
			"help  ASSENT_FILE_MISSING  there is no file or folder `help`",
		]);
	});
});
