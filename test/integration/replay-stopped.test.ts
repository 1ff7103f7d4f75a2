/** `assent replay` on a long log: what a person sees meanwhile, and what is left by one that is stopped in the middle. */
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { makeBigLog } from "../../bench/big-log.ts";
import { openLog } from "../../src/app/open-log.ts";
import { jsonLines, start } from "../support/cli.ts";
import { runCli } from "../support/run-cli.ts";

const CALLS = 8_000;
/** The log was recorded under `baseline`. */
const OTHER = ["--policy", "policies/read-only-research.yaml"];

let folder = "";
const at = (name: string): string => join(folder, name);
const log = (): string => `file:${at("log.db")}`;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-stopped-"));
	await makeBigLog(log(), CALLS);
	return () => rm(folder, { recursive: true, force: true });
}, 120_000);

describe("progress of a replay", { timeout: 120_000 }, () => {
	it("is a line on a terminal: the part that is done, the rate, the time that is left", async () => {
		const { exit, stdout, stderr } = await runCli(["replay", "--log", log(), ...OTHER, "--json"], {
			isProgressSeen: true,
		});
		expect(exit).toBe(0);
		const lines = stderr.split("\r\u001b[K");
		// What is shown is taken away again.
		expect([lines.shift(), lines.pop()]).toEqual(["", ""]);
		const told = lines.map((line) =>
			/^(\d+) % of ([\d,]+) records, ([\d,]+)\/s, (?:(\d+)m)?(?:(\d+)s)? left$/.exec(line),
		);
		expect(told.length).toBeGreaterThan(1);
		expect(lines.filter((_, at) => told[at] === null)).toEqual([]);
		const opened = await openLog(log(), { create: false, readOnly: true });
		const ends = (await opened.admin().topics()).find(({ name }) => name === "decisions")?.end ?? [];
		await opened.close();
		const records = ends.reduce((sum, end) => sum + end, 0);
		const number = (text: string | undefined): number => Number(text?.replaceAll(",", ""));
		const parts = told.map((found) => number(found?.[1]));
		expect(parts).toEqual([...parts].sort((one, next) => one - next));
		for (const found of told) {
			expect(number(found?.[2])).toBe(records);
			const [rate, left] = [number(found?.[3]), number(found?.[4] ?? "0") * 60 + number(found?.[5] ?? "0")];
			// What is left, at this rate: the part is rounded down to a hundredth, and the time up to a second.
			const undone = records * (1 - number(found?.[1]) / 100);
			expect(left).toBeGreaterThanOrEqual(Math.floor((undone - records / 100) / rate));
			expect(left).toBeLessThanOrEqual(Math.ceil(undone / rate) + 1);
		}
		expect(JSON.parse(stdout)).toMatchObject({ calls: CALLS });
	});

	it("is nowhere else", async () => {
		const { stderr } = await runCli(["replay", "--log", log(), ...OTHER, "--json"]);
		expect(stderr).toBe("");
	});
});

describe("a replay that is stopped in the middle", { timeout: 120_000 }, () => {
	it.each(["SIGINT", "SIGTERM"] as const)("by %s: says so, and tells nothing that is half", async (signal) => {
		const stop = new AbortController();
		const { exit, stdout, stderr } = await runCli(["replay", "--log", log(), ...OTHER], {
			isProgressSeen: true,
			stop: stop.signal,
			onStderr: (soFar) => void (soFar.includes(" left") && stop.abort(signal)),
		});
		expect({ exit, stdout }).toEqual({ exit: signal === "SIGINT" ? 130 : 143, stdout: "" });
		expect(stderr).toMatch(/stopped before it was finished: nothing was changed\n$/);
	});

	it("writes no page", async () => {
		const stop = new AbortController();
		const args = ["replay", "--log", log(), ...OTHER, "--html", at("page.html"), "--json"];
		const { exit, json } = await runCli(args, {
			isProgressSeen: true,
			stop: stop.signal,
			onStderr: (soFar) => void (soFar.includes(" left") && stop.abort("SIGINT")),
		});
		expect(exit).toBe(130);
		expect(json()).toMatchObject({ problems: [{ code: "ASSENT_STOPPED" }] });
		await expect(copyFile(at("page.html"), at("copy.html"))).rejects.toThrow("ENOENT");
	});

	it("while it publishes: says what is left, and the next run writes the rest and nothing twice", async () => {
		const [whole, cut] = [at("whole.db"), at("cut.db")];
		for (const copy of [whole, cut]) await copyFile(at("log.db"), copy);
		const args = (copy: string) => ["replay", "--log", `file:${copy}`, ...OTHER, "--publish", "re-audit.day"];
		const told = async (copy: string): Promise<readonly string[]> => {
			const { stdout } = await runCli(["tail", "re-audit.day", "--jsonl", "--log", `file:${copy}`]);
			return jsonLines(stdout)
				.map(({ value }) => JSON.stringify(value))
				.sort();
		};
		expect(await runCli(args(whole))).toMatchObject({ exit: 0 });
		const all = await told(whole);
		expect(all.length).toBeGreaterThan(2_000);

		const running = start(args(cut));
		while (!(await isWritten(cut))) await sleep(2);
		running.child.kill("SIGINT");
		const { code, stdout, stderr } = await running.ended;
		expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
		expect(stderr).toBe("stopped before it was finished: `re-audit.day` is not whole: run it again to get the rest\n");
		const part = await told(cut);
		expect(part.length).toBeGreaterThan(0);
		expect(part.length).toBeLessThan(all.length);

		const again = await runCli(args(cut));
		expect(again.stderr).toContain(`${(all.length - part.length).toLocaleString("en")} calls written`);
		expect(await told(cut)).toEqual(all);
	});
});

/** Whether the topic has records. */
async function isWritten(file: string): Promise<boolean> {
	const opened = await openLog(`file:${file}`, { create: false, readOnly: true });
	try {
		const topics = await opened.admin().topics();
		return topics.some(({ name, end }) => name === "re-audit.day" && end.some((each) => each > 0));
	} finally {
		await opened.close();
	}
}
