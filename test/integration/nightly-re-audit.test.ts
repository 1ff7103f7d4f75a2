/** The example of a check for pull requests: its script and the steps of its workflow, as they stand there. */
import { spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { recordLog } from "../support/recorded-log.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const EXAMPLE = join(ROOT, "examples", "nightly-re-audit");
const SCRIPT = join(EXAMPLE, "re-audit.sh");
const ASSENT = `${process.execPath} ${join(ROOT, "src", "cli", "main.ts")}`;

const policy = (patterns: string): string =>
	`apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\npatterns:\n${patterns}`;
const NO_RM = "  - { name: no-rm, substring: 'rm ' }\n";
const NO_CURL = "  - { name: no-curl, substring: curl }\n";

const IN_FORCE = policy(NO_RM + NO_CURL);
const LOOSER = policy(NO_RM);
const HARMLESS = `# Nobody may remove.\n${policy(NO_CURL + NO_RM)}`;
const STRICTER = policy(`${NO_RM + NO_CURL}  - { name: no-pwd, substring: pwd }\n`);
const COMMANDS = ["ls", "rm -rf x", "curl a", "pwd", "curl b"];

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-nightly-"));
	const files = { "in-force": IN_FORCE, looser: LOOSER, harmless: HARMLESS, stricter: STRICTER };
	for (const [name, text] of Object.entries(files)) await writeFile(at(`${name}.yaml`), text);
	await writeFile(at("broken.yaml"), IN_FORCE.replace("allow", "alow"));
	const lines = COMMANDS.map((command, id) => ({ id: `c-${id}`, agent: "coder", tool: "shell", args: { command } }));
	await recordLog({ log: `file:${at("log.db")}`, policies: [at("in-force.yaml")], lines });
	return () => rm(folder, { recursive: true, force: true });
}, 60_000);

interface Ended {
	readonly code: number | null;
	readonly stderr: string;
}

async function run(words: readonly string[], env: Readonly<Record<string, string>>, cwd = folder): Promise<Ended> {
	const [file = "", ...args] = words;
	const child = spawn(file, args, {
		cwd,
		stdio: ["ignore", "pipe", "pipe"],
		env: { PATH: process.env["PATH"], TMPDIR: folder, ...env },
	});
	let stderr = "";
	child.stderr.on("data", (chunk) => {
		stderr += String(chunk);
	});
	child.stdout.resume();
	const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
	return { code, stderr };
}

/** The script on a policy: how it ended, and the comment. */
async function checked(name: string, env: Readonly<Record<string, string>> = {}) {
	const comment = at(`${name}.md`);
	const ended = await run([SCRIPT, comment, at(`${name}.yaml`)], { ASSENT, LOG: `file:${at("log.db")}`, ...env });
	return { ...ended, comment: await readFile(comment, "utf8") };
}

