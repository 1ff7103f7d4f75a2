/**
 * Request → decision between two processes on the embedded log: `assent dev` in a child, an open loop of clients here. The
 * peer is one durable append from this process to the same kind of log: what any answer that survives power loss costs at
 * least.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../src/app/connect.ts";
import { openLog } from "../src/app/open-log.ts";
import { type BenchRow, percentile } from "./row.ts";

const root = join(import.meta.dirname, "..");
const SECONDS = 10;

export async function benchRequestReply(): Promise<BenchRow[]> {
	const folder = await mkdtemp(join(tmpdir(), "assent-bench-"));
	const log = `file:${join(folder, "log.db")}`;
	const args = ["src/cli/main.ts", "dev", "--json", "--log", log, "--policy", "policies/baseline.yaml"];
	const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
	try {
		await once(child.stdout, "data");
		const rows: BenchRow[] = [];
		const single = await appendAlone(`file:${join(folder, "peer.db")}`);
		rows.push({ what: "peer: one durable append, p50", value: single, unit: "ms" });
		for (const perSecond of [100, 500, 1_000]) {
			const took = await openLoop(log, perSecond);
			rows.push({ what: `request → decision at ${perSecond}/s, p50`, value: percentile(took, 0.5), unit: "ms" });
			rows.push({ what: `request → decision at ${perSecond}/s, p99`, value: percentile(took, 0.99), unit: "ms" });
			rows.push({
				what: `request → decision at ${perSecond}/s, p50 against the peer`,
				value: percentile(took, 0.5) / single,
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

async function openLoop(log: string, perSecond: number): Promise<number[]> {
	const client = await connect({ log, principal: { tenant: "bench" } });
	const took: number[] = [];
	const waiting: Promise<void>[] = [];
	const startedAt = performance.now();
	for (let index = 0; index < perSecond * SECONDS; index++) {
		const due = startedAt + (index * 1_000) / perSecond;
		while (performance.now() < due)
			await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
		const askedAt = performance.now();
		const request = {
			tool: "fs.read",
			args: { path: `/srv/data/${index}.txt` },
			agent: `agent-${index % 500}`,
			session: `run-${perSecond}-${index}`,
		};
		waiting.push(
			client.decide(request).then((decision) => {
				if (decision.source !== "reply") throw new Error("no decision came in time");
				took.push(performance.now() - askedAt);
			}),
		);
	}
	await Promise.all(waiting);
	await client.close();
	// The first second warms both processes up.
	return took.slice(perSecond).sort((a, b) => a - b);
}

async function appendAlone(url: string): Promise<number> {
	const log = await openLog(url, { create: true });
	await log.admin().createTopics([{ name: "intents", partitions: 1, cleanup: "keep" }]);
	const took: number[] = [];
	for (let index = 0; index < 1_000; index++) {
		const startedAt = performance.now();
		await log.append({ topic: "intents", partition: 0 }, [{ key: null, value: new Uint8Array(500), headers: {} }]);
		took.push(performance.now() - startedAt);
	}
	await log.close();
	return percentile(
		took.sort((a, b) => a - b),
		0.5,
	);
}
