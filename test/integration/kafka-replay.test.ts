/** Replay of a deployment on Kafka while it goes on: what is reported, what is published, and that no other topic is touched. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { decodeEntry } from "../../src/core/codec/decode.ts";
import type { TopicState } from "../../src/ports/log/log.ts";
import { jsonLines, scratchFolder } from "../support/cli.ts";
import { kafkaClient } from "../support/kafka/access.ts";
import { Deployment } from "../support/kafka/deployment.ts";
import { describeKafka, sharedKafka } from "../support/kafka/shared.ts";
import { runCli } from "../support/run-cli.ts";
import { until } from "../support/world.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Nothing may be sent any more, and what was denied may run. */
const CANDIDATE =
	"apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: c }\ntools: { allow: all, deny: [mail] }\nobligations: [{ deadline: 2m }]\n";

const deployments: Deployment[] = [];

afterEach(async () => {
	await Promise.all(deployments.splice(0).map((each) => each.close()));
});

const TOOLS = ["look", "mail", "wipe"];

/** One call of each tool in each partition. */
const round = (on: Deployment): Promise<unknown> =>
	Promise.all(on.partitions.flatMap((partition) => TOOLS.map((tool) => on.decide(partition, { tool }))));

/** A deployment that decides, with some rounds behind it. */
async function deployed(rounds: number) {
	const on = await Deployment.make();
	deployments.push(on);
	const running = await on.startProcessor();
	for (let count = 0; count < rounds; count++) await round(on);
	const candidate = join(scratchFolder(), "candidate.yaml");
	writeFileSync(candidate, CANDIDATE);
	const replayUntil = (stop: AbortSignal, ...args: readonly string[]) =>
		runCli(["replay", "--log", on.log.url, "--policy", candidate, "--json", ...args], { stop });
	const replay = (...args: readonly string[]) => replayUntil(new AbortController().signal, ...args);
	return { on, running, replay, replayUntil };
}

/** When the last call was decided that there is. */
async function lastDecision(on: Deployment): Promise<number> {
	const records = (await Promise.all(on.partitions.map((each) => on.records("decisions", each)))).flat();
	return Math.max(...records.map(({ value }) => timeOf(value)));
}

function timeOf(value: Uint8Array): number {
	const read = decodeEntry(value);
	return read.ok ? read.value.at : 0;
}

const byName = (topics: readonly TopicState[]): Record<string, TopicState> =>
	Object.fromEntries(topics.map((topic) => [topic.name, topic]));

describeKafka("a replay on Kafka", () => {
	it("tells the same while calls are decided as when nobody decides any more", async () => {
		const { on, running, replay } = await deployed(20);
		const to = new Date((await lastDecision(on)) + 1).toISOString();
		const asked = new AbortController();
		let more = 0;
		const asking = (async () => {
			for (; !asked.signal.aborted; more++) await round(on);
		})();
		const open = await replay();
		const meanwhile = await replay("--to", to);
		asked.abort();
		await asking;
		expect(more).toBeGreaterThan(1);
		await on.consumed(running);
		await running.processor.drain();
		const afterwards = await replay("--to", to);
		expect(meanwhile).toMatchObject({ exit: 0, stderr: "" });
		expect(meanwhile.stdout).toBe(afterwards.stdout);
		const each = 20 * on.partitions.length;
		expect(afterwards.json()).toMatchObject({
			calls: 3 * each,
			counts: { unchanged: each, "allow-to-deny": each, "deny-to-allow": each },
			by: { agent: on.partitions.map(() => ({ "allow-to-deny": 20, "deny-to-allow": 20, unchanged: 20 })) },
		});
		// Without an end: up to where the ledgers were when it began, or a little further.
		const { calls, counts } = open.json() as { calls: number; counts: Record<string, number> };
		expect(open.exit).toBe(0);
		expect(calls).toBeGreaterThanOrEqual(3 * each);
		expect(calls).toBeLessThanOrEqual(3 * (each + more * on.partitions.length));
		for (const name of ["unchanged", "allow-to-deny", "deny-to-allow"])
			expect(Math.abs((counts[name] ?? 0) - calls / 3)).toBeLessThan(2 * on.partitions.length);
	});

	it("publishes to a topic of its own, which is all that it makes, and writes to no other", async () => {
		const { on, running, replay } = await deployed(4);
		const to = new Date((await lastDecision(on)) + 1).toISOString();
		const admin = kafkaClient(await sharedKafka()).admin();
		await admin.connect();
		// Other tests have topics on the same broker.
		const topics = async (): Promise<readonly string[]> =>
			(await admin.listTopics()).filter((name) => name.startsWith(on.prefix) || name.startsWith("re-audit")).sort();
		try {
			const before = await topics();
			const beside = replay("--to", to, "--publish", "re-audit.pr-17");
			await round(on);
			const first = await beside;
			expect(first).toMatchObject({ exit: 0, stderr: expect.stringContaining("24 calls written to `re-audit.pr-17`") });
			expect(await topics()).toEqual([...before, `${on.prefix}re-audit.pr-17`].sort());

			await on.consumed(running);
			await running.processor.drain();
			const still = byName(await on.log.admin().topics());
			expect(still["re-audit.pr-17"]?.partitions).toBe(on.layout.partitions);
			const again = await replay("--to", to, "--publish", "re-audit.pr-17");
			expect(again.stderr).toContain("0 calls written to `re-audit.pr-17`, 24 calls there already");
			// The last round, which was decided meanwhile.
			const rest = await replay("--publish", "re-audit.pr-17");
			expect(rest.stderr).toContain("6 calls written to `re-audit.pr-17`, 24 calls there already");
			const { "re-audit.pr-17": own, ...others } = byName(await on.log.admin().topics());
			const { "re-audit.pr-17": was, ...same } = still;
			expect(others).toEqual(same);
			expect(own?.end).toEqual(was?.end.map((end) => end + 2));
			expect(await topics()).toEqual([...before, `${on.prefix}re-audit.pr-17`].sort());
		} finally {
			await admin.disconnect();
		}
		const tailed = await runCli(["tail", "re-audit.pr-17", "--jsonl", "--log", on.log.url]);
		const told = jsonLines(tailed.stdout).map(({ value }) => value as Record<string, unknown>);
		expect(new Set(told.map(({ id }) => id)).size).toBe(30);
		for (const { tool, recordedVerdict, verdict } of told)
			expect([tool, recordedVerdict, verdict]).toEqual(
				tool === "mail" ? ["mail", "allow", "deny"] : ["wipe", "deny", "allow"],
			);
	});

	it("that is stopped while it publishes leaves what the next run completes", async () => {
		const { on, running, replay, replayUntil } = await deployed(30);
		await on.consumed(running);
		await running.processor.drain();
		const stop = new AbortController();
		const written = async (): Promise<number> => {
			const { end = [] } = byName(await on.log.admin().topics())["re-audit.cut"] ?? {};
			return end.reduce((sum, each) => sum + each, 0);
		};
		const publishing = replayUntil(stop.signal, "--publish", "re-audit.cut");
		await until(async () => (await written()) > 0, "the first records");
		stop.abort("SIGINT");
		const { exit, stderr } = await publishing;
		// It may have been done.
		if (exit !== 0) {
			expect({ exit, stderr }).toEqual({
				exit: 130,
				stderr: expect.stringContaining("`re-audit.cut` is not whole: run it again to get the rest"),
			});
		}
		await replay("--publish", "re-audit.cut");
		expect(await written()).toBe(2 * 30 * on.partitions.length);
	});
});
