/** A log that may only be read: by an auditor beside a running processor, and as a backup in a folder that nobody may write. */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { assent, scratchFolder, start } from "../support/cli.ts";

const POLICY = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\n";

/** Who may do anything to any file is nobody here. */
const READER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const asReader = (args: readonly string[], input = "") => {
	const { status, stdout, stderr } = spawnSync(process.execPath, ["src/cli/main.ts", ...args], {
		...READER,
		encoding: "utf8",
		input,
	});
	return { status, stdout, stderr };
};

/** A log with one decision and its processor, whose folder and files may be read by others. */
async function deployed() {
	const folder = scratchFolder();
	chmodSync(folder, 0o755);
	const logs = join(folder, "logs");
	mkdirSync(logs);
	writeFileSync(join(folder, "p.yaml"), POLICY);
	const log = `file:${join(logs, "log.db")}`;
	const dev = start(["dev", "-p", join(folder, "p.yaml"), "--log", log, "--json"]);
	await dev.said(/"event":"ready"/);
	await assent(["submit", "--settle", "--log", log], '{"id":"a","tool":"look","args":{}}\n');
	for (const suffix of ["", "-wal", "-shm"]) chmodSync(join(logs, `log.db${suffix}`), 0o644);
	return { folder, logs, log, dev };
}

const READING = [
	["tail", "decisions"],
	["approvals", "list"],
	["budgets"],
	["halt", "list"],
	["policy", "history"],
	["topics", "check"],
];

/** Each of a dozen and more commands is a process of its own. */
describe("a log that may only be read", () => {
	it("is read by every command that changes nothing, while its processor runs and after", async () => {
		const { logs, log, dev } = await deployed();
		const everything = () => {
			for (const args of READING) {
				const { status, stderr } = asReader([...args, "--log", log]);
				expect([args, status, stderr]).toEqual([args, 0, ""]);
			}
			const doctor = asReader(["doctor", "--log", log]);
			expect(doctor.stdout).toMatch(/ok {7}ledger +folds to its end: valid entries/);
			expect(doctor.stdout + doctor.stderr).not.toMatch(/ASSENT_|`assent doctor`/);
		};
		everything();
		await dev.stop();
		chmodSync(logs, 0o555);
		onTestFinished(() => chmodSync(logs, 0o755));
		chmodSync(join(logs, "log.db"), 0o444);
		everything();
	});

	it("is refused to a user who would write it, in words", async () => {
		const { log, dev } = await deployed();
		await dev.stop();
		for (const args of [["submit"], ["halt", "set", "--all", "--reason", "x", "--by", "me"]]) {
			const { status, stderr } = asReader([...args, "--log", log], '{"tool":"x","args":{}}\n');
			expect([status, stderr]).toEqual([3, expect.stringMatching(/ASSENT_LOG_UNAVAILABLE.*\nhelp: .*write/)]);
			expect(stderr).not.toContain("doctor");
		}
	});

	it("with records that only its `-wal` has, in a folder that nobody may write, says what to do", async () => {
		const { folder, logs, dev } = await deployed();
		const backup = join(folder, "backup");
		mkdirSync(backup);
		for (const suffix of ["", "-wal"]) {
			copyFileSync(join(logs, `log.db${suffix}`), join(backup, `log.db${suffix}`));
			chmodSync(join(backup, `log.db${suffix}`), 0o444);
		}
		chmodSync(backup, 0o555);
		onTestFinished(() => chmodSync(backup, 0o755));
		const { status, stderr } = asReader(["tail", "decisions", "--log", `file:${join(backup, "log.db")}`]);
		expect([status, stderr]).toEqual([
			3,
			expect.stringMatching(/help: copy the log and its `-wal` to a folder of your own/),
		]);
		await dev.stop();
	});
});

describe("a log that is deleted under `dev`", () => {
	it("ends it with 3, and is said once", async () => {
		const { logs, dev } = await deployed();
		rmSync(logs, { recursive: true });
		const { code, stderr } = await dev.ended;
		expect(code).toBe(3);
		expect(stderr.match(/"event":"processor\.failed"/g)).toHaveLength(1);
		expect(stderr).toMatch(/^ASSENT_LOG_CLOSED .*its file was removed while it was open\nhelp: .*start the command/m);
	});
});
