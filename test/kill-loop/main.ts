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
import { layoutOf } from "../../src/app/layout.ts";
import { openLog } from "../../src/app/open-log.ts";
import { tail } from "../../src/app/tail.ts";
import { AssentClient } from "../../src/client/client.ts";
import { mayRun } from "../../src/client/decision.ts";
import { AssentError } from "../../src/core/base/errors.ts";
import type { LedgerEntry, Verdict } from "../../src/core/model/entries.ts";
import { TOPICS } from "../../src/ports/log.ts";
import { checkLog } from "../support/checker.ts";
import { recompute } from "../support/recompute.ts";
import { Dice } from "./dice.ts";

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

let passed = 0;
let failed = 0;
function check(what: string, isTrue: boolean, found = ""): void {
	if (isTrue) passed += 1;
	else failed += 1;
	process.stdout.write(`${isTrue ? "ok  " : "FAIL"}  ${what}${isTrue || found === "" ? "" : `: ${found}`}\n`);
}

if (!existsSync(command)) {
	process.stdout.write("dist/ is missing: run `npm run build`\n\n0 passed, 1 failed\n");
	process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), "assent-kill-"));
const url = `file:${join(folder, "log.db")}`;
process.stdout.write(`seed ${values.seed}: ${intents} intents, then ${kills} kills under load\n`);

/** What the clients were told, by intent: compared with the ledger at the end. */
const told = new Map<string, Verdict>();
let timeouts = 0;
let calls = 0;
let atWork = 0;
let child = await startProcessor();
const log = await openLog(url, { create: false });
const layout = await layoutOf(log);
if (layout === null) throw new Error("the processor took no partition");
const client = await new AssentClient({ log, layout, deadlineMs: 4_000 }).start();

const quietAt = performance.now();
await load({ until: () => told.size >= intents, lanes: 64 });
process.stdout.write(
	`${told.size} decisions in ${((performance.now() - quietAt) / 1_000).toFixed(1)} s without faults\n`,
);

let isOver = false;
const background = load({ until: () => isOver, lanes: 16 });
const stormAt = performance.now();
for (let kill = 1; kill <= kills; kill++) {
	const next = spawnProcessor();
	// A third of the kills hit a start; the others a processor that has decided something since it started.
	if (dice.chance(2 / 3)) {
		await ready(next);
		const before = told.size;
		for (let waited = 0; told.size === before && waited < 5_000; waited += 5) await sleep(5);
		if (told.size > before) atWork += 1;
	}
	await sleep(dice.upTo(250));
	child = next;
	const exit = once(child, "exit");
	child.kill("SIGKILL");
	await exit;
	if (kill % 25 === 0)
		process.stdout.write(
			`${kill} kills (${atWork} at work), ${told.size} decisions, ${timeouts} without an answer in time\n`,
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
check("SIGTERM drains and exits with 0", code === 0, `exit code ${code}`);

const checked = await checkLog(log, { layout });
process.stdout.write(`${JSON.stringify(checked.counts)}\n`);
for (const finding of checked.findings.slice(0, 20)) process.stdout.write(`  ${finding}\n`);
check(
	"every input has one entry, `seq` is dense, digests and roots are true, no budget is overspent at any prefix",
	checked.findings.length === 0,
	`${checked.findings.length} findings`,
);
const verdicts = await ledgerVerdicts();
const contradicted = [...told].filter(([intent, verdict]) => !verdicts.get(intent)?.includes(verdict));
check(
	"every answer that a client got is in the ledger",
	contradicted.length === 0,
	JSON.stringify(contradicted.slice(0, 5)),
);
const recomputed = await recompute(log, layout);
check(
	"the ledger decided again from its inputs is byte-identical",
	recomputed.firstDifference === null && recomputed.entries === checked.counts.entries && recomputed.entries > intents,
	JSON.stringify(recomputed),
);
check("half of the kills hit a processor at work", atWork >= kills / 2, `${atWork} of ${kills}`);
await log.close();
if (failed === 0) await rm(folder, { recursive: true, force: true });
else process.stdout.write(`the log is kept in ${folder}\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** What the ledger says of each intent, in its life: a held call is answered twice. */
async function ledgerVerdicts(): Promise<Map<string, Verdict[]>> {
	const found = new Map<string, Verdict[]>();
	const add = (intent: string, verdict: Verdict): void => {
		found.set(intent, [...(found.get(intent) ?? []), verdict]);
	};
	const signal = new AbortController().signal;
	for await (const record of tail(log, { topic: TOPICS.decisions, from: "start", follow: false, signal })) {
		const entry = record.value as LedgerEntry | { readonly kind?: undefined };
		if (entry.kind === undefined) continue;
		for (const effect of entry.effects) if (effect.kind !== "reservation.expired") add(effect.call.id, "deny");
		if (entry.kind === "decision.made") add(entry.call.id, entry.verdict);
		if (entry.kind === "decision.held") add(entry.call.id, "hold");
		if (entry.kind === "decision.repeated") add(entry.call.id, entry.verdict);
		if (entry.kind === "input.rejected") add(entry.call.id, "deny");
	}
	return found;
}

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

/** Agents that work one call after the other, in lanes beside each other. */
async function load(of: { until: () => boolean; lanes: number }): Promise<void> {
	await Promise.all(Array.from({ length: of.lanes }, (_, lane) => work(lane, of.until)));
}

async function work(lane: number, until: () => boolean): Promise<void> {
	const agent = `agent-${lane % 24}`;
	let session = `run-${lane}-${calls}`;
	while (!until()) {
		calls += 1;
		if (dice.chance(0.02)) session = `run-${lane}-${calls}`;
		const id = `i-${calls}`;
		const request = {
			id,
			tenant: "acme",
			agent,
			session,
			...dice.call(),
			onHold: dice.chance(0.5) ? "wait" : "return",
		} as const;
		try {
			const decision = await client.decide(request);
			if (decision.source === "timeout") {
				timeouts += 1;
				continue;
			}
			told.set(id, decision.verdict);
			if (!mayRun(decision)) continue;
			if (dice.chance(0.05)) continue; // Never reports: its reservation lapses.
			await client.report({ tenant: "acme", agent, session, id }, dice.chance(0.9) ? "ok" : "error", dice.usage());
		} catch (thrown) {
			if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_UNAVAILABLE") continue;
			throw thrown;
		}
	}
}
