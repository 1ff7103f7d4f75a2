/** What docs/audit.md tells an auditor to do, who has two exports, the public key and a checkout: every command of that section, as it is. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { auditedLog } from "../support/audited-log.ts";
import { runCli } from "../support/run-cli.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** Lines of the code blocks of a section. */
async function commandsOf(section: string): Promise<readonly string[]> {
	const page = await readFile(join(REPOSITORY, "docs/audit.md"), "utf8");
	const text = page.split(`\n## ${section}\n`)[1]?.split("\n## ")[0] ?? "";
	return [...text.matchAll(/```sh\n([^`]*)```/g)].flatMap(([, block = ""]) => block.trim().split("\n"));
}

it("goes through from the two exports and the key alone", async () => {
	const of = await auditedLog(2);
	const desk = await mkdtemp(join(tmpdir(), "assent-auditor-"));
	onTestFinished(() => rm(desk, { recursive: true, force: true }));
	const exported = async (name: string): Promise<void> => {
		await of.sign();
		const made = await runCli(["audit", "export", join(desk, name), "--log", of.url, "--key", of.vkey]);
		expect(made, made.stderr).toMatchObject({ exit: 0 });
	};
	await of.ask(20);
	await exported("march");
	const call = { id: "call-1", tenant: "acme", agent: "coder", tool: "wipe", args: {} };
	await runCli(["submit", "--log", of.url, "--deadline", "5s"], { stdin: JSON.stringify(call) });
	await exported("april");
	await of.stop();
	await writeFile(join(desk, "log.vkey"), `${of.vkey}\n`);
	await symlink(join(REPOSITORY, "policies"), join(desk, "policies"));

	const before = process.cwd();
	onTestFinished(() => process.chdir(before));
	process.chdir(desk);
	const said: Record<string, string> = {};
	const commands = await commandsOf("As an auditor");
	for (const command of commands) {
		const [program = "", ...args] = command.split(" ");
		if (program === "cp") {
			const [from = "", to = ""] = args;
			await cp(from, to);
			continue;
		}
		expect([program, args[0]], command).toEqual(["npx", "assent"]);
		const out = await runCli(args.slice(1));
		expect(out, `${command}: ${out.stderr}`).toMatchObject({ exit: 0, stderr: "" });
		said[args.slice(1, 3).join(" ")] = out.stdout;
	}
	expect(commands.length).toBeGreaterThan(6);
	expect(said["audit verify"]).toMatch(
		/all is as it was recorded in[\s\S]*the log begins with the \d+ leaves of the kept/,
	);
	expect(said["tail violations"]).toContain("no-wipe");
	expect(said["policy explain"]).toContain("nothing is wiped here");
	expect(said["audit prove"]).toContain("has signed that tree");
});
