/**
 * The step by its parts, in microseconds and bytes, beside the commit before the house was made ready for speed: both are
 * measured in turns, each in a process of its own, so that ratios hold on a noisy machine.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BenchRow } from "./row.ts";
import type { Measured } from "./step/measure.ts";

/** The commit that is compared with; `step/before.mjs` knows its files. */
const BEFORE = "2ddf955";
const TURNS = 3;
const root = join(import.meta.dirname, "..");

/** No collection within a round, so that what was allocated can be seen. */
const NODE_OPTIONS = ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=256"];

export async function benchStep(): Promise<BenchRow[]> {
	const folder = mkdtempSync(join(tmpdir(), "assent-before-"));
	const checkout = join(folder, "checkout");
	execFileSync("git", ["worktree", "add", "--quiet", "--detach", checkout, BEFORE], { cwd: root });
	try {
		symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
		const now: Measured[][] = [];
		const before: Measured[][] = [];
		for (let turn = 0; turn < TURNS; turn++) {
			now.push(await run());
			before.push(await run(checkout));
		}
		return rowsOf(best(now), best(before));
	} finally {
		execFileSync("git", ["worktree", "remove", "--force", checkout], { cwd: root });
		rmSync(folder, { recursive: true, force: true });
	}
}

async function run(checkout?: string): Promise<Measured[]> {
	const script = join(import.meta.dirname, "step", "run.ts");
	const { stdout } = await promisify(execFile)(
		process.execPath,
		[...NODE_OPTIONS, script, ...(checkout === undefined ? [] : [checkout])],
		{ maxBuffer: 1 << 24 },
	);
	return JSON.parse(stdout) as Measured[];
}

/** Of each part the fastest turn: whatever else ran on the machine made the others slower. */
function best(turns: readonly Measured[][]): Measured[] {
	const [first = [], ...others] = turns;
	return first.map((part, index) =>
		others.reduce((fastest, turn) => {
			const other = turn[index] ?? fastest;
			return other.micros < fastest.micros ? other : fastest;
		}, part),
	);
}

function rowsOf(now: readonly Measured[], before: readonly Measured[]): BenchRow[] {
	const rows: BenchRow[] = [];
	for (const [index, { part, micros, bytes }] of now.entries()) {
		const then = before[index] as Measured;
		if (micros > 0) {
			rows.push({ what: part, value: micros, unit: "µs" });
			rows.push({ what: `${part}, ${BEFORE}`, value: then.micros, unit: "µs" });
			rows.push({ what: `${part}, as fast as ${BEFORE}`, value: then.micros / micros, unit: "×" });
		}
		if (bytes > 0) {
			rows.push({ what: part, value: bytes, unit: "bytes" });
			rows.push({ what: `${part}, ${BEFORE}`, value: then.bytes, unit: "bytes" });
		}
	}
	const whole = now.find(({ part }) => part.startsWith("whole step"));
	const decide = now.find(({ part }) => part === "decide");
	if (whole !== undefined) rows.push({ what: "whole steps", value: 1e6 / whole.micros, unit: "/s" });
	if (decide !== undefined) rows.push({ what: "decides, 100 rules", value: 1e6 / decide.micros, unit: "/s" });
	return rows;
}
