/** docs/gateway.md works as it stands: its commands are run in a shell, and give what is written below them. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { assent, scratchFolder, start } from "../support/cli.ts";
import { ROOT, textOf } from "../support/repository.ts";

interface Block {
	readonly language: string;
	readonly text: string;
}

const blocks: readonly Block[] = [...textOf("docs/gateway.md").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
	([, language = "", text = ""]) => ({ language, text }),
);

const consoles = blocks.filter(({ language }) => language === "console").map(({ text }) => text.trim().split("\n"));

it("the page's commands give what it says", async () => {
	const folder = scratchFolder();
	const log = `file:${join(folder, ".assent", "log.db")}`;
	const [first = "", ...says] = consoles[0] ?? [];
	const dev = start([...argumentsOf(first), "--log", log, "--gateway-port", "0"]);
	await dev.said(/^ready/m);
	// The port is another one, and the key is beside the log.
	for (const line of says.filter((line) => line !== "…")) {
		const shape = line.replace(/:\d+;/, ":PORT;").replace(".assent/", `${join(folder, ".assent")}/`);
		expect(dev.printed().replace(/:\d+;/, ":PORT;")).toContain(shape);
	}
	const bin = join(folder, "bin");
	mkdirSync(bin);
	// `npx assent …` without npm.
	writeFileSync(
		join(bin, "npx"),
		`#!/bin/sh\nshift\nexec "${process.execPath}" "${join(ROOT, "src", "cli", "main.ts")}" "$@"\n`,
	);
	chmodSync(join(bin, "npx"), 0o755);
	const env = { ...process.env, PATH: `${bin}:${join(process.execPath, "..")}:${process.env["PATH"]}` };

	const commands = blocks.flatMap(({ language, text }, at) =>
		language === "sh" ? [{ text, answer: blocks[at + 1]?.language === "json" ? blocks[at + 1]?.text : undefined }] : [],
	);
	expect(commands.length).toBeGreaterThan(6);
	// Variables of the first are there for all that follow.
	const variables = commands[0]?.text.split("\n").filter((line) => /^\w+=/.test(line)) ?? [];
	for (const { text, answer } of commands) {
		const ended = await shell(`${variables.join("\n")}\n${text}`, folder, env);
		expect(ended.code, `${text}\n${ended.stderr}`).toBe(0);
		if (answer !== undefined) expect(JSON.parse(ended.stdout), text).toMatchObject(JSON.parse(answer) as object);
	}
	expect((await dev.stop()).code).toBe(0);
});

it("the page's gateway runs with the page's configuration", async () => {
	const folder = scratchFolder();
	const log = `file:${join(folder, "log.db")}`;
	const dev = start(["dev", "--log", log, "--policy", "policies/baseline.yaml", "--gateway-port", "off"]);
	await dev.said(/^ready/m);
	const keys = join(folder, "keys.yaml");
	expect((await assent(["keys", "issue", "--role", "auditor", "--keys", keys])).code).toBe(0);
	writeFileSync(join(folder, "assent.yaml"), blocks.find(({ language }) => language === "yaml")?.text ?? "");
	const command = argumentsOf(consoles[1]?.[0] ?? "").map((word) =>
		word.startsWith("kafka://") ? log : word === "assent.yaml" ? join(folder, word) : word,
	);
	const gateway = start([...command, "--keys", keys, "--port", "0", "--json"]);
	await gateway.said(/"event":"ready"/);
	expect((await gateway.stop()).code).toBe(0);
	expect((await dev.stop()).code).toBe(0);
});

/** Of a line of the page such as `$ npx assent dev`. */
const argumentsOf = (line: string): string[] => line.replace(/^\$ (npx )?assent /, "").split(" ");

async function shell(
	script: string,
	cwd: string,
	env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
	const child = spawn("bash", ["-euo", "pipefail", "-c", script], { cwd, env });
	let [stdout, stderr] = ["", ""];
	child.stdout.on("data", (chunk) => {
		stdout += String(chunk);
	});
	child.stderr.on("data", (chunk) => {
		stderr += String(chunk);
	});
	return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}
