/** Leaders of a cluster's partitions: who they are, and moved to other brokers while every broker lives. */
import { setTimeout as delay } from "node:timers/promises";
import { kafkaClient } from "./access.ts";
import type { KafkaCluster } from "./cluster.ts";
import { runShell } from "./tools.ts";

const MOVED_MS = 30_000;
const LOOK_MS = 100;

export interface Led {
	/** The broker's name of the topic. */
	readonly topic: string;
	readonly partition: number;
	/** -1: nobody. */
	readonly leader: number;
	readonly replicas: readonly number[];
	readonly inSync: readonly number[];
}

/** Every partition of topics whose names begin so, by name and number. */
export function leadersOf(cluster: KafkaCluster, prefix: string): Promise<readonly Led[]> {
	return withAdmin(cluster, async (admin) => {
		const { topics } = await admin.fetchTopicMetadata();
		return topics
			.sort((a, b) => (a.name < b.name ? -1 : 1))
			.filter(({ name }) => name.startsWith(prefix))
			.flatMap(({ name: topic, partitions }) =>
				partitions
					.sort((a, b) => a.partitionId - b.partitionId)
					.map(({ partitionId, leader, replicas, isr }) => ({
						...{ topic, partition: partitionId, leader, replicas, inSync: isr },
					})),
			);
	});
}

/**
 * Makes the second copy of each partition the preferred one and lets the preferred lead: what an administrator does by
 * kafka-reassign-partitions.sh, and Kafka by itself after a rolling restart. `folder` is for the tool's script.
 */
export async function moveLeaders(cluster: KafkaCluster, prefix: string, folder: string): Promise<void> {
	const before = await leadersOf(cluster, prefix);
	const byTopic = Map.groupBy(before, ({ topic }) => topic);
	await withAdmin(cluster, (admin) =>
		admin.alterPartitionReassignments({
			topics: [...byTopic].map(([topic, all]) => ({
				topic,
				partitionAssignment: all.map(({ partition, replicas: [first = -1, ...others] }) => ({
					...{ partition, replicas: [...others, first] },
				})),
			})),
		}),
	);
	await electPreferred(cluster, prefix, folder);
}

/** Lets the preferred copy of every partition lead: what `auto.leader.rebalance.enable` does now and then. */
export async function electPreferred(cluster: KafkaCluster, prefix: string, folder: string): Promise<void> {
	const deadline = performance.now() + MOVED_MS;
	for (;;) {
		await runShell(
			`kafka-leader-election.sh --bootstrap-server ${cluster.address} --election-type PREFERRED --all-topic-partitions`,
			folder,
		);
		const now = await leadersOf(cluster, prefix);
		if (now.every(({ leader, replicas }) => leader === replicas[0])) return;
		if (performance.now() > deadline) throw new Error("not every partition is led by its preferred copy");
		await delay(LOOK_MS);
	}
}

async function withAdmin<Out>(
	cluster: KafkaCluster,
	use: (admin: ReturnType<ReturnType<typeof kafkaClient>["admin"]>) => Promise<Out>,
): Promise<Out> {
	const admin = kafkaClient(cluster, { retry: { retries: 5 } }).admin();
	try {
		await admin.connect();
		return await use(admin);
	} finally {
		await admin.disconnect();
	}
}
