/** A Kafka that somebody else administers, who does not let everything be set: refusals as MSK Serverless and Confluent Cloud make them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { TOPICS } from "../../src/ports/log/log.ts";
import { checkLog } from "../support/checker.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/cluster.ts";
import { Deployment } from "../support/kafka/deployment.ts";
import { compileJava } from "../support/kafka/installation.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { runCli } from "../support/run-cli.ts";

vi.setConfig({ testTimeout: 60_000 });

describeKafka(
	"on a managed Kafka",
	() => {
		let cluster: KafkaCluster;
		let classes = "";

		beforeAll(async () => {
			classes = mkdtempSync(join(tmpdir(), "assent-classes-"));
			await compileJava(join(import.meta.dirname, "ManagedTopics.java"), classes);
			cluster = await startKafka({ classes, properties: { "create.topic.policy.class.name": "ManagedTopics" } });
		});
		afterAll(async () => {
			await cluster?.stop();
			rmSync(classes, { recursive: true, force: true });
		});

		const topics = (command: string, prefix: string) =>
			runCli(["topics", command, "--log", `kafka://${cluster.address}/${prefix}`]);

		it("topics are made with what cannot be done without, the rest is told, and they are fit to decide on", async () => {
			const created = await topics("create", "desk");
			expect(created.exit).toBe(0);
			expect(created.stdout.match(/^created/gm)).toHaveLength(9);
			expect(created.stderr).toMatch(
				/warning: the broker does not let everything be set \(Altering \S+ is not permitted\)/,
			);
			expect(created.stderr).toContain("`assent topics check` says whether its settings will do");
			const check = await topics("check", "desk");
			expect([check.exit, check.stdout.match(/^error/gm)]).toEqual([0, null]);
			expect((await topics("create", "desk")).stdout.match(/^existing/gm)).toHaveLength(9);
		});

		it("a deployment decides there, restores, and is sound", async () => {
			const on = await Deployment.make({ cluster });
			try {
				const former = await on.startProcessor({ instance: "former", snapshotEvery: 2 });
				for (const partition of on.partitions) expect(await on.decide(partition)).toMatchObject({ verdict: "allow" });
				await former.processor.drain();
				const next = await on.startProcessor({ instance: "next" });
				for (const partition of on.partitions) expect(await on.decide(partition)).toMatchObject({ verdict: "allow" });
				await next.processor.drain();
				expect((await checkLog(on.log, { layout: on.layout })).findings).toEqual([]);
			} finally {
				await on.close();
			}
		});

		it("where topics are made elsewhere, what they need is said", async () => {
			const refused = await topics("create", "closed");
			expect([refused.exit, refused.stderr]).toEqual([3, expect.stringMatching(/ASSENT_LOG_SETTINGS/)]);
			expect(refused.stderr).toContain("topics are made in the console");
			expect(refused.stderr).toContain("message.timestamp.type=LogAppendTime");
			expect(refused.stderr).not.toContain("broker's log");
		});

		it("batches that a topic no longer takes are cut, and `topics check` names the setting", async () => {
			const on = await Deployment.make({ cluster });
			try {
				const running = await on.startProcessor();
				await on.settings(TOPICS.decisions, { "max.message.bytes": "6000" });
				const asked = Array.from({ length: 60 }, (_, at) => on.decide(0, { session: `run-${at}` }));
				expect((await Promise.all(asked)).map(({ verdict }) => verdict)).toEqual(asked.map(() => "allow"));
				const check = await topics("check", on.prefix.slice(0, -1));
				expect(check.stdout).toMatch(/^warning +topic decisions +takes no batch of more than 6000 bytes/m);
				await running.processor.drain();
				expect((await checkLog(on.log, { layout: on.layout })).findings).toEqual([]);
			} finally {
				await on.close();
			}
		});
	},
	{ needs: "own" },
);
