/**
 * Request → decision between two processes on the embedded log: `assent dev` in a child, an open loop of clients here. The
 * peer is the bare echo of bare-echo.ts: what a request and an answer cost at least when each is durable. Both take turns, so
 * that a noisy machine is noisy for both; the ratio is the median of the rounds.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../src/app/connect.ts";
import { bareEcho } from "./bare-echo.ts";
import { openLoop } from "./open-loop.ts";
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
			const rounds: { readonly ours: readonly number[]; readonly peer: readonly number[] }[] = [];
			for (let round = 0; round < ROUNDS; round++)
				rounds.push({ peer: await bareEcho(pace), ours: await decisions(log, pace) });
			const each = (measure: (round: (typeof rounds)[number]) => number): number => median(rounds.map(measure));
			const what = `request → decision at ${perSecond}/s`;
			rows.push({ what: `${what}, p50`, value: each(({ ours }) => percentile(ours, 0.5)), unit: "ms" });
			rows.push({ what: `${what}, p99`, value: each(({ ours }) => percentile(ours, 0.99)), unit: "ms" });
			rows.push({
				what: `peer: bare echo, two durable appends, at ${perSecond}/s, p50`,
				value: each(({ peer }) => percentile(peer, 0.5)),
				unit: "ms",
			});
			rows.push({
				what: `${what}, p50 against the peer`,
				value: each(({ ours, peer }) => percentile(ours, 0.5) / percentile(peer, 0.5)),
				unit: "×",
			});
		}
		return rows;
	} finally {
		child.kill("SIGTERM");
		await once(child, "exit");
		await rm(folder, { recursive: true, force: true });
	}
}

async function decisions(
	log: string,
	pace: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly number[]> {
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
