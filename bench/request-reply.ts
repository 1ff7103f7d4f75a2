/**
 * Request → decision between two processes on the embedded log: `assent dev` in a child, an open loop of clients here. The
 * peers are an echo of two durable commits in SQLite with nothing of Assent (bare-echo.ts), and one of two durable appends on
 * the same kind of log (log-echo.ts). They take turns, so that a noisy machine is noisy for all; ratios are medians of rounds.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../src/app/connect.ts";
import { bareEcho } from "./bare-echo.ts";
import { logEcho } from "./log-echo.ts";
import { openLoop, type Pace } from "./open-loop.ts";
import { type BenchRow, median, percentile } from "./row.ts";

const root = join(import.meta.dirname, "..");
const ROUNDS = 5;
/** Of each round; the first one warms up. */
const SECONDS = 3;

export async function benchRequestReply(): Promise<BenchRow[]> {
	const folder = await mkdtemp(join(tmpdir(), "assent-bench-"));
	const log = `file:${join(folder, "log.db")}`;
	const args = ["src/cli/main.ts", "dev", "--json", "--log", log, "--policy", "policies/baseline.yaml"];
	const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
	try {
		await once(child.stdout, "data");
		const rows: BenchRow[] = [];
		for (const perSecond of [100, 500, 1_000]) {
			const pace = { perSecond, seconds: SECONDS };
			const rounds: {
				readonly ours: readonly number[];
				readonly bare: readonly number[];
				readonly echo: readonly number[];
			}[] = [];
			for (let round = 0; round < ROUNDS; round++)
				rounds.push({ bare: await bareEcho(pace), ours: await decisions(log, pace), echo: await logEcho(pace) });
			const each = (measure: (round: (typeof rounds)[number]) => number): number => median(rounds.map(measure));
			const p50 = (name: keyof (typeof rounds)[number]) => each((round) => percentile(round[name], 0.5));
			const ratio = (name: "bare" | "echo") =>
				each((round) => percentile(round.ours, 0.5) / percentile(round[name], 0.5));
			const decision = `request → decision at ${perSecond}/s`;
			const bare = `peer: bare echo in SQLite, two durable commits, at ${perSecond}/s`;
			const echo = `peer: echo on the same log, two durable appends, at ${perSecond}/s`;
			rows.push(
				{ what: `${decision}, p50`, value: p50("ours"), unit: "ms" },
				{ what: `${decision}, p99`, value: each(({ ours }) => percentile(ours, 0.99)), unit: "ms" },
				{ what: `${bare}, p50`, value: p50("bare"), unit: "ms" },
				{ what: `${echo}, p50`, value: p50("echo"), unit: "ms" },
				{ what: `${decision}, p50 against the bare echo in SQLite`, value: ratio("bare"), unit: "×" },
				{ what: `${decision}, p50 against the echo on the same log`, value: ratio("echo"), unit: "×" },
			);
		}
		return rows;
	} finally {
		child.kill("SIGTERM");
		await once(child, "exit");
		await rm(folder, { recursive: true, force: true });
	}
}

async function decisions(log: string, pace: Pace): Promise<readonly number[]> {
	const client = await connect({ log, principal: { tenant: "bench" } });
	const run = Date.now();
	const took = await openLoop(pace, async (index) => {
		const decision = await client.decide({
			tool: "fs.read",
			args: { path: `/srv/data/${index}.txt` },
			agent: `agent-${index % 500}`,
			session: `run-${run}-${index}`,
		});
		if (decision.source !== "reply") throw new Error("no decision came in time");
	});
	await client.close();
	return took;
}
