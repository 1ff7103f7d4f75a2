/** `npm run fuzz:compare -- [--pairs N] [--from N] [--seed N] [--workers N]`: comparison of policies against brute force. */
import { once } from "node:events";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { Fault } from "./numbered.ts";
import { addTally, emptyTally, written } from "./tally.ts";
import type { WorkerReport, WorkerTask } from "./worker.ts";

const { values } = parseArgs({
	options: {
		pairs: { type: "string", default: "100000" },
		from: { type: "string", default: "0" },
		seed: { type: "string", default: String(Date.now() % 2 ** 31) },
		workers: { type: "string", default: "1" },
		help: { type: "boolean", short: "h" },
	},
});
const [pairs, from, seed, workers] = [values.pairs, values.from, values.seed, values.workers].map(Number) as [
	number,
	number,
	number,
	number,
];
if (values.help === true || ![pairs, from, seed, workers].every(Number.isSafeInteger) || workers < 1) {
	process.stdout.write(
		`npm run fuzz:compare -- [--pairs N] [--from N] [--seed N] [--workers N]
Pair NUMBER of a seed is the same in every run: \`--seed 1 --from 20000 --pairs 10000\` goes on where \`--seed 1 --pairs 20000\` ended.
Ctrl-C ends it and says what was found until then.
`,
	);
	process.exit(values.help === true ? 0 : 2);
}

/** How often a run that nobody watches says how far it is. */
const TELL_MS = 60_000;

const began = performance.now();
let toldAt = began;
const total = emptyTally();
const faults: Fault[] = [];
process.stdout.write(`seed ${seed}, pairs ${from} to ${from + pairs - 1}\n`);

const running = Array.from({ length: workers }, (_, place) => {
	const task: WorkerTask = { seed, from: from + place, below: from + pairs, step: workers };
	const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: task });
	worker.on("message", ({ tally, faults: found }: WorkerReport) => {
		addTally(total, tally);
		for (const fault of found) tell(fault);
		const line = `${total.pairs} of ${pairs} pairs, ${total.proofs} proofs, ${faults.length} wrong, ${seconds()} s`;
		if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
		else if (performance.now() - toldAt > TELL_MS) {
			toldAt = performance.now();
			process.stdout.write(`${line}\n`);
		}
	});
	return worker;
});
let isInterrupted = false;
process.once("SIGINT", () => {
	isInterrupted = true;
	for (const worker of running) void worker.terminate();
});
await Promise.all(running.map((worker) => once(worker, "exit")));

if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
process.stdout.write(`\n${written(total)}\n`);
const ending = isInterrupted ? `interrupted; each worker was near pair ${from + total.pairs}` : "all pairs tried";
process.stdout.write(`seed ${seed}, from ${from}: ${ending}, ${faults.length} wrong, ${seconds()} s\n`);
process.exitCode = faults.length > 0 ? 1 : isInterrupted ? 130 : 0;

function seconds(): string {
	return ((performance.now() - began) / 1_000).toFixed(0);
}

function tell(fault: Fault): void {
	faults.push(fault);
	const files = fault.sources.map((set, side) =>
		set.map(({ name, text }) => `  ${side === 0 ? "first" : "second"} ${name}: ${text}`).join("\n"),
	);
	process.stdout.write(
		`\nWRONG  pair ${fault.number}: ${fault.why}\n${files.join("\n")}\n  again: npm run fuzz:compare -- --seed ${seed} --from ${fault.number} --pairs 1\n`,
	);
}
