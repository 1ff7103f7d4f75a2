/**
 * The load of a pass-through, in a process of its own: 500-byte records to the input topic in an open loop, and a reader of
 * the output topic that knows its records by a header.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "kafkajs";
import { partitionOf } from "../../src/core/base/murmur2.ts";
import { ask, received, tell } from "./child.ts";
import { openKafka, openProducer, WAITING } from "./client.ts";
import { type Latency, type Load, OpenLoop } from "./schedule.ts";

export interface LoadOptions extends Load {
	readonly brokers: readonly string[];
	readonly input: string;
	readonly output: string;
	readonly partitions: number;
}

/** Names a request; whoever passes a record on keeps its headers. */
export const ID_HEADER = "bench-id";
/** Asked until every partition answers; a late second answer must not be taken for one of the load. */
const PING = "ping-";
const VALUE_BYTES = 500;
const KEYS = 500;
/** How long a peer may take until it answers in every partition. */
const READY_MS = 60_000;

/** Runs the load in another process. `onBegun` is called when what is counted begins. */
export const measureLoad = (of: LoadOptions, onBegun: () => void): Promise<Latency> =>
	ask<Latency>(import.meta.filename, of, onBegun);

async function load(of: LoadOptions): Promise<Latency> {
	const kafka = openKafka(of.brokers);
	const producer = await openProducer(kafka);
	const consumer = kafka.consumer({ groupId: `bench-load-${randomUUID()}`, ...WAITING });
	await consumer.connect();
	await consumer.subscribe({ topic: of.output, fromBeginning: false });

	const loop = new OpenLoop(of);
	const unanswered = new Set(Array.from({ length: of.partitions }, (_, partition) => `${PING}${partition}`));
	await consumer.run({
		autoCommit: false,
		eachBatch: async ({ batch }) => {
			for (const { headers } of batch.messages) {
				const id = String(headers?.[ID_HEADER]);
				if (id.startsWith(PING)) unanswered.delete(id);
				else loop.answered(Number(id));
			}
		},
	});
	const value = Buffer.alloc(VALUE_BYTES, 7);
	const messageOf = (id: string, key: string, partition: number): Message => ({
		key,
		value,
		partition,
		headers: { [ID_HEADER]: id },
	});
	const send = (messages: Message[]): void => {
		producer.sendBatch({ acks: -1, topicMessages: [{ topic: of.input, messages }] }).catch((thrown: unknown) => {
			process.stderr.write(`a batch could not be sent: ${String(thrown)}\n`);
			process.exit(1);
		});
	};

	const readyBy = performance.now() + READY_MS;
	while (unanswered.size > 0) {
		if (performance.now() > readyBy) throw new Error(`no answer in ${unanswered.size} partitions`);
		send([...unanswered].map((id) => messageOf(id, id, Number(id.slice(PING.length)))));
		await sleep(250);
	}
	const latency = await loop.run(
		(indexes) =>
			send(
				indexes.map((index) => {
					const key = `agent-${index % KEYS}`;
					return messageOf(String(index), key, partitionOf(key, of.partitions));
				}),
			),
		() => tell({ begun: true }),
	);
	await Promise.all([producer.disconnect(), consumer.disconnect()]);
	return latency;
}

if (import.meta.main) tell({ answer: await load(received<LoadOptions>()) });
