/** Policies in folders: what is read, and what `dev` puts into force as the folder changes. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connect } from "../../src/index.ts";
import { jsonLines, scratchFolder, start } from "../support/cli.ts";
import { runCli } from "../support/run-cli.ts";

const policy = (name: string, allow: string): string =>
	`apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: ${name} }\ntools: { allow: ${allow} }\n`;

describe("a folder of policies", () => {
	const decide = (folder: string) => runCli(["decide", "-p", folder], { stdin: '{"tool":"x","args":{}}\n' });
	const verdict = ({ stdout }: { stdout: string }) => jsonLines(stdout)[0]?.["verdict"];

	it("stands for its subfolders too, and for `.YAML`", async () => {
		const folder = scratchFolder();
		mkdirSync(join(folder, "team-a", "deep"), { recursive: true });
		writeFileSync(join(folder, "base.yaml"), policy("base", "all"));
		expect(verdict(await decide(folder))).toBe("allow");
		for (const name of ["team-a/strict.yaml", "Strict.YAML", "team-a/deep/strict.yml"]) {
			writeFileSync(join(folder, name), policy("strict", "none"));
			expect(verdict(await decide(folder))).toBe("deny");
			const checked = await runCli(["policy", "check", folder]);
			expect([checked.exit, checked.stdout]).toEqual([0, expect.stringContaining(name)]);
			rmSync(join(folder, name));
		}
	});

	it("is read once where a link leads back into it", async () => {
		const folder = join(scratchFolder(), "policies");
		mkdirSync(folder);
		writeFileSync(join(folder, "base.yaml"), policy("base", "all"));
		symlinkSync("..", join(folder, "up"));
		symlinkSync(".", join(folder, "here"));
		expect(verdict(await decide(join(folder, "here")))).toBe("allow");
	});

	it("may hold what editors and file managers leave behind", async () => {
		const folder = scratchFolder();
		writeFileSync(join(folder, "base.yaml"), policy("base", "all"));
		symlinkSync("user@host.1:1", join(folder, ".#base.yaml"));
		writeFileSync(join(folder, "._base.yaml"), Buffer.from([0, 5, 0x16, 7]));
		for (const command of [
			["decide", "-p", folder],
			["policy", "check", folder],
		]) {
			expect((await runCli(command, { stdin: '{"tool":"x","args":{}}\n' })).exit).toBe(0);
		}
		const client = await connect({ log: "memory:", policies: [folder] });
		expect((await client.decide({ tool: "x", args: {} })).verdict).toBe("allow");
		await client.close();
	});

	it("with a link to nothing is an error of that file, for commands and the library", async () => {
		const folder = scratchFolder();
		writeFileSync(join(folder, "base.yaml"), policy("base", "all"));
		symlinkSync("nothing", join(folder, "strict.yaml"));
		for (const command of [
			["decide", "-p", folder],
			["policy", "check", folder],
			["dev", "-p", folder],
		]) {
			const { exit, stderr } = await runCli(command);
			expect([exit, stderr]).toEqual([2, expect.stringMatching(/strict\.yaml {2}ASSENT_FILE_MISSING/)]);
		}
		await expect(connect({ log: "memory:", policies: [folder] })).rejects.toMatchObject({
			code: "ASSENT_FILE_MISSING",
		});
	});

	it("without a policy, and a file that is not UTF-8, are errors", async () => {
		const folder = scratchFolder();
		expect((await decide(folder)).stderr).toMatch(/POLICY_EMPTY {2}there is no policy in the folder/);
		writeFileSync(join(folder, "latin.yaml"), Buffer.from(policy("löschen", "all"), "latin1"));
		expect((await decide(folder)).stderr).toMatch(/latin\.yaml {2}POLICY_YAML {2}the file is not UTF-8/);
		writeFileSync(join(folder, "latin.yaml"), Buffer.alloc(3_000_000, "#"));
		expect((await decide(folder)).stderr).toMatch(/latin\.yaml {2}POLICY_LIMITS {2}the file has 3000000 bytes/);
	});
});

describe("assent dev", () => {
	it("follows a mounted ConfigMap, a link's target and a replaced folder, and says what is bad and good again", async () => {
		const folder = scratchFolder();
		const mount = join(folder, "cm");
		const log = `file:${join(folder, "log.db")}`;
		const version = (name: string, allow: string): void => {
			mkdirSync(join(mount, name), { recursive: true });
			writeFileSync(join(mount, name, "agents.yaml"), policy("agents", allow));
		};
		version("..one", "all");
		version("..two", "none");
		symlinkSync("..one", join(mount, "..data"));
		symlinkSync("..data/agents.yaml", join(mount, "agents.yaml"));
		const dev = start(["dev", "-p", mount, "--log", log, "--json"]);
		await dev.said(/"event":"ready"/);
		const asked = async () => {
			const { stdout } = await runCli(["submit", "--settle", "--log", log], { stdin: '{"tool":"x","args":{}}\n' });
			return jsonLines(stdout)[0]?.["verdict"];
		};
		expect(await asked()).toBe("allow");

		symlinkSync("..two", join(mount, "..tmp"));
		renameSync(join(mount, "..tmp"), join(mount, "..data"));
		rmSync(join(mount, "..one"), { recursive: true });
		await dev.said(/"event":"activated"/);
		// The event says that it is on the log; a partition that is at work adopts it with its next look at control.
		await expect.poll(asked).toBe("deny");

		writeFileSync(join(folder, "real.yaml"), policy("agents", "all"));
		rmSync(join(mount, "agents.yaml"));
		symlinkSync("../real.yaml", join(mount, "agents.yaml"));
		await expect.poll(asked).toBe("allow");
		writeFileSync(join(folder, "real.yaml"), policy("agents", "none"));
		await expect.poll(asked).toBe("deny");

		rmSync(join(folder, "real.yaml"));
		await dev.said(/ASSENT_FILE_MISSING/);
		expect(await asked()).toBe("deny");
		writeFileSync(join(folder, "real.yaml"), policy("agents", "none"));
		await dev.said(/"event":"good"/);

		const next = join(folder, "next");
		mkdirSync(next);
		writeFileSync(join(next, "agents.yaml"), policy("agents", "all"));
		renameSync(mount, join(folder, "old"));
		renameSync(next, mount);
		await expect.poll(asked).toBe("allow");
		const { code, stderr } = await dev.stop();
		expect(code).toBe(0);
		expect(stderr).not.toContain("ASSENT_INTERNAL");
	});
});
