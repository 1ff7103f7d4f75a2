/** The pass-throughs that Assent is measured against, each a process that reads one topic and writes another. */
import { join } from "node:path";
import type { Running } from "./child.ts";
import { startPassThrough } from "./pass-through.ts";
import { type StreamsOptions, type StreamsSettings, startStreams } from "./streams.ts";

/** Where a peer runs: topics and folder of its own. */
export interface Place {
	readonly brokers: readonly string[];
	/** Begins the names of its topics, its group and its application. */
	readonly run: string;
	readonly partitions: number;
	readonly folder: string;
}

export interface Peer {
	readonly name: string;
	/** Records that it writes for each that it reads, without those that keep its state. */
	readonly written: 1 | 2;
	start(at: Place): Running;
}

export const inputOf = ({ run }: Place): string => `${run}.in`;
export const outputOf = ({ run }: Place): string => `${run}.out`;
export const ledgerOf = ({ run }: Place): string => `${run}.ledger`;

const AS_SHIPPED: StreamsSettings = { guarantee: "exactly_once_v2" };

const streams = (
	name: string,
	settings: StreamsSettings,
	more?: (at: Place) => Required<Pick<StreamsOptions, "outBytes" | "ledger">>,
): Peer => ({
	name,
	written: more === undefined ? 1 : 2,
	start: (at) =>
		startStreams({
			...settings,
			...more?.(at),
			brokers: at.brokers,
			application: at.run,
			stateFolder: join(at.folder, at.run),
			input: inputOf(at),
			output: outputOf(at),
		}),
});

const kafkajs: Peer = {
	name: "kafkajs pass-through, at least once",
	written: 1,
	start: (at) =>
		startPassThrough({
			brokers: at.brokers,
			group: at.run,
			input: inputOf(at),
			output: outputOf(at),
			partitions: at.partitions,
		}),
};

/** Their names, where figures are compared. */
export const EOS_AS_SHIPPED = "Kafka Streams exactly_once_v2 as shipped";
export const EOS_EQUAL = "Kafka Streams exactly_once_v2, equal records and bytes";
export const BARE = kafkajs.name;

/** Request and reply. */
export const LATENCY_PEERS: readonly Peer[] = [
	streams(EOS_AS_SHIPPED, AS_SHIPPED),
	streams("Kafka Streams exactly_once_v2, commit 5 ms, linger 0", { ...AS_SHIPPED, commitMs: 5, lingerMs: 0 }),
	streams("Kafka Streams at_least_once, linger 0", { guarantee: "at_least_once", lingerMs: 0 }),
	kafkajs,
];

/** What is queued gets done; Streams' own linger is best for it. `bytes` are those of Assent's two records. */
export const drainPeers = (bytes: { readonly entry: number; readonly reply: number }): readonly Peer[] => [
	streams(`${EOS_AS_SHIPPED}, one record`, AS_SHIPPED),
	streams(EOS_EQUAL, AS_SHIPPED, (at) => ({
		outBytes: bytes.reply,
		ledger: { topic: ledgerOf(at), bytes: bytes.entry },
	})),
	streams("Kafka Streams at_least_once as shipped, one record", { guarantee: "at_least_once" }),
	kafkajs,
];
