/** Appends, over brokers that a script plays: where they go when the leader moves, and what is said of those without an answer. */
import { beforeEach, describe, expect, it } from "vitest";
import { Appender } from "../../../src/adapters/kafka/appender.ts";
import type { ProducedBatch } from "../../../src/adapters/kafka/produce-request.ts";
import { Topology } from "../../../src/adapters/kafka/topology.ts";
import type { Wire } from "../../../src/adapters/kafka/wire.ts";
import type { OutRecord } from "../../../src/ports/log.ts";

const NOT_LEADER = 6;
const PARTITIONS = 2;

/** Brokers with one topic, `t.in`; they refuse what they do not lead. */
class ScriptedBrokers {
	leaders: number[] = new Array(PARTITIONS).fill(1);
	readonly metadataAsked: number[] = [];
	readonly produced: string[] = [];

	readonly wire = {
		connected: (_: string, node: number) => ({ node }),
		broker: async (_: string, node: number) => ({ node }),
		metadata: async () => {
			this.metadataAsked.push(this.metadataAsked.length);
			const partitionMetadata = this.leaders.map((leader, partitionId) => ({
				...{ partitionErrorCode: 0, partitionId, leader },
			}));
			return { topicMetadata: [{ topicErrorCode: 0, topic: "t.in", partitionMetadata }] };
		},
		produce: async ({ node }: { node: number }, _: unknown, batches: readonly ProducedBatch[]) => ({
			partitions: batches.map(({ topic, partition }) => {
				this.produced.push(`${partition}@${node}`);
				const isLed = this.leaders[partition] === node;
				return { topic, partition, errorCode: isLed ? 0 : NOT_LEADER, base: isLed ? 7 : -1, appendTime: 1 };
			}),
		}),
	} as unknown as Wire;
}

const record: OutRecord = { key: null, value: new Uint8Array(1), headers: {} };
const to = (partition: number) => ({ topic: "in", partition });

let brokers: ScriptedBrokers;
let appender: Appender;

beforeEach(() => {
	brokers = new ScriptedBrokers();
	const { wire } = brokers;
	appender = new Appender({ wire, topology: new Topology(wire, "t."), timeoutMs: 1_000 });
});

describe("a leader that moved while its old broker lives", () => {
	it("is asked from the append after the one that was refused, though nobody reads the topic", async () => {
		expect(await appender.append(to(0), [record], undefined)).toMatchObject({ kind: "appended" });
		brokers.leaders = [2, 1];
		expect(await appender.append(to(0), [record], undefined)).toMatchObject({ kind: "unknown" });
		expect(await appender.append(to(0), [record], undefined)).toMatchObject({ kind: "appended", base: 7 });
		expect(brokers.produced).toEqual(["0@1", "0@1", "0@2"]);
	});

	it("makes nobody ask anew who leads the other partitions", async () => {
		await Promise.all([0, 1].map((partition) => appender.append(to(partition), [record], undefined)));
		brokers.leaders = [2, 1];
		await appender.append(to(0), [record], undefined);
		const asked = brokers.metadataAsked.length;
		expect(await appender.append(to(1), [record], undefined)).toMatchObject({ kind: "appended" });
		expect(brokers.metadataAsked).toHaveLength(asked);
	});
});
