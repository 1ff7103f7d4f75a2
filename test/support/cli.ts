/** The command line as its users run it: a process of its own, with what it printed and how it ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const command = join(root, "src", "cli", "main.ts");

export interface Ended {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs a command to its end. */
export async function assent(args: readonly string[], input = ""): Promise<Ended> {
	const running = start(args);
	running.child.stdin?.end(input);
	return running.ended;
}

export interface Running {
	readonly child: ChildProcess;
	readonly ended: Promise<Ended>;
	/** Resolves when stdout or stderr has said something that matches; rejects when the process ends before. */
	said(what: RegExp): Promise<void>;
	/** What stdout has said so far. */
	printed(): string;
	/** SIGTERM, and how it ended. */
	stop(): Promise<Ended>;
}

/** Starts a command that goes on; it is killed when the test is over. */
export function start(args: readonly string[]): Running {
	const child = spawn(process.execPath, [command, ...args], { cwd: root, env: { ...process.env, NO_COLOR: "1" } });
	let stdout = "";
	let stderr = "";
	const listeners = new Set<() => void>();
	const hear = (): void => {
		for (const listener of [...listeners]) listener();
	};
	child.stdout.on("data", (chunk) => {
		stdout += String(chunk);
		hear();
	});
	child.stderr.on("data", (chunk) => {
		stderr += String(chunk);
		hear();
	});
	const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
	onTestFinished(() => void child.kill("SIGKILL"));
	return {
		child,
		ended,
		printed: () => stdout,
		said: (what) =>
			new Promise((resolve, reject) => {
				const look = (): void => {
					if (!what.test(stdout + stderr)) return;
					listeners.delete(look);
					resolve();
				};
				listeners.add(look);
				void ended.then(() => reject(new Error(`ended without saying ${what}:\n${stdout}${stderr}`)));
				look();
			}),
		stop: () => {
			child.kill("SIGTERM");
			return ended;
		},
	};
}

/** A folder that goes when the test is over. */
export function scratchFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "assent-test-"));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

export const jsonLines = (text: string): Record<string, unknown>[] =>
	text
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as Record<string, unknown>);
