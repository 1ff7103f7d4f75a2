/**
 * What agents of one tenant notice of a key of another that sends as much as it may, and more: through one gateway and one processor,
 * over the embedded log. Each kind of request is sent by a thread of its own, while 50 calls a second of the other tenant are timed.
 */

import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { issueKey } from "../src/app/bearer-keys.ts";
import type { Answers, BusyKey } from "./busy-key.ts";
import { asked, prepared, processing, ran, ready, type Started, stopped, urlOf } from "./gateway.ts";
import { openLoop } from "./open-loop.ts";
import { type BenchRow, percentile } from "./row.ts";

const PACE = { perSecond: 50, seconds: 7 };
const SMALL = JSON.stringify({ tool: "fs.read", args: { path: "/srv/data/1.txt" } });
const bodyOf = (args: object): string => JSON.stringify({ tool: "fs.read", args });

/** What the key sends. */
const KINDS: readonly (Pick<BusyKey, "body" | "connections" | "perSecond"> & { readonly what: string })[] = [
	{ what: "500 calls a second", body: SMALL, connections: 64, perSecond: 500 },
	{ what: "1,000 calls a second", body: SMALL, connections: 64, perSecond: 1_000 },
	{ what: "2,000 calls a second", body: SMALL, connections: 64, perSecond: 2_000 },
	{ what: "calls as fast as they are answered", body: SMALL, connections: 64, perSecond: null },
	{
		what: "2,000 items in 4 kB each, as fast as they are answered",
		body: bodyOf({ a: Array.from({ length: 2_000 }, () => 1) }),
		connections: 64,
		perSecond: null,
	},
	{
		what: "10,000 members in 100 kB each, as fast as they are answered",
		body: bodyOf(Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`k${at}`, 1]))),
		connections: 64,
		perSecond: null,
	},
	{
		what: "texts of 850 kB, as fast as they are answered",
		body: bodyOf({ text: "x".repeat(850_000) }),
		connections: 16,
		perSecond: null,
	},
];

export async function benchFairness(): Promise<BenchRow[]> {
	const folder = await mkdtemp(join(tmpdir(), "assent-bench-"));
	execFileSync("npm", ["run", "--silent", "build"], { cwd: join(import.meta.dirname, ".."), stdio: "inherit" });
	const places = await prepared(folder, "gateway: { port: 0, keys: keys.yaml }\n");
	await ran(["topics", "create", "--log", places.log]);
	const running: Started[] = [];
	try {
		running.push(await processing(places));
		running.push(await ready(["gateway", "--log", places.log, "--config", places.config, "--json"]));
		const url = urlOf(running.at(-1));
		const agent = new Agent({ keepAlive: true });
		const rows: BenchRow[] = await timed("nothing", { url, key: places.key, agent });
		for (const { what, ...kind } of KINDS) {
			const busy = { name: "busy", roles: ["agent" as const], tenant: "busy", agents: "busy", tools: ["*"] };
			const { secret } = await issueKey(places.keys, { ...busy, expiresAt: null }, Date.now());
			const worker = new Worker(new URL("./busy-key.ts", import.meta.url), {
				workerData: { url, key: secret, ...kind },
			});
			rows.push(...(await timed(what, { url, key: places.key, agent })));
			const answers = await new Promise<Answers>((resolve, reject) => {
				worker.once("message", resolve);
				worker.once("error", reject);
				worker.postMessage("end");
			});
			await worker.terminate();
			for (const [status, count] of Object.entries(answers)) {
				rows.push({ what: `  it was answered ${status}`, value: count / PACE.seconds, unit: "/s" });
			}
		}
		rows.push(...(await timed("nothing, once more", { url, key: places.key, agent })));
		agent.destroy();
		return rows;
	} finally {
		for (const { child } of running.reverse()) await stopped(child);
		await rm(folder, { recursive: true, force: true });
	}
}

/** What the other tenant's calls take while a key sends this. */
async function timed(what: string, caller: Parameters<typeof asked>[0]): Promise<BenchRow[]> {
	let late = 0;
	const took = await openLoop(PACE, async (index) => {
		const call = {
			tool: "fs.read",
			args: { path: `/srv/data/${index}.txt` },
			agent: "quiet",
			session: `${what}-${index}`,
		};
		const decision = await asked(caller, call, "5s");
		if (decision["source"] !== "reply") late += 1;
	});
	return [
		{ what: `a call takes while another's key sends ${what}: p50`, value: percentile(took, 0.5), unit: "ms" },
		{ what: "  p99", value: percentile(took, 0.99), unit: "ms" },
		...(late === 0 ? [] : [{ what: "  calls that nobody decided in time", value: late, unit: "calls" }]),
	];
}
