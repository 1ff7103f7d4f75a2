/**
 * `npm run bench [-- NAME…]`: runs the named benchmarks (all by default), prints a table and writes
 * `bench/results/<name>.json` with machine and commit. Machines are noisy: compare ratios within one run. `kafka --quick`
 * takes fewer seconds for each of its cases.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { benchBigLog } from "./big-log.ts";
import { benchClassify } from "./classify.ts";
import { benchCompile } from "./compile.ts";
import { benchDecide } from "./decide.ts";
import { benchEmbeddedLog } from "./embedded-log.ts";
import { benchFairness } from "./fairness.ts";
import { benchGateway } from "./gateway.ts";
import { benchKafka } from "./kafka.ts";
import { benchLanguages } from "./languages.ts";
import { machine } from "./machine.ts";
import { benchMatch } from "./match.ts";
import { benchMemory } from "./memory.ts";
import { benchReplay } from "./replay.ts";
import { benchRequestReply } from "./request-reply.ts";
import { benchRestore } from "./restore.ts";
import type { BenchRow } from "./row.ts";
import { benchRules } from "./rules.ts";
import { benchStep } from "./step.ts";
import { benchToken } from "./token.ts";

const QUICK = "--quick";
const isQuick = process.argv.includes(QUICK);

const BENCHES: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
	decide: benchDecide,
	step: benchStep,
	rules: benchRules,
	match: benchMatch,
	classify: benchClassify,
	compile: benchCompile,
	languages: benchLanguages,
	"embedded-log": benchEmbeddedLog,
	memory: benchMemory,
	"request-reply": benchRequestReply,
	gateway: benchGateway,
	fairness: benchFairness,
	"big-log": benchBigLog,
	replay: benchReplay,
	restore: benchRestore,
	token: benchToken,
	kafka: () => benchKafka({ isQuick }),
};

const format = (value: number): string =>
	value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);

const wanted = process.argv.slice(2).filter((argument) => argument !== QUICK);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
	process.stderr.write(`no benchmark is called ${unknown.join(", ")}; there are: ${Object.keys(BENCHES).join(", ")}\n`);
	process.exit(2);
}
if (isQuick && wanted.join() !== "kafka") {
	process.stderr.write(`${QUICK} is for \`kafka\` alone: \`npm run bench -- kafka ${QUICK}\`\n`);
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
	await writeFile(
		join(folder, `${name}.json`),
		`${JSON.stringify({ ...machine(), ...(isQuick ? { isQuick } : {}), rows }, null, "\t")}\n`,
	);
}
