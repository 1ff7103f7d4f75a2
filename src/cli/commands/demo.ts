/** `assent demo`: recorded tool calls through the baseline policy on an embedded log, and what came of them. */
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Command } from "commander";
import { logger } from "../../adapters/pino/logger.ts";
import { startDev } from "../../app/dev.ts";
import { openLog } from "../../app/open-log.ts";
import { loadPolicies } from "../../app/policies.ts";
import { AssentClient } from "../../client/client.ts";
import { Submission } from "../../client/submission.ts";
import { grouped } from "../../core/base/count-text.ts";
import { DEFAULT_LAYOUT } from "../../core/model/layout.ts";
import type { ViolationDetected } from "../../core/model/records.ts";
import { baselinePath, inPackage } from "../../operations/baseline.ts";
import { tail } from "../../operations/tail.ts";
import { type Log, TOPICS } from "../../ports/log/log.ts";
import type { Context } from "../context.ts";
import { readLine } from "../input/call-line.ts";
import { readLines } from "../input/lines.ts";
import { renderTable } from "../output/table.ts";
import { Tally } from "../output/tally.ts";
import { violationLine } from "./dev.ts";

const DEMO_LOG = "file:.assent/demo.db";
const FIRST_VIOLATIONS = 8;

export function demoCommand(context: Context): Command {
	return new Command("demo")
		.summary("play 1,264 recorded tool calls through the baseline policy")
		.description(
			`Plays the calls of examples/demo/calls.jsonl through policies/baseline.yaml on a new embedded log (${DEMO_LOG}).`,
		)
		.action(() => runDemo(context));
}

async function runDemo(context: Context): Promise<void> {
	const policies = await loadPolicies(
		[inPackage("policies", "baseline.yaml")],
		DEFAULT_LAYOUT.budgetRoot,
		context.compute,
	);
	if (!policies.ok) {
		context.fail(policies.error);
		return;
	}
	const path = DEMO_LOG.slice("file:".length);
	context.undone = `\`${path}\` was recreated, with the decisions made until then; \`assent demo\` begins again`;
	for (const suffix of ["", "-wal", "-shm"]) await rm(path + suffix, { force: true });
	const log = await openLog(DEMO_LOG, { create: true });
	try {
		const layout = DEFAULT_LAYOUT;
		const node = await startDev({
			log,
			layout,
			policies: policies.value,
			snapshotEvery: 100_000,
			telemetry: logger("error"),
		});
		const client = await new AssentClient({ log, layout }).start();
		context.print("assent demo: recorded tool calls of ten agents through policies/baseline.yaml, on an embedded log");
		const startedAt = performance.now();
		const tally = await play(context, client);
		const seconds = (performance.now() - startedAt) / 1_000;
		await client.close();
		await node.stop();
		context.print(`${tally.line()}  in ${seconds.toFixed(1)} s, each decision durable before its answer`);
		context.print();
		report(context, tally);
		await showViolations(context, log);
		context.print(NEXT);
	} finally {
		await log.close();
	}
}

async function play(context: Context, client: AssentClient): Promise<Tally> {
	const tally = new Tally();
	let shownAt = 0;
	const submission = new Submission(client, {
		deadlineMs: 30_000,
		settle: true,
		onRefused: (_call, why) => context.fail([why]),
		onDecision: (_call, decision) => {
			tally.add({ verdict: decision.verdict, rules: decision.reasons });
			const now = performance.now();
			if (now - shownAt < 50) return;
			shownAt = now;
			context.progress(tally.line());
		},
	});
	for await (const lines of readLines(createReadStream(inPackage("examples", "demo", "calls.jsonl")))) {
		for (const line of lines) {
			const read = readLine(line, () => String(line.number));
			if (read.ok && read.value.kind === "call") await submission.add(read.value.call);
		}
	}
	await submission.done();
	context.progress(null);
	return tally;
}

function report(context: Context, tally: Tally): void {
	const rows = tally.rows().map((row) => [row.verdict, row.rule, row.code, row.severity, grouped(row.calls)]);
	context.print(renderTable(["verdict", "rule", "reason", "severity", "calls"], rows, { colors: context.colors }));
	context.print();
}

async function showViolations(context: Context, log: Log): Promise<void> {
	const violations: ViolationDetected[] = [];
	for await (const record of tail(log, {
		topic: TOPICS.violations,
		from: "start",
		follow: false,
		signal: context.stop,
	})) {
		violations.push(record.value as ViolationDetected);
	}
	context.print(`first violations of ${grouped(violations.length)}:`);
	for (const violation of violations.slice(0, FIRST_VIOLATIONS)) context.print(`  ${violationLine(violation)}`);
	context.print();
}

const NEXT = `look further:
  npx assent tail violations --log ${DEMO_LOG}            every broken rule, as alerting services read it
  npx assent tail decisions --jsonl --log ${DEMO_LOG}     the ledger: every decision with its reasons and budgets
  npx assent budgets --log ${DEMO_LOG}                    what is spent, reserved and left
  npx assent approvals list --log ${DEMO_LOG}             what waits for a human
  npx assent doctor --log ${DEMO_LOG}                     is the log whole and does everything fold
  npx assent dev --policy ${baselinePath()}          run it for your own agents`;
