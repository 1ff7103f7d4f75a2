/**
 * A command of Assent as it is installed (`npm run build` comes first), a process of its own: how long it takes, and what it takes of processors
 * and memory with all its threads. Run from its sources, each thread would hold what strips their types, too.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface Taken {
	readonly seconds: number;
	/** Of all cores together. */
	readonly cpuSeconds: number;
	/** The most that it had in memory at one time, in MB. */
	readonly peakMegabytes: number;
	readonly exit: number | null;
}

const root = join(import.meta.dirname, "..");
const LOOK_MS = 50;
/** Of `/proc/PID/stat`: Linux has a hundred in a second on every machine that is left. */
const TICKS_PER_SECOND = 100;

/** Linux alone says what a process has taken. */
export async function taken(args: readonly string[]): Promise<Taken> {
	const began = performance.now();
	const child = spawn(process.execPath, ["dist/cli/main.js", ...args], { cwd: root, stdio: "ignore" });
	let last = { cpuSeconds: 0, peakMegabytes: 0 };
	const look = setInterval(async () => {
		last = (await lookAt(child.pid ?? 0)) ?? last;
	}, LOOK_MS);
	const [exit] = (await once(child, "exit")) as [number | null];
	clearInterval(look);
	return { ...last, seconds: (performance.now() - began) / 1_000, exit };
}

/** Null once it is over. */
async function lookAt(pid: number): Promise<Pick<Taken, "cpuSeconds" | "peakMegabytes"> | null> {
	try {
		const [status, stat] = await Promise.all([
			readFile(`/proc/${pid}/status`, "utf8"),
			readFile(`/proc/${pid}/stat`, "utf8"),
		]);
		const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		const ticks = Number(fields[11]) + Number(fields[12]);
		if (peak === undefined) return null;
		return { cpuSeconds: ticks / TICKS_PER_SECOND, peakMegabytes: Number(peak) / 1_024 };
	} catch {
		return null;
	}
}
