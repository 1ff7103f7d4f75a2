/** Topics that are deleted and recreated under running processors and clients: those that can, start again; the others say so. */
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, it, vi } from "vitest";
import { inputFindings } from "../../src/operations/examine/input-findings.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { checkLog } from "../support/checker.ts";
import { Deployment, type Running } from "../support/kafka/deployment.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { TEST_POLICY, until } from "../support/world.ts";

const WAIT_MS = 60_000;
/** Of one core, by everything that this process holds open, over two seconds without work. */
const IDLE_SHARE_MAX = 0.3;
vi.setConfig({ testTimeout: 90_000 });

const deployments: Deployment[] = [];

/** Every partition has decided some calls, so that a log recreated ends before what was read. */
async function decided(): Promise<{ on: Deployment; running: Running }> {
	const on = await Deployment.make();
	deployments.push(on);
	const running = await on.startProcessor();
	for (let round = 0; round < 3; round++) await expectDecided(on);
	return { on, running };
}

afterEach(async () => {
	await Promise.all(deployments.splice(0).map((each) => each.close()));
});

async function expectDecided(on: Deployment): Promise<void> {
	const decisions = await Promise.all(on.partitions.map((partition) => on.decide(partition)));
	expect(decisions).toMatchObject(on.partitions.map(() => ({ verdict: "allow", source: "reply" })));
}

async function expectIdle(): Promise<void> {
	const [startedAt, before] = [performance.now(), process.cpuUsage()];
	await delay(2_000);
	const { user, system } = process.cpuUsage(before);
	expect((user + system) / 1_000 / (performance.now() - startedAt)).toBeLessThan(IDLE_SHARE_MAX);
}

const phasesOf = ({ processor }: Running): string[] => processor.status().partitions.map(({ phase }) => phase);

const allFailed = (running: Running, on: Deployment) => async (): Promise<boolean> => {
	const phases = phasesOf(running);
	return phases.length === on.partitions.length && phases.every((phase) => phase === "failed");
};

describeKafka("topics recreated", () => {
	it("replies: a running client begins again, and nobody is busy with nothing", async () => {
		const { on } = await decided();
		await on.deleteTopics([TOPICS.replies]);
		await on.createTopics();
		await until(
			async () => {
				const { source } = await on.decide(0, { deadlineMs: 3_000 });
				return source === "reply";
			},
			"an answer on the new topic",
			WAIT_MS,
		);
		await expectDecided(on);
		await expectIdle();
	});

	it("intents: every partition says that its log is another, and so does who looks", async () => {
		const { on, running } = await decided();
		await on.deleteTopics([TOPICS.intents]);
		await until(allFailed(running, on), "the partitions to miss their topic", WAIT_MS);
		await on.createTopics();
		const isTold = (): boolean =>
			on.partitions.every((each) =>
				running.heard
					.said("partition.failed")
					.some(({ partition, code }) => partition === each && ANOTHER.includes(String(code))),
			);
		await until(isTold, "the partitions to say so", WAIT_MS);
		expect(phasesOf(running)).toEqual(on.partitions.map(() => "failed"));
		expect(await inputFindings(on.log, on.layout)).toMatchObject(
			on.partitions.map((partition) => ({
				level: "error",
				message: expect.stringContaining(`\`intents/${partition}\` ends at offset 0`),
			})),
		);
		await expectIdle();
		// What is published there is not taken for consumed: nothing is answered.
		expect(await on.decide(0, { deadlineMs: 1_000 })).toMatchObject({ verdict: "deny", source: "timeout" });
	});

	it("all of them, as where a broker came back empty: processors and clients begin again", async () => {
		const { on, running } = await decided();
		await on.deleteTopics([...Object.values(TOPICS)]);
		await until(allFailed(running, on), "the partitions to miss their topics", WAIT_MS);
		await on.createTopics();
		// All is consistent again, and empty: a deployment that begins, to which nothing of the former one clings.
		await until(
			() => Promise.resolve(phasesOf(running).every((phase) => phase === "deciding")),
			"the partitions to decide",
			WAIT_MS,
		);
		const before = await Promise.all(on.partitions.map((partition) => on.decide(partition)));
		expect(before).toMatchObject(on.partitions.map(() => ({ verdict: "deny", reasons: [{ code: "policy.none" }] })));
		await on.activate(TEST_POLICY);
		await on.consumed(running);
		await expectDecided(on);
		await expectIdle();
		await running.processor.drain();
		expect((await checkLog(on.log, { layout: on.layout })).findings).toEqual([]);
	});
});

/** The input ends before what the ledger has consumed, whoever sees it first. */
const ANOTHER = ["ASSENT_LOG_REWOUND", "ASSENT_LOG_OTHER"];
