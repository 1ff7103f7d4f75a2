/** Where and on what a figure was measured; it is kept with every figure. */
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

export interface Machine {
	/** `+changes`: something in `src` was not committed. */
	readonly commit: string;
	readonly date: string;
	readonly machine: string;
	readonly node: string;
}

export function machine(): Machine {
	const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8" }).trim();
	return {
		commit: git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "src") === "" ? "" : "+changes"),
		date: new Date().toISOString().slice(0, 10),
		machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
		node: process.versions.node,
	};
}
