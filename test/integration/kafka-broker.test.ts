/** The harness itself: real brokers start, keep what they took when they are killed, and let in only whom they should. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Kafka } from "kafkajs";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Access, kafkaClient } from "../support/kafka/access.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/cluster.ts";
import { describeKafka, freshPrefix, sharedKafka } from "../support/kafka/shared.ts";

const WAIT_MS = 60_000;
const topic = `${freshPrefix()}records`;

describeKafka("the broker that all test files share", () => {
	it("answers, and a prefix is nobody else's", async () => {
		const cluster = await sharedKafka();
		expect(cluster.nodes).toEqual([]);
		const client = kafkaClient(cluster);
		await createTopic(client, { topic, copies: 1 });
		await send(client, "one");
		expect(await endOf(client)).toBe(1);
		expect(freshPrefix()).not.toBe(freshPrefix());
	});

	it("is the same one for a file that asks again", async () => {
		const { address } = await sharedKafka();
		vi.resetModules();
		const asked = await import("../support/kafka/shared.ts");
		expect(asked.sharedKafka).not.toBe(sharedKafka);
		expect((await asked.sharedKafka()).address).toBe(address);
	});
});

describeKafka(
	"a broker of a test's own",
	() => {
		const own = ownCluster({ properties: { "message.max.bytes": "2000" } });

		it("keeps its records through SIGKILL, and answers again at the same port", async () => {
			const [node] = own.cluster.nodes;
			await createTopic(own.client, { topic, copies: 1 });
			await send(own.client, "before");
			await node?.kill();
			expect(node?.isRunning).toBe(false);
			await expect(send(own.client, "lost")).rejects.toThrow();
			await node?.restart();
			expect(node?.isRunning).toBe(true);
			await eventually(() => send(own.client, "after"));
			expect(await endOf(own.client)).toBe(2);
		});

		it("answers nothing while it is paused, and goes on when it is resumed", async () => {
			const [node] = own.cluster.nodes;
			node?.pause();
			const impatient = kafkaClient(own.cluster, { requestTimeout: 1_000 });
			await expect(send(impatient, "unheard")).rejects.toThrow();
			node?.resume();
			await eventually(() => send(own.client, "heard"));
		});

		it("takes the properties that it was given", async () => {
			await expect(send(own.client, "x".repeat(4_000))).rejects.toMatchObject({ type: "MESSAGE_TOO_LARGE" });
		});

		it("says which log to look at when it cannot start", async () => {
			await expect(startKafka({ properties: { "log.retention.ms": "never" } })).rejects.toThrow(/log\.retention\.ms/);
			const [port] = own.cluster.brokers.map((address) => Number(address.split(":")[1]));
			const folder = mkdtempSync(join(tmpdir(), "assent-taken-"));
			const taken = startKafka({ folder, ports: [Number(port)] });
			await expect(taken).rejects.toThrow(/ended \(exit code 1\)\n.*broker\.log:\n(?:.*\n)*.*Address already in use/);
			rmSync(folder, { recursive: true });
		});
	},
	{ needs: "own" },
);

describeKafka(
	"a broker with passwords",
	() => {
		const ann = { name: "ann", password: "of-ann" };
		const own = ownCluster({ security: "scram", users: [ann] });
		const as = (user: { name: string; password: string }, mechanism: "scram-sha-256" | "scram-sha-512"): Kafka =>
			kafkaClient({ brokers: own.cluster.brokers, access: { kind: "scram", mechanism, user } });

		it("lets its administrator do everything, and another user in but do nothing", async () => {
			await createTopic(own.client, { topic, copies: 1 });
			await send(own.client, "one");
			for (const mechanism of ["scram-sha-256", "scram-sha-512"] as const) {
				const refused = createTopic(as(ann, mechanism), { topic: `${topic}-of-ann`, copies: 1 });
				await expect(refused).rejects.toMatchObject({ errors: [{ type: "TOPIC_AUTHORIZATION_FAILED" }] });
				await expect(send(as(ann, mechanism), "two")).rejects.toThrow(/Not authorized/);
			}
		});

		it("refuses a wrong password, a stranger, and one who names nobody", async () => {
			await expect(endOf(as({ ...ann, password: "wrong" }, "scram-sha-512"))).rejects.toThrow(/authentication/i);
			await expect(endOf(as({ name: "bob", password: "b" }, "scram-sha-512"))).rejects.toThrow(/authentication/i);
			await expect(endOf(kafkaClient({ ...own.cluster, access: { kind: "plaintext" } }))).rejects.toThrow();
		});
	},
	{ needs: "own" },
);

describeKafka(
	"a broker with certificates",
	() => {
		const own = ownCluster({ security: "tls" });
		const with_ = (access: Access): Kafka => kafkaClient({ brokers: own.cluster.brokers, access });

		it("lets a client with its authority's certificate in, and refuses one without", async () => {
			const { access } = own.cluster;
			if (access.kind !== "tls") throw new Error(`the cluster hands out ${access.kind}`);
			await createTopic(own.client, { topic, copies: 1 });
			await send(own.client, "one");
			await expect(endOf(with_({ ...access, client: null }))).rejects.toThrow();
			await expect(endOf(with_({ kind: "plaintext" }))).rejects.toThrow();
			expect(await endOf(with_(access))).toBe(1);
		});
	},
	{ needs: "own" },
);

describeKafka(
	"three brokers",
	() => {
		const own = ownCluster({ nodes: 3 });

		it("choose another leader when one is killed, keep every record, and take it back", async () => {
			await createTopic(own.client, { topic, copies: 3 });
			await send(own.client, "before");
			const killed = await leaderOf(own.client);
			await own.cluster.nodes.find(({ id }) => id === killed)?.kill();
			await eventually(async () => expect(await leaderOf(own.client)).not.toBe(killed));
			await eventually(() => send(own.client, "after"));
			// Again and again: a client may begin with the dead one.
			await eventually(async () => expect(await endOf(own.client)).toBe(2));
			await own.cluster.nodes.find(({ id }) => id === killed)?.restart();
			await eventually(async () => expect((await partitionOf(own.client)).isr).toHaveLength(3));
		});

		it("take no record when only one of them is left to keep it", async () => {
			const [first, second] = own.cluster.nodes;
			expect(await settingOf(own.client, "min.insync.replicas")).toBe("2");
			await Promise.all([first?.kill(), second?.kill()]);
			await expect(send(own.client, "alone")).rejects.toThrow();
		});
	},
	{ needs: "own" },
);

/** A cluster for the tests of a suite. */
function ownCluster(options: Parameters<typeof startKafka>[0]): {
	readonly cluster: KafkaCluster;
	readonly client: Kafka;
} {
	const own: { cluster?: KafkaCluster } = {};
	const cluster = (): KafkaCluster => {
		if (own.cluster === undefined) throw new Error("the cluster is started before the tests");
		return own.cluster;
	};
	beforeAll(async () => {
		own.cluster = await startKafka(options);
	});
	afterAll(() => own.cluster?.stop());
	return {
		get cluster() {
			return cluster();
		},
		get client() {
			return kafkaClient(cluster());
		},
	};
}

