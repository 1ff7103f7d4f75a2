/** `npm run fuzz -- [--cases N] [--seed N] [--target NAME]`: damaged input for every reader, a million cases each by default. */
import { parseArgs } from "node:util";
import { fuzz } from "./run.ts";
import { targets } from "./targets.ts";

const { values } = parseArgs({
	options: {
		cases: { type: "string", default: "1000000" },
		seed: { type: "string", default: String(Date.now() % 2 ** 32) },
		target: { type: "string" },
		help: { type: "boolean", short: "h" },
	},
});
const all = await targets();
const chosen = values.target === undefined ? all : all.filter(({ name }) => name === values.target);
if (values.help === true || chosen.length === 0) {
	process.stdout.write(
		`npm run fuzz -- [--cases N] [--seed N] [--target NAME]\ntargets: ${all.map(({ name }) => name).join(", ")}\n`,
	);
	process.exit(values.help === true ? 0 : 2);
}
const cases = Number(values.cases);
const seed = Number(values.seed);
let failed = 0;
for (const target of chosen) {
	const began = performance.now();
	const failure = await fuzz(target, { cases, seed }, (done) => {
		if (process.stderr.isTTY) process.stderr.write(`\r${target.name}: ${done} of ${cases}`);
	});
	if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
	const seconds = ((performance.now() - began) / 1_000).toFixed(0);
	if (failure === null) process.stdout.write(`ok      ${target.name}: ${cases} cases, seed ${seed}, ${seconds} s\n`);
	else {
		failed += 1;
		process.stdout.write(
			`FAILED  ${target.name}: ${failure.why}\n        again: npm run fuzz -- --target '${target.name}' --cases 1 --seed ${failure.seed}\n        input: ${failure.input.slice(0, 2_000)}\n`,
		);
	}
}
process.stdout.write(`${chosen.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
