/** Processors in processes of their own: started, killed, stopped and let go, told to drain. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PlantName } from "./plants.ts";

const ROOT = join(import.meta.dirname, "..", "..");
export const COMMAND = join(ROOT, "dist", "cli", "main.js");
const PLANTED = fileURLToPath(new URL("./processor.ts", import.meta.url));
const FORGET = new URL("./forget.ts", import.meta.url).href;
const READY_MS = 60_000;

export interface Member {
	readonly instance: string;
	readonly child: ChildProcess;
	/** The file of what it says, on stdout and stderr. */
	readonly said: string;
	readonly door: string | null;
	/** Whether it was told to end, by whichever signal. */
	isToldToEnd: boolean;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

export class Fleet {
	/** Those that were started and not told to end. */
	readonly members: Member[] = [];
	/** What went wrong: processes that ended by themselves, drains that did not exit with 0. */
	readonly faults: string[] = [];
	readonly #of: {
		readonly config: (door: string | null) => string;
		readonly folder: string;
		readonly plant: PlantName | null;
	};
	#started = 0;

	constructor(of: { config: (door: string | null) => string; folder: string; plant: PlantName | null }) {
		this.#of = of;
	}

	/** Resolves when it says `ready`. `door`: by which it reaches the brokers. */
	async start(door: string | null = null): Promise<Member> {
		const { config, folder, plant } = this.#of;
		this.#started += 1;
		const instance = `p${this.#started}`;
		const said = join(folder, `${instance}.log`);
		const at = ["--config", config(door), "--instance", instance];
		const forget = plant === "dedupe" ? ["--import", FORGET] : [];
		const args =
			plant === null ? [COMMAND, "processor", "--json", ...at] : [...forget, PLANTED, "--plant", plant, ...at];
		const output = openSync(said, "a");
		const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", output] });
		closeSync(output);
		running.add(child);
		const member: Member = { instance, child, said, door, isToldToEnd: false };
		child.once("exit", (code, signal) => {
			running.delete(child);
			if (member.isToldToEnd) return;
			this.#forget(member);
			this.faults.push(`${instance} ended by itself (${signal ?? `exit code ${code}`})\n${lastLines(said)}`);
		});
		this.members.push(member);
		await saidReady(child, member);
		return member;
	}

	/** SIGKILL, or SIGTERM: returns at once, before the process is gone. */
	end(member: Member, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
		const { exitCode, signalCode } = member.child;
		if (exitCode !== null || signalCode !== null) return Promise.resolve();
		member.isToldToEnd = true;
		this.#forget(member);
		const exit = once(member.child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
		member.child.kill(signal);
		return exit.then(([code, by]) => {
			if (signal === "SIGKILL") return;
			if (code === 0) return;
			this.faults.push(
				`${member.instance} was told to drain and ended with ${by ?? `exit code ${code}`}\n${lastLines(member.said)}`,
			);
		});
	}

	/** Drains all that are left; who takes longer than `ms` is killed, which is a fault. */
	async drain(ms: number): Promise<void> {
		const late = setTimeout(() => {
			for (const child of running) child.kill("SIGKILL");
		}, ms);
		await Promise.all([...this.members].map((member) => this.end(member, "SIGTERM")));
		clearTimeout(late);
	}

	/** Ends whatever still runs, without a word. */
	async abandon(): Promise<void> {
		await Promise.all([...this.members].map((member) => this.end(member, "SIGKILL")));
	}

	#forget(member: Member): void {
		const at = this.members.indexOf(member);
		if (at >= 0) this.members.splice(at, 1);
	}
}

async function saidReady(child: ChildProcess, { instance, said }: Member): Promise<void> {
	if (child.stdout === null) throw new Error("no stdout");
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	// Read to its end, so that what it says later does not fill the pipe.
	createInterface({ input: child.stdout }).on("line", (line) => {
		appendFileSync(said, `${line}\n`);
		if (line.includes('"ready"')) resolve();
	});
	child.once("exit", () => reject(new Error(`${instance} ended before it was ready`)));
	const late = setTimeout(() => reject(new Error(`${instance} is not ready after ${READY_MS / 1_000} s`)), READY_MS);
	try {
		await promise;
	} finally {
		clearTimeout(late);
	}
}

const lastLines = (path: string): string =>
	readFileSync(path, "utf8")
		.trim()
		.split("\n")
		.slice(-12)
		.map((line) => `    ${line.slice(0, 400)}`)
		.join("\n");
