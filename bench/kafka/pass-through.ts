/**
 * The bare peer: kafkajs reads, counts by key, and passes records on with their headers, at least once. It is what any
 * answer over Kafka costs with this client.
 */
import type { Message } from "kafkajs";
import { type Running, received, startFile } from "./child.ts";
import { openKafka, openProducer, WAITING } from "./client.ts";

export interface PassThroughOptions {
	readonly brokers: readonly string[];
	readonly group: string;
	readonly input: string;
	readonly output: string;
	readonly partitions: number;
}

export const startPassThrough = (of: PassThroughOptions): Running => startFile(import.meta.filename, of);

async function passThrough(of: PassThroughOptions): Promise<void> {
	const kafka = openKafka(of.brokers);
	const producer = await openProducer(kafka);
	const consumer = kafka.consumer({ groupId: of.group, ...WAITING });
	await consumer.connect();
	await consumer.subscribe({ topic: of.input, fromBeginning: true });
	const counts = new Map<string, number>();
	const waiting: Message[] = [];
	let sending: Promise<unknown> | null = null;
	let next: Promise<unknown> | null = null;
	/** Joins what the other partitions of the fetch have to send: one request for all of them. */
	const send = (messages: readonly Message[]): Promise<unknown> => {
		waiting.push(...messages);
		next ??= (sending ?? Promise.resolve()).then(() => {
			sending = next;
			next = null;
			const topicMessages = [{ topic: of.output, messages: waiting.splice(0) }];
			return producer.sendBatch({ acks: -1, topicMessages }).catch(() => process.exit(1));
		});
		return next;
	};
	await consumer.run({
		partitionsConsumedConcurrently: of.partitions,
		// Left on, kafkajs commits after every batch of every partition.
		autoCommit: false,
		autoCommitInterval: 1_000,
		eachBatch: async ({ batch, commitOffsetsIfNecessary }) => {
			await send(
				batch.messages.map(({ key, value, headers = {} }) => {
					const name = String(key);
					counts.set(name, (counts.get(name) ?? 0) + 1);
					return { key, value, headers, partition: batch.partition };
				}),
			);
			await commitOffsetsIfNecessary();
		},
	});
}

if (import.meta.main) await passThrough(received<PassThroughOptions>());
