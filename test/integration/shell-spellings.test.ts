/**
 * The spellings by which the classifier is tried are of shells: bash runs a program that is spelled so with the words that
 * it is given plainly. The program only writes down its words, in a folder that is all of `PATH`.
 */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SHELL_SPELLINGS } from "../support/shell-spellings.ts";

/** What spellings need beside the shell. */
const TOOLS =
	"awk base32 base64 bash cat cut env grep gunzip gzip head ionice nice nohup openssl rev sed setsid sh stdbuf tac tail tee timeout tr xargs xxd";
const PLAIN = "frob -rf data/one two=2";
const AT_ONCE = 4;

let folder = "";

/** The first file of a name in the folders of `PATH`. */
function found(name: string): string | null {
	for (const each of (process.env["PATH"] ?? "").split(delimiter)) {
		try {
			accessSync(join(each, name), constants.X_OK);
			return join(each, name);
		} catch {}
	}
	return null;
}

/** In place of `xxd` and `openssl` where a machine has none: what the spellings ask of them. */
const INSTEAD: Readonly<Record<string, string>> = {
	xxd: "Buffer.from(text.trim(), 'hex')",
	openssl: "Buffer.from(text, 'base64')",
};

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "spellings-"));
	await writeFile(join(folder, "frob"), `#!/bin/sh\nprintf '<%s>' "$0" "$@" >> "$WORDS"; echo >> "$WORDS"\n`);
	for (const name of TOOLS.split(" ")) {
		const file = found(name);
		if (file !== null) await symlink(file, join(folder, name));
		else {
			const code = `const text = require("node:fs").readFileSync(0, "utf8"); process.stdout.write(${INSTEAD[name] ?? ""});`;
			await writeFile(join(folder, name), `#!${process.execPath}\n${code}\n`);
			await chmod(join(folder, name), 0o755);
		}
	}
	await chmod(join(folder, "frob"), 0o755);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The lines that the program has written: its name and its words. */
async function runIn(text: string, index: number): Promise<string> {
	const log = join(folder, `words-${index}`);
	await writeFile(log, "");
	const script = text.replaceAll("/usr/bin/", `${folder}/`);
	const child = spawn(join(folder, "bash"), ["--norc", "--noprofile", "-c", script], {
		cwd: folder,
		env: { PATH: folder, WORDS: log },
		stdio: "ignore",
	});
	await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
	return readFile(log, "utf8");
}

it("bash runs each spelling of a command as the command itself", async () => {
	const spelled = Object.entries(SHELL_SPELLINGS);
	const others: Record<string, unknown> = {};
	for (let start = 0; start < spelled.length; start += AT_ONCE) {
		await Promise.all(
			spelled.slice(start, start + AT_ONCE).map(async ([name, spell], index) => {
				const text = spell(PLAIN);
				const words = await runIn(text, start + index);
				if (words !== `<${folder}/frob><-rf><data/one><two=2>\n`) others[name] = { text, words };
			}),
		);
	}
	expect(others).toEqual({});
});
