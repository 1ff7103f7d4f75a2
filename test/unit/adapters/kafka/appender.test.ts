/** Appends, over brokers that a script plays: where they go when the leader moves, and what is said of those without an answer. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Appender } from "../../../../src/adapters/kafka/appender.ts";
import { MISSING_MS, Topology } from "../../../../src/adapters/kafka/network/topology.ts";
import type { Wire } from "../../../../src/adapters/kafka/network/wire.ts";
import type { ProducedBatch } from "../../../../src/adapters/kafka/protocol/produce-request.ts";
import type { OutRecord } from "../../../../src/ports/log/log.ts";

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

	it("makes nobody ask again who leads the other partitions", async () => {
		await Promise.all([0, 1].map((partition) => appender.append(to(partition), [record], undefined)));
		brokers.leaders = [2, 1];
		await appender.append(to(0), [record], undefined);
		const asked = brokers.metadataAsked.length;
		expect(await appender.append(to(1), [record], undefined)).toMatchObject({ kind: "appended" });
		expect(brokers.metadataAsked).toHaveLength(asked);
	});
});

describe("a reply topic that does not exist", () => {
	const asked: string[] = [];
	const made = new Set<string>();
	let topology: Topology;

	beforeEach(() => {
		vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout", "setImmediate"] });
		asked.length = 0;
		made.clear();
		const wire = {
			...brokers.wire,
			metadata: async ([topic = ""]: readonly string[]) => {
				asked.push(topic);
				const partitionMetadata = [{ partitionErrorCode: 0, partitionId: 0, leader: 1 }];
				const isThere = made.has(topic);
				return {
					topicMetadata: [
						{ topicErrorCode: isThere ? 0 : 3, topic, partitionMetadata: isThere ? partitionMetadata : [] },
					],
				};
			},
			produce: async (_: unknown, __: unknown, batches: readonly ProducedBatch[]) => ({
				partitions: batches.map(({ topic, partition }) => ({ topic, partition, errorCode: 0, base: 7, appendTime: 1 })),
			}),
		} as unknown as Wire;
		topology = new Topology(wire, "t.");
		appender = new Appender({ wire, topology, timeoutMs: 1_000 });
	});

	afterEach(() => {
		vi.useRealTimers();
	});

	async function append(topic: string): Promise<string> {
		const answer = appender.append({ topic, partition: 0 }, [record], undefined).then(
			({ kind }) => kind,
			(thrown: { code: string }) => thrown.code,
		);
		await vi.advanceTimersByTimeAsync(300);
		return answer;
	}

	it("is remembered for a while as missing, so that the next append to it asks nobody", async () => {
		expect(await append("replies.none")).toBe("ASSENT_LOG_TOPIC");
		const looks = asked.length;
		for (let at = 0; at < 10; at++) expect(await append("replies.none")).toBe("ASSENT_LOG_TOPIC");
		expect(asked).toHaveLength(looks);
		made.add("t.replies.none");
		await vi.advanceTimersByTimeAsync(MISSING_MS);
		expect(await append("replies.none")).toBe("appended");
	});

	it("is asked for again once this process has made it", async () => {
		expect(await append("replies.none")).toBe("ASSENT_LOG_TOPIC");
		made.add("t.replies.none");
		topology.forget("replies.none");
		expect(await append("replies.none")).toBe("appended");
	});

	it("is remembered up to a number of names, of which the oldest goes", async () => {
		expect(await append("replies.first")).toBe("ASSENT_LOG_TOPIC");
		const others = Array.from({ length: 1_000 }, (_, partition) => ({ topic: `replies.n-${partition}`, partition: 0 }));
		const tried = others.map((other) => expect(appender.append(other, [record], undefined)).rejects.toThrow());
		await vi.advanceTimersByTimeAsync(300);
		await Promise.all(tried);
		const looks = asked.length;
		expect(await append("replies.n-999")).toBe("ASSENT_LOG_TOPIC");
		expect(asked).toHaveLength(looks);
		expect(await append("replies.first")).toBe("ASSENT_LOG_TOPIC");
		expect(asked.length).toBeGreaterThan(looks);
	});

	it("is no reason to look less often for a topic that nobody who asks can name", async () => {
		expect(await append("violations")).toBe("ASSENT_LOG_TOPIC");
		made.add("t.violations");
		expect(await append("violations")).toBe("appended");
	});

	it("leaves nothing behind in the appender, and neither does one that was written to", async () => {
		made.add("t.replies.desk");
		for (let at = 0; at < 50; at++) await append(`replies.n-${at}`);
		expect(await append("replies.desk")).toBe("appended");
		expect(appender.lanes).toBe(0);
	});
});
