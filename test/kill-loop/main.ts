/**
 * `npm run kill-loop [-- --kills N --intents N --seed N]`: a processor in a child process, clients here; first a quiet run,
 * then SIGKILL at random moments, again and again, under load. Afterwards the log is checked: every intent has exactly one
 * decision, `seq` is dense, no budget is overspent at any prefix, state digests survive a rebuild, replies say what the
 * ledger says, and the ledger decided again from its inputs is the same to the byte. Ends with `N passed, N failed`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openLog } from "../../src/app/open-log.ts";
import { AssentClient } from "../../src/client/client.ts";
import { layoutOf } from "../../src/reading/layout.ts";
import { checkLog } from "../support/checker.ts";
import { recompute } from "../support/recompute.ts";
import { Agents } from "./agents.ts";
import { Checks } from "./checks.ts";
import { Dice } from "./dice.ts";
import { contradicted, ledgerSays } from "./verdicts.ts";

const { values } = parseArgs({
	options: {
		kills: { type: "string", default: "200" },
		intents: { type: "string", default: "10000" },
		seed: { type: "string", default: String(process.pid) },
	},
});
const kills = Number(values.kills);
const intents = Number(values.intents);
const dice = new Dice(Number(values.seed));
const root = join(import.meta.dirname, "..", "..");
const command = join(root, "dist", "cli", "main.js");

const checks = new Checks();

if (!existsSync(command)) {
	process.stdout.write("dist/ is missing: run `npm run build`\n\n0 passed, 1 failed\n");
	process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), "assent-kill-"));
const url = `file:${join(folder, "log.db")}`;
process.stdout.write(`seed ${values.seed}: ${intents} intents, then ${kills} kills under load\n`);

let atWork = 0;
let child = await startProcessor();
const log = await openLog(url, { create: false });
const layout = await layoutOf(log);
if (layout === null) throw new Error("the processor took no partition");
const client = await new AssentClient({ log, layout, deadlineMs: 4_000 }).start();
const agents = new Agents({
	client,
	dice,
	names: Array.from({ length: 24 }, (_, at) => `agent-${at}`),
	askedTwice: 0.04,
});
const { told } = agents;

const quietAt = performance.now();
await agents.load({ until: () => told.size >= intents, lanes: 64 });
process.stdout.write(
	`${told.size} decisions in ${((performance.now() - quietAt) / 1_000).toFixed(1)} s without faults\n`,
);

let isOver = false;
const background = agents.load({ until: () => isOver, lanes: 16 });
const stormAt = performance.now();
for (let kill = 1; kill <= kills; kill++) {
	const next = spawnProcessor();
	// A third of the kills hit a start; the others a processor that has decided something since it started.
	if (dice.chance(2 / 3)) {
		await ready(next);
		const before = told.size;
		for (let waited = 0; told.size === before && waited < 30_000; waited += 5) await sleep(5);
		if (told.size > before) atWork += 1;
	}
	await sleep(dice.upTo(250));
	child = next;
	const exit = once(child, "exit");
	child.kill("SIGKILL");
	await exit;
	if (kill % 25 === 0)
		process.stdout.write(
			`${kill} kills (${atWork} at work), ${told.size} decisions, ${agents.timeouts} without an answer in time\n`,
		);
}
child = await startProcessor();
process.stdout.write(`${kills} kills in ${((performance.now() - stormAt) / 1_000).toFixed(0)} s\n`);
isOver = true;
await background;
await client.close();
// Holds expire after 2 s and reservations after 5 s: the last of them become effects while nobody asks.
await sleep(6_500);
const exit = once(child, "exit");
child.kill("SIGTERM");
const [code] = (await exit) as [number | null];
checks.check("SIGTERM drains and exits with 0", code === 0, `exit code ${code}`);

const checked = await checkLog(log, { layout });
process.stdout.write(`${JSON.stringify(checked.counts)}\n`);
for (const finding of checked.findings.slice(0, 20)) process.stdout.write(`  ${finding}\n`);
checks.check(
	"every input has one entry, `seq` is dense, digests and roots are true, no budget is overspent at any prefix",
	checked.findings.length === 0,
	`${checked.findings.length} findings`,
);
checks.check(
	"answers carried tokens of the allows in the ledger",
	checked.counts.tokens > 0,
	JSON.stringify(checked.counts),
);
const wrong = contradicted(told, await ledgerSays(log));
checks.check("every answer that a client got is in the ledger", wrong.length === 0, JSON.stringify(wrong.slice(0, 5)));
checks.check(
	"no intent was open to two who asked",
	agents.ranTwice.length === 0,
	agents.ranTwice.slice(0, 5).join(" "),
);
const recomputed = await recompute(log, layout);
checks.check(
	"the ledger decided again from its inputs is byte-identical",
	recomputed.firstDifference === null && recomputed.entries === checked.counts.entries && recomputed.entries > intents,
	JSON.stringify(recomputed),
);
checks.check("half of the kills hit a processor at work", atWork >= kills / 2, `${atWork} of ${kills}`);
await log.close();
if (checks.failed === 0) await rm(folder, { recursive: true, force: true });
else process.stdout.write(`the log is kept in ${folder}\n`);
checks.end();

function spawnProcessor(): ChildProcess {
	const args = [
		command,
		"dev",
		"--json",
		"--log",
		url,
		"--log-level",
		"error",
		"--policy",
		join(root, "test", "kill-loop", "policy.yaml"),
		"--config",
		join(root, "test", "kill-loop", "config.yaml"),
	];
	return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

async function startProcessor(): Promise<ChildProcess> {
	const started = spawnProcessor();
	if (!(await ready(started))) throw new Error("the processor did not start");
	return started;
}

/** True when the child says `ready`, false when it ends before. */
async function ready(started: ChildProcess): Promise<boolean> {
	if (started.stdout === null) return false;
	for await (const line of createInterface({ input: started.stdout })) if (line.includes('"ready"')) return true;
	return false;
}
