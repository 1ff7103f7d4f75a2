/**
 * How long the state of a ledger takes to be there again: every entry folded, and from the last snapshots and what follows them, all
 * partitions one after the other on one thread. `ASSENT_CALLS` says how many calls (default 100,000); `ASSENT_BIG_LOG` names a log file that
 * is kept and used again.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLog } from "../src/app/open-log.ts";
import { DEFAULT_LAYOUT as layout } from "../src/core/model/layout.ts";
import { stateDigest } from "../src/core/state/digest.ts";
import { readState } from "../src/reading/partition-view.ts";
import { makeBigLog } from "./big-log.ts";
import type { BenchRow } from "./row.ts";

const MILLION = 1_000_000;

export async function benchRestore(): Promise<BenchRow[]> {
	const calls = Number(process.env["ASSENT_CALLS"] ?? 100_000);
	const folder = await mkdtemp(join(tmpdir(), "assent-restore-"));
	const file = process.env["ASSENT_BIG_LOG"] ?? join(folder, "log.db");
	const url = `file:${file}`;
	try {
		if (!existsSync(file)) await makeBigLog(url, calls);
		const whole = await restored(url, "beginning");
		const short = await restored(url, "snapshot");
		if (whole.digests.join() !== short.digests.join()) throw new Error("a snapshot leads to another state");
		return [
			{ what: "entries in the ledger", value: whole.entries, unit: "entries" },
			{ what: "rows of the state: calls, sessions, accounts", value: whole.rows, unit: "rows" },
			{ what: "without snapshots, for a million entries", value: (whole.seconds * MILLION) / whole.entries, unit: "s" },
			{ what: "without snapshots, CPU for a million entries", value: (whole.cpu * MILLION) / whole.entries, unit: "s" },
			{ what: "with snapshots, whatever lies before them", value: short.seconds, unit: "s" },
			{ what: "with snapshots, CPU", value: short.cpu, unit: "s" },
			{ what: "with snapshots: entries that follow them", value: short.read, unit: "entries" },
		];
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function restored(url: string, from: "beginning" | "snapshot") {
	const log = await openLog(url, { create: false, readOnly: true });
	const began = performance.now();
	const before = process.cpuUsage();
	const digests: string[] = [];
	let [entries, read, rows] = [0, 0, 0];
	try {
		for (let partition = 0; partition < layout.partitions; partition++) {
			const { folded, fromSeq } = await readState(log, layout, partition, { from });
			const { state } = folded;
			entries += state.nextSeq;
			read += state.nextSeq - fromSeq;
			rows += state.calls.size + state.sessions.size + state.accounts.size;
			digests.push(stateDigest(state));
		}
		const { user, system } = process.cpuUsage(before);
		return { entries, read, rows, digests, seconds: (performance.now() - began) / 1_000, cpu: (user + system) / 1e6 };
	} finally {
		await log.close();
	}
}
