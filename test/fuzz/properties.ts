/**
 * `npm run fuzz:properties -- [--seeds N] [--minutes M] [FILE…]`: the tests that draw their cases, under N seeds (default 100).
 * With `--minutes` again and again, until the time is over. FILE is a part of a path, as vitest takes it.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
	options: { seeds: { type: "string", default: "100" }, minutes: { type: "string", default: "0" } },
	allowPositionals: true,
});
const seeds = Number(values.seeds);
const until = Date.now() + Number(values.minutes) * 60_000;
if (!(seeds >= 1) || Number.isNaN(until)) throw new Error("--seeds and --minutes are numbers");

const DRAWS = /"fast-check"|testSeed/;
const files = globSync("test/**/*.test.ts")
	.filter((path) => positionals.length === 0 || positionals.some((part) => path.includes(part)))
	.filter((path) => DRAWS.test(readFileSync(path, "utf8")));
if (files.length === 0) throw new Error(`no test that draws its cases is in ${positionals.join(", ")}`);

do {
	const { status } = spawnSync("vitest", ["run", `--repeats=${seeds - 1}`, "--testTimeout=600000", ...files], {
		stdio: "inherit",
	});
	process.exitCode = status ?? 1;
} while (process.exitCode === 0 && Date.now() < until);
