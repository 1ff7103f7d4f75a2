/**
 * Replay and verification by recomputation, on one thread, beside `sha256` of the same bytes as the floor; and what `assent replay` makes of
 * it on all threads, a process of its own. Once under the baseline policy and once under what is left of it without rules that ask the
 * classifier: the difference is what reading calls costs. `ASSENT_CALLS` says how many calls (default 100,000); `ASSENT_BIG_LOG` names a log
 * file under the baseline that is kept and used again.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { verifierOf } from "../src/adapters/keys/ed25519.ts";
import { openLog } from "../src/app/open-log.ts";
import { loadPolicies } from "../src/app/policies.ts";
import { DEFAULT_LAYOUT } from "../src/core/model/layout.ts";
import { type Log, readToEnd, TOPICS } from "../src/ports/log/log.ts";
import { silentTelemetry } from "../src/ports/telemetry.ts";
import { LogCatalogue } from "../src/reading/catalogue.ts";
import { reAudit } from "../src/replay/re-audit.ts";
import { recomputed } from "../src/replay/recompute.ts";
import { walk } from "../src/replay/walk.ts";
import { BASELINE, makeBigLog } from "./big-log.ts";
import { taken } from "./process.ts";
import type { BenchRow } from "./row.ts";

const layout = DEFAULT_LAYOUT;
const PARTITIONS = Array.from({ length: layout.partitions }, (_, partition) => partition);

export async function benchReplay(): Promise<BenchRow[]> {
	const calls = Number(process.env["ASSENT_CALLS"] ?? 100_000);
	const folder = await mkdtemp(join(tmpdir(), "assent-replay-"));
	try {
		const file = process.env["ASSENT_BIG_LOG"] ?? join(folder, "log.db");
		if (!existsSync(file)) await makeBigLog(`file:${file}`, calls);
		const rows = await measured(`file:${file}`, BASELINE);
		const plain = `file:${join(folder, "plain.db")}`;
		const policy = await withoutReadings(folder);
		await makeBigLog(plain, calls, policy);
		const others = await measured(plain, policy);
		return [...rows, ...others.map((row) => ({ ...row, what: `without readings: ${row.what}` }))];
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** The baseline with its rules on tools and arguments alone, and its limits. */
async function withoutReadings(folder: string): Promise<string> {
	const policy = parseDocument(await readFile(BASELINE, "utf8"));
	for (const section of ["intents", "facts"]) policy.delete(section);
	const file = join(folder, "without-readings.yaml");
	await writeFile(file, policy.toString());
	return file;
}

async function measured(url: string, policy: string): Promise<BenchRow[]> {
	const log = await openLog(url, { create: false, readOnly: true });
	const loaded = await loadPolicies([policy], layout.budgetRoot);
	if (!loaded.ok) throw new Error("the policy does not load");
	const { compiled } = loaded.value;
	const catalogue = new LogCatalogue({ log, budgetRoot: layout.budgetRoot, telemetry: silentTelemetry });
	await catalogue.refresh();
	const rows: BenchRow[] = [];
	try {
		const floor = await timed(() => hashed(log));
		let calls = 0;
		let others = 0;
		const verified = await timed(async () => {
			for (const partition of PARTITIONS) {
				await walk(log, partition, { layout, catalogue, verifierOf }, (walked) => {
					if (walked.lead.kind === "decision.made" || walked.lead.kind === "decision.held") calls += 1;
					if (recomputed(walked, catalogue).kind !== "same") others += 1;
					return true;
				});
			}
		});
		if (others > 0) throw new Error(`${others} entries come out otherwise`);
		const terms = { layout, catalogue, verifierOf, candidate: compiled, from: null, to: null, filter: {} };
		const replayed = await timed(async () => {
			for (const partition of PARTITIONS) await reAudit(log, partition, terms);
		});
		const command = await taken(["replay", "--log", url, "--policy", policy, "--json"]);
		if (command.exit !== 0) throw new Error(`\`assent replay\` ended with ${command.exit}`);
		const audit = await taken(["audit", "verify", "--unsigned", "--log", url, "--json"]);
		if (audit.exit !== 0) throw new Error(`\`assent audit verify\` ended with ${audit.exit}`);
		rows.push(
			{ what: "calls in the log, with outcomes of those that ran", value: calls, unit: "calls" },
			{ what: "floor: reading and sha256 of intents and ledger", value: calls / floor, unit: "calls/s of CPU" },
			{ what: "verified by recomputation, one thread", value: calls / verified, unit: "calls/s of CPU" },
			{ what: "decided again under other policies, one thread", value: calls / replayed, unit: "calls/s of CPU" },
			{ what: "recomputation against the floor", value: verified / floor, unit: "×" },
			{ what: "deciding again against the floor", value: replayed / floor, unit: "×" },
			{ what: "`assent replay`, all threads", value: calls / command.seconds, unit: "calls/s" },
			{ what: "`assent replay`, all threads", value: calls / command.cpuSeconds, unit: "calls/s of CPU" },
			{ what: "`assent replay`, most memory at one time", value: command.peakMegabytes, unit: "MB" },
			{ what: "`assent audit verify`, all threads", value: calls / audit.seconds, unit: "calls/s" },
			{ what: "`assent audit verify`, all threads", value: calls / audit.cpuSeconds, unit: "calls/s of CPU" },
			{ what: "`assent audit verify`, most memory at one time", value: audit.peakMegabytes, unit: "MB" },
		);
		return rows;
	} finally {
		await log.close();
	}
}

/** CPU seconds of this process. */
async function timed(use: () => Promise<void>): Promise<number> {
	const before = process.cpuUsage();
	await use();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1e6;
}

async function hashed(log: Log): Promise<void> {
	const sum = createHash("sha256");
	for (const partition of PARTITIONS) {
		for (const topic of [TOPICS.intents, TOPICS.decisions]) {
			for await (const records of readToEnd(log, { topic, partition }, 0))
				for (const { value } of records) sum.update(value);
		}
	}
	sum.digest();
}
