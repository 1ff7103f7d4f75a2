/**
 * `npm run bench [-- NAME…]`: runs the named benchmarks (all by default), prints a table and writes
 * `bench/results/<name>.json` with machine and commit. Machines are noisy: compare ratios within one run.
 */
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { benchDecide } from "./decide.ts";
import { benchEmbeddedLog } from "./embedded-log.ts";
import { benchRequestReply } from "./request-reply.ts";
import type { BenchRow } from "./row.ts";

const BENCHES: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
	decide: benchDecide,
	"embedded-log": benchEmbeddedLog,
	"request-reply": benchRequestReply,
};

const format = (value: number): string =>
	value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
	process.stderr.write(`no benchmark is called ${unknown.join(", ")}; there are: ${Object.keys(BENCHES).join(", ")}\n`);
	process.exit(2);
}
for (const [name, bench] of Object.entries(BENCHES)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	process.stdout.write(`\n${name}\n`);
	const rows = await bench();
	for (const row of rows)
		process.stdout.write(`  ${row.what.padEnd(64)} ${format(row.value).padStart(12)} ${row.unit}\n`);
	const folder = join(import.meta.dirname, "results");
	await mkdir(folder, { recursive: true });
	await writeFile(join(folder, `${name}.json`), `${JSON.stringify({ ...machine(), rows }, null, "\t")}\n`);
}

function machine(): object {
	const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8" }).trim();
	return {
		commit: git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "src") === "" ? "" : "+changes"),
		date: new Date().toISOString().slice(0, 10),
		machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
		node: process.versions.node,
	};
}
