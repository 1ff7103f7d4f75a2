/** A role of Assent in a process of its own, which is killed and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const COMMAND = join(import.meta.dirname, "..", "..", "dist", "cli", "main.js");

export class RoleProcess {
	readonly #args: readonly string[];
	#child: ChildProcess | null = null;

	/** `args`: of the command line, with `--json`. */
	constructor(args: readonly string[]) {
		this.#args = args;
	}

	/** Starts it; `ready` resolves to whether it said so before it ended. */
	start(): { readonly ready: Promise<boolean> } {
		const child = spawn(process.execPath, [COMMAND, ...this.#args], { stdio: ["ignore", "pipe", "inherit"] });
		this.#child = child;
		return { ready: isReady(child) };
	}

	/** Its exit code; null after SIGKILL. */
	async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
		const child = this.#child;
		if (child === null) return null;
		this.#child = null;
		if (child.exitCode !== null) return child.exitCode;
		const exit = once(child, "exit") as Promise<[number | null]>;
		child.kill(signal);
		return (await exit)[0];
	}
}

/** Runs a command to its end. Throws when it fails. */
export async function run(args: readonly string[]): Promise<string> {
	const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ["ignore", "pipe", "inherit"] });
	let out = "";
	child.stdout.on("data", (part: Buffer) => {
		out += part.toString();
	});
	const [code] = (await once(child, "close")) as [number | null];
	if (code !== 0) throw new Error(`assent ${args.join(" ")}: exit code ${code}`);
	return out;
}

async function isReady(child: ChildProcess): Promise<boolean> {
	if (child.stdout === null) return false;
	let isSaid = false;
	for await (const line of createInterface({ input: child.stdout })) {
		if (!line.includes('"ready"')) continue;
		isSaid = true;
		break;
	}
	// What it prints later is of no interest, and must not block it.
	child.stdout.resume();
	return isSaid;
}