describe("re-audit.sh", () => {
	it("stops a change by which calls that were really made are let further, and says which", async () => {
		const { code, comment, stderr } = await checked("looser");
		expect(stderr).toBe("");
		expect(comment).toMatch(/^<!-- nightly-re-audit -->\n\*\*Stopped\*\*: .* `loosened`/);
		expect(comment).toContain("### 2 calls of 5 come out otherwise");
		expect(comment).toContain("| deny → allow | 2 | 40.0 % |");
		expect(comment).toMatch(/`deny by p\/no-curl at \/command\[0:4\]` \| `allow` .*--decision c-2/);
		expect(code).toBe(1);
	});

	it("lets through what changes nothing, and says so", async () => {
		const { code, comment } = await checked("harmless");
		expect(comment).toMatch(/^<!-- nightly-re-audit -->\nNothing that this check is for\.\n\n### Nothing comes out/);
		expect(code).toBe(0);
	});

	it("tells of what is only stricter, and stops it where that is asked for", async () => {
		const told = await checked("stricter");
		expect(told.comment).toContain("| allow → deny | 1 | 20.0 % |");
		expect(told.code).toBe(0);
		expect((await checked("stricter", { FAIL_ON: "tightened" })).code).toBe(1);
		const any = await checked("stricter", { FAIL_ON: "any" });
		expect(any).toMatchObject({ code: 1, comment: expect.stringContaining("**Stopped**: calls") });
		expect(await checked("looser", { FAIL_ON: "none" })).toMatchObject({
			code: 0,
			comment: expect.stringContaining("| deny → allow | 2 |"),
		});
	});

	it("says where a policy does not compile, and that nothing was checked", async () => {
		const { code, comment, stderr } = await checked("broken");
		expect(comment).toMatch(/\*\*Not checked\*\*.*\n\n {4}\S*broken\.yaml:4:\d+ /);
		expect(stderr).toMatch(/broken\.yaml:4:\d+/);
		expect(code).toBe(2);
	});

	it("says of a log without calls in the range, and of one that is not there, that nothing was checked", async () => {
		const none = await checked("harmless", { FROM: "2999-01-01" });
		expect(none).toMatchObject({ code: 2, comment: expect.stringContaining("tells of no call") });
		const missing = await checked("harmless", { LOG: `export:${at("nothing")}` });
		expect(missing.code).toBeGreaterThan(1);
		expect(missing.comment).toContain("**Not checked**");
	});

	it("says how it is called where it is called otherwise", async () => {
		const env = { ASSENT, LOG: `file:${at("log.db")}` };
		for (const [words, of] of [
			[[SCRIPT, at("x.md")], env],
			[[SCRIPT, at("x.md"), at("looser.yaml")], { ASSENT }],
		] as const)
			expect(await run(words, of)).toMatchObject({ code: 2, stderr: expect.stringContaining("usage: LOG=URL") });
	});

	it("does the same in a shell that knows nothing but POSIX", async () => {
		const { code } = await run(["sh", SCRIPT, at("sh.md"), at("looser.yaml")], {
			ASSENT,
			LOG: `file:${at("log.db")}`,
		});
		expect(code).toBe(1);
	});
});

interface Step {
	readonly name?: string;
	readonly env?: Readonly<Record<string, string>>;
	readonly run?: string;
}

describe("re-audit.yml", () => {
	const steps = async (job: string): Promise<Readonly<Record<string, Step>>> => {
		const { jobs } = parse(await readFile(join(EXAMPLE, "re-audit.yml"), "utf8"));
		return Object.fromEntries((jobs[job].steps as Step[]).map((step) => [step.name ?? "", step]));
	};

	it("exports the log on one machine, and checks the export on another, in a pull request", async () => {
		// The repository of somebody who has Assent as a dependency, with `npx` and `gh` that are not the real ones.
		const there = at("repository");
		const bin = at("bin");
		await mkdir(join(there, "node_modules", "assent", "examples"), { recursive: true });
		await mkdir(join(there, "policies"));
		await mkdir(bin);
		await cp(EXAMPLE, join(there, "node_modules", "assent", "examples", "nightly-re-audit"), { recursive: true });
		await writeFile(join(there, "policies", "p.yaml"), LOOSER);
		await writeFile(at("assent.yaml"), `log: file:${at("log.db")}\n`);
		const command = `#!/bin/sh\n[ "$1" = assent ] && shift && exec ${ASSENT} "$@"\n`;
		await writeFile(join(bin, "npx"), command);
		await writeFile(join(bin, "gh"), `#!/bin/sh\necho "$@" >> ${at("gh.txt")}\n`);
		for (const name of ["npx", "gh"]) await chmod(join(bin, name), 0o755);
		await symlink(process.execPath, join(bin, "node"));
		const env = {
			PATH: `${bin}${delimiter}${process.env["PATH"]}`,
			GITHUB_STEP_SUMMARY: at("summary.md"),
			GITHUB_OUTPUT: at("output.txt"),
		};
		const play = (step: Step | undefined, more: Readonly<Record<string, string>> = {}): Promise<Ended> =>
			run(["bash", "-e", "-c", step?.run ?? "exit 99"], { ...env, ...more }, there);

		const { Export: taken } = await steps("export");
		expect(taken?.run).toContain("/etc/assent/assent.yaml");
		const own = { ...taken, run: taken?.run?.replace("/etc/assent/assent.yaml", at("assent.yaml")) ?? "" };
		expect(await play(own)).toEqual({ code: 0, stderr: "" });

		const { Comment: comment, Verdict: verdict, ...others } = await steps("re-audit");
		expect(await play({ run: "tar -xzf ledger.tar.gz" })).toMatchObject({ code: 0 });
		expect(others["Fetch the latest export"]?.run).toContain("tar -xzf ledger.tar.gz\n");
		const { LOG = "" } = others["Re-audit"]?.env ?? {};
		expect(await play(others["Re-audit"], { LOG, FAIL_ON: "loosened" })).toMatchObject({ code: 0 });
		const report = await readFile(join(there, "comment.md"), "utf8");
		expect(report).toContain("**Stopped**");
		expect(report).toContain("--log export:ledger");
		expect(await readFile(at("summary.md"), "utf8")).toBe(report);
		const said = await readFile(at("output.txt"), "utf8");
		expect(said).toBe("code=1\n");

		expect(await play(comment, { PR: "17", GH_REPO: "acme/agents" })).toMatchObject({ code: 0 });
		const calls = await readFile(at("gh.txt"), "utf8");
		expect(calls).toContain("repos/acme/agents/issues/17/comments");
		expect(calls).toContain("pr comment 17 --body-file comment.md");
		expect((await play(verdict, { CODE: "1" })).code).toBe(1);
	});

	it("takes nothing that a pull request says into a shell", async () => {
		for (const job of ["export", "re-audit"])
			for (const { run: text } of Object.values(await steps(job))) expect(text ?? "").not.toContain("${{");
	});
});
