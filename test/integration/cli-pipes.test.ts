/** Files that are none: a pipe is read as its bytes come, and a signal ends the waiting; devices and sockets are told and not opened. */
import { execFileSync } from "node:child_process";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { scratchFolder, start } from "../support/cli.ts";
import { runCli } from "../support/run-cli.ts";

const POLICY = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: [look] }\n";

function pipeIn(folder: string): string {
	const path = join(folder, "pipe");
	execFileSync("mkfifo", [path]);
	return path;
}

describe("a pipe that nobody writes to", () => {
	// A read that waits in the system would let neither signal through.
	const COMMANDS: readonly (readonly string[])[] = [
		["policy", "check", "PIPE"],
		["policy", "lint", "PIPE"],
		["policy", "compare", "policies", "PIPE"],
		["policy", "test", "PIPE"],
		["policy", "fmt", "PIPE"],
		["policy", "import", "claude-code", "PIPE"],
		["policy", "explain", "policies", "--tool", "look", "--args", "@PIPE"],
		["policy", "sign", "policies", "--key", "PIPE"],
		["decide", "--policy", "PIPE"],
		["doctor", "--config", "PIPE"],
	];

	it.each(COMMANDS.map((words) => ({ name: words.join(" "), words })))(
		"$name: is waited for until the first signal",
		async ({ words }) => {
			const pipe = pipeIn(scratchFolder());
			const { child, ended } = start(words.map((word) => word.replace("PIPE", pipe)));
			// Opens when the command has opened the other end: from then on it waits.
			const writer = createWriteStream(pipe);
			await new Promise((resolve) => writer.once("open", resolve));
			child.kill("SIGTERM");
			expect(await ended).toMatchObject({
				code: 143,
				stderr: expect.stringMatching(/^stopped before it was finished: /m),
			});
			writer.destroy();
		},
	);

	it("is no log", async () => {
		const pipe = pipeIn(scratchFolder());
		for (const words of [["doctor"], ["dev", "--policy", "policies"], ["policy", "history"]]) {
			const { exit, stdout, stderr } = await runCli([...words, "--log", `file:${pipe}`]);
			expect(exit).not.toBe(0);
			expect(stdout + stderr).toContain("it is a pipe, a device or a socket");
		}
	});
});

describe("a pipe with a policy in it", () => {
	it("is read like a file, also from stdin and from the shell's substitution", async () => {
		const bash = (line: string): string =>
			execFileSync("bash", ["-c", line, process.execPath, "src/cli/main.ts"], { encoding: "utf8", input: POLICY });
		expect(bash('cat | "$0" "$1" policy check /dev/stdin')).toMatch(/^ok {2}\/dev\/stdin {2}p {2}/);
		const allow = 'printf "apiVersion: assent.dev/v1\\nkind: Policy\\nmetadata: { name: p }\\ntools: { allow: %s }\\n"';
		expect(bash(`"$0" "$1" policy compare <(${allow} none) <(${allow} all)`)).toMatch(/^stricter/);
	});

	it("is not written back to by fmt, which prints it with --stdout", async () => {
		const folder = scratchFolder();
		const pipe = pipeIn(folder);
		const unformatted = POLICY.replace("[look]", "[ look ]");
		const fmt = async (...options: string[]) => {
			const { ended } = start(["policy", "fmt", ...options, pipe]);
			createWriteStream(pipe).end(unformatted);
			return ended;
		};
		expect(await fmt("--stdout")).toMatchObject({ code: 0, stdout: POLICY });
		expect(await fmt()).toMatchObject({ code: 3, stdout: "", stderr: expect.stringMatching(/it is a pipe.*--stdout/) });
	});
});

describe("a file that is none", () => {
	it("is told for what it is, and not opened", async () => {
		const folder = scratchFolder();
		const server = createServer().listen(join(folder, "socket"));
		await new Promise((resolve) => server.once("listening", resolve));
		onTestFinished(() => void server.close());
		for (const [path, noun] of [
			["/dev/zero", "device"],
			[join(folder, "socket"), "socket"],
		] as const) {
			for (const words of [
				["policy", "check", path],
				["policy", "explain", "policies", "--tool", "look", "--args", `@${path}`],
				["policy", "sign", "policies", "--key", path],
				["doctor", "--config", path],
			]) {
				const { exit, stderr } = await runCli(words);
				expect([exit, stderr.split("\n")[0]]).toEqual([
					2,
					`${path}  ASSENT_FILE_UNREADABLE  \`${path}\` is a ${noun}, which is not read`,
				]);
			}
		}
	});
});

describe("the arguments of explain", () => {
	const explain = (args: string, stdin = "") =>
		runCli(["policy", "explain", "policies/baseline.yaml", "--tool", "look", "--args", args], { stdin });

	it("from a folder, from nowhere, and of other bytes than UTF-8 are clear errors", async () => {
		const folder = scratchFolder();
		writeFileSync(join(folder, "latin"), Buffer.from('{"a":"\xe9"}', "latin1"));
		const told = async (path: string) => (await explain(`@${path}`)).stderr.split("\n")[0];
		expect(await told(folder)).toBe(`${folder}  ASSENT_FILE_UNREADABLE  \`${folder}\` is a folder`);
		expect(await told("/nowhere")).toBe("/nowhere  ASSENT_FILE_MISSING  there is no file or folder `/nowhere`");
		expect(await told(join(folder, "latin"))).toContain("is not UTF-8");
	});

	it("may begin with a byte order mark, in a file and on stdin", async () => {
		const file = join(scratchFolder(), "args.json");
		writeFileSync(file, '\ufeff{"command":"ls"}');
		expect(await explain(`@${file}`)).toMatchObject({ exit: 0, stderr: "" });
		expect(await explain("-", readFileSync(file, "utf8"))).toMatchObject({ exit: 0, stderr: "" });
	});

	it("from a stdin without end are refused", async () => {
		const { exit, stderr } = await explain("-", " ".repeat(4_000_000));
		expect([exit, stderr]).toEqual([2, expect.stringMatching(/stdin cannot be read: it has more than \d+ bytes/)]);
	});
});
