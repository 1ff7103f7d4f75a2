/**
 * A log with many settled calls, and how long an operator waits on it: the views, a restart, and its end. `ASSENT_CALLS` says
 * how many (default 250,000); `ASSENT_BIG_LOG` names a log file that is kept and used again.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { openEmbeddedLog } from "../src/adapters/embedded/open.ts";
import { verifierOf } from "../src/adapters/keys/ed25519.ts";
import { loadPolicies } from "../src/app/policies.ts";
import { DEFAULT_LAYOUT } from "../src/core/model/layout.ts";
import { activatePolicies } from "../src/operations/activation.ts";
import { TOPICS } from "../src/ports/log/log.ts";
import { topicSpecs } from "../src/ports/log/topics.ts";
import { silentTelemetry } from "../src/ports/telemetry.ts";
import { Processor } from "../src/processor/processor.ts";
import { DemoCalls } from "./demo-calls.ts";
import type { BenchRow } from "./row.ts";

const SNAPSHOT_EVERY = 100_000;

const root = join(import.meta.dirname, "..");
export const BASELINE = join(root, "policies", "baseline.yaml");

/** Commands of which an operator wants the answer at once. */
const VIEWS: readonly (readonly string[])[] = [
	["budgets"],
	["budgets", "--agent", "coder-1"],
	["approvals", "list"],
	["approvals", "grant", "nosuch", "--by", "alice"],
	["halt", "list"],
	["policy", "activate", "policies/baseline.yaml", "--by", "bench"],
	["doctor"],
	["tail", "decisions", "--from", "end"],
];

export async function benchBigLog(): Promise<BenchRow[]> {
	const calls = Number(process.env["ASSENT_CALLS"] ?? 250_000);
	const kept = process.env["ASSENT_BIG_LOG"];
	const folder = await mkdtemp(join(tmpdir(), "assent-big-"));
	const file = kept ?? join(folder, "log.db");
	const url = `file:${file}`;
	const rows: BenchRow[] = [];
	try {
		if (!existsSync(file))
			rows.push({ what: `${calls} calls made, decided, settled`, value: await makeBigLog(url, calls), unit: "s" });
		for (const isRunning of [false, true]) {
			const dev = isRunning ? await restarted(url, rows) : null;
			for (const view of VIEWS) {
				const what = `${view.slice(0, 3).join(" ")}, ${isRunning ? "beside a processor" : "nothing running"}`;
				// Without a processor nobody can answer an activation.
				if (view[0] === "policy" && !isRunning) continue;
				rows.push({ what, value: await timed([...view, "--log", url]), unit: "s" });
			}
			if (dev !== null) rows.push({ what: "SIGTERM", value: await stopped(dev), unit: "s" });
		}
		const dev = launched(url);
		await new Promise((resolve) => setTimeout(resolve, 1_000));
		rows.push({ what: "SIGTERM while it restores", value: await stopped(dev), unit: "s" });
		return rows;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

const seconds = (since: number): number => (performance.now() - since) / 1_000;

const assent = (args: readonly string[]): ChildProcess =>
	spawn(process.execPath, ["src/cli/main.ts", ...args], { cwd: root, stdio: ["ignore", "pipe", "ignore"] });

async function timed(args: readonly string[]): Promise<number> {
	const begun = performance.now();
	const child = assent(args);
	child.stdout?.resume();
	await once(child, "exit");
	return seconds(begun);
}

const launched = (url: string): ChildProcess =>
	assent(["dev", "--json", "--quiet", "--log", url, "--policy", "policies/baseline.yaml"]);

async function restarted(url: string, rows: BenchRow[]): Promise<ChildProcess> {
	const begun = performance.now();
	const dev = launched(url);
	for await (const line of createInterface({ input: dev.stdout as NodeJS.ReadableStream })) {
		if (!line.includes('"ready"')) continue;
		rows.push({ what: "restart until it is ready", value: seconds(begun), unit: "s" });
		break;
	}
	return dev;
}

async function stopped(child: ChildProcess): Promise<number> {
	const begun = performance.now();
	child.kill("SIGTERM");
	await once(child, "exit");
	return seconds(begun);
}

/** Calls in a second of the log's time: what is remembered for an hour, and counted for a day, is what a deployment has of it. */
const CALLS_PER_SECOND = 10;
const CALLS_AT_ONCE = 5_000;

/** Makes the log, in seconds. Its last record is of now, and the first of when 10 calls a second would have begun. */
export async function makeBigLog(url: string, calls: number, policy = BASELINE): Promise<number> {
	const begun = performance.now();
	const policies = await loadPolicies([policy], DEFAULT_LAYOUT.budgetRoot);
	if (!policies.ok) throw new Error("the policy does not load");
	let now = Date.now() - (calls * 1_000) / CALLS_PER_SECOND;
	const clock = { now: () => Math.floor(now) };
	const log = await openEmbeddedLog({ path: url.replace(/^file:/, ""), clock });
	const layout = DEFAULT_LAYOUT;
	await log.admin().createTopics(topicSpecs(layout));
	const { sources, compiled } = policies.value;
	await activatePolicies(log, { layout, sources, digest: compiled.digest, by: "bench", now: clock.now() });
	const of = {
		log,
		layout,
		clock,
		snapshotEvery: SNAPSHOT_EVERY,
		telemetry: silentTelemetry,
		verifierOf,
		instance: "bench",
	};
	const processor = new Processor(of);
	await processor.start();
	const demo = new DemoCalls(compiled);
	let ahead = 0;
	for (let made = 0; made < calls; made += demo.length) {
		const count = Math.min(demo.length, calls - made);
		for (const [partition, records] of demo.round(made / demo.length, count, clock.now()))
			await log.append({ topic: TOPICS.intents, partition }, records, { durability: "ordered" });
		ahead += count;
		if (ahead < CALLS_AT_ONCE && made + count < calls) continue;
		// Before time goes on: whoever is behind finds calls too late.
		await backlogBelow(processor, 1);
		now += (ahead * 1_000) / CALLS_PER_SECOND;
		ahead = 0;
	}
	await processor.drain();
	await log.close();
	return seconds(begun);
}

async function backlogBelow(processor: { lag(): Promise<readonly { records: number }[]> }, max: number): Promise<void> {
	for (;;) {
		const lags = await processor.lag();
		if (lags.reduce((sum, { records }) => sum + records, 0) < max) return;
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
