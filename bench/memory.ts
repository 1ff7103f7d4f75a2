/**
 * What a remembered call takes of memory, and what a step costs beside many of them and for many agents, each case in a
 * process of its own. Memory is compared with the commit before rows were packed. Writes the page on what a step costs.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { machine } from "./machine.ts";
import { writeReport } from "./memory/report.ts";
import type { Remembering } from "./memory/run.ts";
import type { BenchRow } from "./row.ts";

/** The commit that is compared with; `step/before.mjs` knows its files. */
const BEFORE = "2ddf955";
const root = join(import.meta.dirname, "..");

const CALLS = [1_000, 10_000, 100_000, 1_000_000, 2_000_000];
const AGENTS = [1, 100, 10_000, 100_000];
/** How many calls are remembered where agents grow in number, and where memory is compared. */
const AMONG_AGENTS = 200_000;

export async function benchMemory(): Promise<BenchRow[]> {
	const byCalls: Remembering[] = [];
	for (const calls of CALLS) byCalls.push(await run(calls, 1));
	const byAgents: Remembering[] = [];
	for (const agents of AGENTS) byAgents.push(await run(AMONG_AGENTS, agents));
	const before = await runBefore(AMONG_AGENTS, 1);
	await writeReport({ ...machine(), byCalls, byAgents, before });
	return [
		...byCalls.flatMap((each) => rowsOf(`${each.calls.toLocaleString("en")} calls`, each)),
		...byAgents.flatMap((each) => rowsOf(`${each.agents.toLocaleString("en")} agents`, each)),
		...rowsOf(`${AMONG_AGENTS.toLocaleString("en")} calls, ${BEFORE}`, before),
	];
}

const rowsOf = (what: string, of: Remembering): BenchRow[] => [
	{ what: `${what}: memory of a call`, value: of.bytesPerCall, unit: "bytes" },
	{ what: `${what}: a step`, value: of.micros, unit: "µs" },
	{ what: `${what}: longest step`, value: of.longestStepMs, unit: "ms" },
	{ what: `${what}: longest pause of the collector`, value: of.longestPauseMs, unit: "ms" },
];

async function run(calls: number, agents: number, checkout?: string): Promise<Remembering> {
	const script = join(import.meta.dirname, "memory", "run.ts");
	const given = ["--expose-gc", "--max-old-space-size=4096", script, String(calls), String(agents)];
	const { stdout } = await promisify(execFile)(process.execPath, checkout === undefined ? given : [...given, checkout]);
	return JSON.parse(stdout) as Remembering;
}

async function runBefore(calls: number, agents: number): Promise<Remembering> {
	const folder = mkdtempSync(join(tmpdir(), "assent-before-"));
	const checkout = join(folder, "checkout");
	execFileSync("git", ["worktree", "add", "--quiet", "--detach", checkout, BEFORE], { cwd: root });
	try {
		symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
		return await run(calls, agents, checkout);
	} finally {
		execFileSync("git", ["worktree", "remove", "--force", checkout], { cwd: root });
		rmSync(folder, { recursive: true, force: true });
	}
}
