/**
 * A day on a log: calls that are allowed, denied, held, granted, refused, repeated, abandoned and never reported, halts, budgets,
 * a session's end, a change of policy and a record that cannot be read. Afterwards every topic has records. Works on any log,
 * and outside of vitest.
 */

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { AssentClient } from "../../src/client/client.ts";
import { type Layout, partitionFor } from "../../src/core/model/layout.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { activatePolicies } from "../../src/operations/activation.ts";
import { callsNamed } from "../../src/operations/holds.ts";
import { sendAdjustment, sendHalt, sendSessionEnd, sendVote } from "../../src/operations/operators.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { type Log, TOPICS } from "../../src/ports/log/log.ts";
import { topicSpecs } from "../../src/ports/log/topics.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { Processor } from "../../src/processor/processor.ts";

const policy = (calls: number): string => `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: day }
tools:
  allow: all
  deny: [{ name: no-wipe, tools: [wipe], severity: high, message: nothing is wiped here }]
  hold: [{ name: pay, tools: ["pay.*"], approval: people }]
patterns:
  - { name: recursive-delete, regex: '\\brm\\s+-\\w*r', in: args.command, severity: critical }
limits:
  - { name: calls, measure: tool_calls, scope: agent, max: ${calls} }
  - { name: tokens, measure: tokens, scope: agent, max: 100000, per: 1d, reserve: 10 }
  - { name: slots, measure: concurrent_calls, scope: agent, max: 50 }
  - { name: watched, measure: tool_calls, scope: session, max: 100, mode: audit }
approvals:
  people: { approvers: [alice], expires: 2s }
obligations:
  - { tools: [login], redact: [args.password], message: mind the gap }
  - { tools: [slow], deadline: 1s, lease: 1s }
`;

/** Most tests want snapshots and checkpoints without thousands of calls. */
const SNAPSHOT_EVERY = 100;
const WAIT_MS = 60_000;

const WHO = { tenant: "acme", agent: "coder", session: "run-1" } as const;

/** Fills a log whose topics are not there yet, and lets go of it as it was: the caller opens and closes it. */
export async function ordinaryDay(log: Log, layout: Layout, calls = 150): Promise<void> {
	await log.admin().createTopics(topicSpecs(layout));
	await activate(log, layout, policy(2 * calls));
	const processor = new Processor({
		verifierOf,
		log,
		layout,
		instance: `day-${randomUUID().slice(0, 8)}`,
		clock: systemClock,
		telemetry: silentTelemetry,
		snapshotEvery: SNAPSHOT_EVERY,
	});
	await processor.start();
	const client = await new AssentClient({ log, layout, principal: WHO, deadlineMs: WAIT_MS }).start();
	try {
		await callsOfAgents(client, calls);
		await callsOnHold(log, layout, client);
		await operatorsAtWork(log, layout, client);
		await log.append({ topic: TOPICS.intents, partition: partitionFor(layout, WHO) }, [
			{ key: null, value: Buffer.from("not a record"), headers: { "assent-intent": "broken" } },
		]);
		await activate(log, layout, policy(3 * calls));
		await allConsumed(log, layout, processor);
		await everyTopicFilled(log);
	} finally {
		await client.close();
		await processor.drain();
	}
}

async function activate(log: Log, layout: Layout, text: string): Promise<void> {
	const sources = [{ name: "day.yaml", text }];
	const compiled = compilePolicies(sources, { budgetRoot: layout.budgetRoot });
	if (!compiled.ok) throw new Error(compiled.error.map(({ message }) => message).join("\n"));
	const { digest } = compiled.value;
	await activatePolicies(log, { layout, sources, digest, by: "ops", now: systemClock.now() });
}

async function callsOfAgents(client: AssentClient, calls: number): Promise<void> {
	for (let at = 0; at < calls; at++) {
		const call = { ...WHO, id: `call-${at}` };
		await client.decide({ ...call, tool: "shell.run", args: { command: `ls ${at}`, ümlaut: "löschen" } });
		await client.report(call, at % 10 === 0 ? "error" : "ok", { tokens: at });
	}
	await client.decide({ tool: "wipe", args: {} });
	await client.decide({ tool: "shell.run", args: { command: "rm -rf /" } });
	await client.decide({ tool: "login", args: { user: "ann", password: "secret" } });
	// Nobody reports this one: its reservation expires.
	await client.decide({ id: "never-reported", tool: "slow", args: {} });
	const repeated = { id: "repeated", tool: "shell.run", args: { command: "pwd" } };
	await client.decide(repeated);
	await client.decide(repeated);
	await client.decide({ ...repeated, args: { command: "another" } });
	const { executor } = await client.decide({ id: "abandoned", tool: "shell.run", args: {} });
	await client.abandon({ ...WHO, id: "abandoned", executor }, "changed its mind");
}

async function callsOnHold(log: Log, layout: Layout, client: AssentClient): Promise<void> {
	for (const id of ["granted", "rejected", "expired"]) {
		await client.decide({ id, tool: `pay.${id}`, args: { amount: 5 }, onHold: "return" });
	}
	const { tenant, agent, session } = WHO;
	for (const vote of ["granted", "rejected"] as const) {
		const call = { tenant, agent, id: vote };
		const [named] = await callsNamed(log, layout, { name: vote, now: systemClock.now() });
		const commitment = named?.commitment ?? "";
		await sendVote(log, layout, {
			by: "alice",
			now: systemClock.now(),
			call,
			session,
			commitment,
			vote,
			comment: "seen",
		});
	}
}

async function operatorsAtWork(log: Log, layout: Layout, client: AssentClient): Promise<void> {
	const by = () => ({ by: "ops", now: systemClock.now() });
	const scope = { tenant: "acme", agent: "other", session: null };
	const other = { tenant: "acme", agent: "other", session: "run-2" };
	for (const change of ["set", "lifted"] as const) {
		await Promise.all(sendHalt(log, layout, { ...by(), change, scope, reason: "a drill" }));
		await client.decide({ ...other, tool: "shell.run", args: {} });
	}
	const limit = { policy: "day", limit: "calls", change: "topup", amount: 10 } as const;
	await sendAdjustment(log, layout, { ...by(), ...WHO, session: "", ...limit });
	await sendSessionEnd(log, layout, { ...by(), ...other });
	await client.decide({ ...other, tool: "shell.run", args: {} });
}

/** Until every input has its entry, and what expires has expired. */
async function allConsumed(log: Log, layout: Layout, processor: Processor): Promise<void> {
	await sleep(2_500);
	await until(async () => {
		const { partitions } = processor.status();
		if (partitions.length < layout.partitions) return false;
		const ends = await Promise.all(
			partitions.flatMap(({ partition, consumed }) =>
				(["intents", "control"] as const).map(async (topic) => ({
					consumed: consumed[topic],
					end: (await log.bounds({ topic, partition })).end,
				})),
			),
		);
		return ends.every(({ consumed, end }) => consumed >= end);
	}, "inputs to be consumed");
}

async function everyTopicFilled(log: Log): Promise<void> {
	await until(async () => {
		const topics = await log.admin().topics();
		return topics.every(({ end }) => end.some((offset) => offset > 0));
	}, "every topic to have a record");
}

async function until(isTrue: () => Promise<boolean>, what: string): Promise<void> {
	const deadline = performance.now() + WAIT_MS;
	while (!(await isTrue())) {
		if (performance.now() > deadline) throw new Error(`waited too long for ${what}`);
		await sleep(20);
	}
}