async function createTopic(client: Kafka, of: { topic: string; copies: number }): Promise<void> {
	const admin = client.admin();
	try {
		await admin.connect();
		const created = { topic: of.topic, numPartitions: 1, replicationFactor: of.copies };
		await admin.createTopics({ topics: [created], waitForLeaders: true });
	} finally {
		await admin.disconnect();
	}
}

async function send(client: Kafka, value: string): Promise<void> {
	const producer = client.producer({ allowAutoTopicCreation: false });
	try {
		await producer.connect();
		await producer.send({ topic, acks: -1, messages: [{ value }] });
	} finally {
		await producer.disconnect();
	}
}

/** The next offset of the topic. */
async function endOf(client: Kafka): Promise<number> {
	const admin = client.admin();
	try {
		await admin.connect();
		const [partition] = await admin.fetchTopicOffsets(topic);
		return Number(partition?.high);
	} finally {
		await admin.disconnect();
	}
}

async function partitionOf(client: Kafka): Promise<{ readonly leader: number; readonly isr: readonly number[] }> {
	const admin = client.admin();
	try {
		await admin.connect();
		const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
		const partition = topics[0]?.partitions[0];
		if (partition === undefined) throw new Error(`${topic} has no partition`);
		return partition;
	} finally {
		await admin.disconnect();
	}
}

async function settingOf(client: Kafka, name: string): Promise<string | undefined> {
	const admin = client.admin();
	try {
		await admin.connect();
		const { resources } = await admin.describeConfigs({
			includeSynonyms: false,
			resources: [{ type: 2, name: topic, configNames: [name] }],
		});
		return resources[0]?.configEntries[0]?.configValue;
	} finally {
		await admin.disconnect();
	}
}

const leaderOf = async (client: Kafka): Promise<number> => (await partitionOf(client)).leader;

/** Tries again until it succeeds or a minute has passed. */
async function eventually(attempt: () => Promise<void>): Promise<void> {
	const deadline = Date.now() + WAIT_MS;
	for (;;) {
		try {
			await attempt();
			return;
		} catch (thrown) {
			if (Date.now() > deadline) throw thrown;
			await delay(200);
		}
	}
}
