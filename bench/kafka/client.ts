/** kafkajs as every process of this benchmark uses it, and what it needs of topics. */
import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel, Partitioners, type Producer } from "kafkajs";

/** How long a new topic may take until its partitions have leaders. */
const SERVED_MS = 20_000;

/** A client that waits for nothing: no Nagle, short retries. */
export function openKafka(brokers: readonly string[]): Kafka {
	process.env["KAFKAJS_NO_PARTITIONER_WARNING"] = "1";
	return new Kafka({
		brokers: [...brokers],
		clientId: "assent-bench",
		logLevel: logLevel.NOTHING,
		retry: { initialRetryTime: 50, retries: 12, maxRetryTime: 1_000 },
		socketFactory: ({ host, port, onConnect }) => connectSocket({ host, port, noDelay: true }, onConnect),
	});
}

export const openProducer = async (kafka: Kafka): Promise<Producer> => {
	const producer = kafka.producer({
		allowAutoTopicCreation: false,
		createPartitioner: Partitioners.DefaultPartitioner,
	});
	await producer.connect();
	return producer;
};

/** How this benchmark's consumers wait: for one byte, and at most 100 ms. */
export const WAITING = { minBytes: 1, maxWaitTimeInMs: 100, allowAutoTopicCreation: false } as const;

/** Makes topics whose times are the broker's. Resolves when the broker serves them. */
export async function makeTopics(
	brokers: readonly string[],
	names: readonly string[],
	partitions: number,
): Promise<void> {
	const admin = openKafka(brokers).admin();
	await admin.connect();
	await admin.createTopics({
		// kafkajs gives up at once on a broker that has not heard of the new topic yet.
		waitForLeaders: false,
		topics: names.map((topic) => ({
			topic,
			numPartitions: partitions,
			replicationFactor: 1,
			configEntries: [{ name: "message.timestamp.type", value: "LogAppendTime" }],
		})),
	});
	const servedBy = performance.now() + SERVED_MS;
	for (const topic of names) {
		while (!(await isServed(topic))) {
			if (performance.now() > servedBy) throw new Error(`the broker does not serve ${topic}`);
			await sleep(50);
		}
	}
	await admin.disconnect();

	async function isServed(topic: string): Promise<boolean> {
		try {
			return (await admin.fetchTopicOffsets(topic)).length === partitions;
		} catch {
			return false;
		}
	}
}

/** Removes every topic that begins so, with what a peer made beside it. */
export async function removeTopics(brokers: readonly string[], prefix: string): Promise<void> {
	const admin = openKafka(brokers).admin();
	await admin.connect();
	const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
	if (topics.length > 0) await admin.deleteTopics({ topics });
	await admin.disconnect();
}
