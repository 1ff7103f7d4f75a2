/** Leaders that move while every broker lives, on three nodes: nobody who writes or decides is left behind. */
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { checkLog } from "../support/checker.ts";
import { scratchFolder } from "../support/cli.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/cluster.ts";
import { Deployment } from "../support/kafka/deployment.ts";
import { leadersOf, moveLeaders } from "../support/kafka/leaders.ts";
import { describeKafka } from "../support/kafka/shared.ts";

/** A call's; it is asked again at half of it. */
const DEADLINE_MS = 20_000;

describeKafka(
	"three brokers whose leaders move",
	() => {
		let cluster: KafkaCluster;

		beforeAll(async () => {
			cluster = await startKafka({ nodes: 3 });
		});
		afterAll(() => cluster?.stop());

		async function deployed(): Promise<Deployment> {
			const deployment = await Deployment.make({ cluster });
			onTestFinished(() => deployment.close());
			await deployment.startProcessor({ instance: "p1" });
			await deployment.startProcessor({ instance: "p2" });
			await askAll(deployment);
			return deployment;
		}

		/** Every partition's agent asks once; none goes unanswered. */
		async function askAll(deployment: Deployment): Promise<void> {
			const asked = deployment.partitions.map((each) => deployment.decide(each, { deadlineMs: DEADLINE_MS }));
			expect((await Promise.all(asked)).map(({ source }) => source)).toEqual(asked.map(() => "reply"));
		}

		it("a client and processors that have the old leaders in mind go on with the new ones", async () => {
			const deployment = await deployed();
			const before = await leadersOf(cluster, deployment.prefix);
			await moveLeaders(cluster, deployment.prefix, scratchFolder());
			const after = await leadersOf(cluster, deployment.prefix);
			expect(after.filter(({ leader }, at) => leader === before[at]?.leader)).toEqual([]);
			await askAll(deployment);
			await askAll(deployment);
			const { findings } = await checkLog(deployment.log, { layout: deployment.layout });
			expect(findings).toEqual([]);
		});
	},
	{ needs: "own" },
);
