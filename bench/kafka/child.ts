/** Processes that a benchmark starts: none of them outlives it. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

const living = new Set<ChildProcess>();
process.on("exit", () => {
	for (const child of living) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

/** A peer that runs until it is stopped. */
export interface Running {
	readonly pid: number;
	/** Rejects when the process ends before `stop`, never resolves. */
	readonly ended: Promise<never>;
	stop(): Promise<void>;
}

/** How long a process may take to stop before it is killed. */
const STOP_MS = 15_000;

/** Starts a program; `ask` is how it is told to stop. */
export function startProgram(
	name: string,
	[command, ...args]: readonly [string, ...string[]],
	ask: (child: ChildProcess) => void,
): Running {
	return watched(name, spawn(command, args, { stdio: ["pipe", "ignore", "inherit"] }), ask);
}

/** Starts one of this folder's files in a process of its own, which is handed its options and reads `received`. */
export function startFile(file: string, options: object): Running {
	const child = forked(file, options);
	return watched(file, child, () => child.disconnect());
}

/** The options that `startFile` or `ask` handed over. The process ends with the one that started it. */
export function received<Options>(): Options {
	process.on("disconnect", () => process.exit(0));
	return JSON.parse(process.argv[2] ?? "{}") as Options;
}

/**
 * Runs one of this folder's files to its answer. It may send `{ begun: true }` before, which `onBegun` hears. Rejects when it
 * ends without an answer.
 */
export async function ask<Answer>(file: string, options: object, onBegun: () => void = () => {}): Promise<Answer> {
	const child = forked(file, options);
	living.add(child);
	try {
		return await new Promise<Answer>((resolve, reject) => {
			child.on("message", (message: { begun: true } | { answer: Answer }) => {
				if ("begun" in message) onBegun();
				else resolve(message.answer);
			});
			child.once("exit", (code) => reject(new Error(`${file} ended with ${code} and without an answer`)));
		});
	} finally {
		await end(child, () => child.disconnect());
	}
}

/** What a file that is asked sends to its asker. */
export const tell = (message: { readonly begun: true } | { readonly answer: unknown }): void => {
	process.send?.(message);
};

const forked = (file: string, options: object): ChildProcess =>
	fork(file, [JSON.stringify(options)], {
		// kafkajs 2.2.4 reckons a wait from a time in the past.
		execArgv: ["--disable-warning=TimeoutNegativeWarning"],
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});

function watched(name: string, child: ChildProcess, ask: (child: ChildProcess) => void): Running {
	living.add(child);
	let isStopping = false;
	const ended = new Promise<never>((_, reject) => {
		child.once("error", reject);
		child.once("exit", (code, signal) => {
			living.delete(child);
			if (!isStopping) reject(new Error(`${name} ended with ${code ?? signal}`));
		});
	});
	// Whoever waits for something else hears of it through a race; nobody else needs to.
	ended.catch(() => {});
	if (child.pid === undefined) throw new Error(`${name} could not be started`);
	return {
		pid: child.pid,
		ended,
		stop: async () => {
			isStopping = true;
			await end(child, ask);
		},
	};
}

async function end(child: ChildProcess, ask: (child: ChildProcess) => void): Promise<void> {
	if (child.exitCode === null && child.signalCode === null) {
		const exit = once(child, "exit");
		ask(child);
		const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
		await exit;
		clearTimeout(timer);
	}
	living.delete(child);
}

/** Hundredths of a second, as Linux counts them for its users. */
const TICKS_PER_SECOND = 100;

/** Processor time that a process has used, all its threads; null where the system keeps no `/proc`. */
export function cpuSeconds(pid: number): number | null {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, "utf8");
		// The name in brackets may contain spaces.
		const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
		return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
	} catch {
		return null;
	}
}
