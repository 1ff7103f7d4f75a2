import { describe, expect, it } from "vitest";
import { saidOnce, topicFindings } from "../../../../../src/adapters/kafka/admin/findings.ts";

const found = (topic: string, settings: Readonly<Record<string, string>>): string[] =>
	topicFindings(
		{ topic, partitions: [{ replicas: 3, inSync: 3 }], settings: new Map(Object.entries(settings)) },
		`desk.${topic}`,
		"a:9092",
	).map(({ level, message, help }) => `${level}: ${message}${help === "" ? "" : ` | ${help}`}`);

const MEND = "kafka-configs.sh --bootstrap-server a:9092 --alter --topic desk";

describe("how a topic on Kafka is cleaned up", () => {
	it("is told with the command that fixes it where records that are derived would be lost, or pile up", () => {
		expect(found("snapshots", { "cleanup.policy": "delete", "retention.ms": "-1" })).toEqual([
			`warning: is cleaned up by \`keep\`, it should be \`compact\` | ${MEND}.snapshots --add-config cleanup.policy=compact`,
		]);
		expect(found("violations", { "cleanup.policy": "delete", "retention.ms": "1000" })).toEqual([
			`warning: is cleaned up by \`delete\`, it should be \`keep\` | ${MEND}.violations --add-config cleanup.policy=delete,retention.ms=-1`,
		]);
	});

	it("is no finding where it is as it should be, nor for replies, which may go", () => {
		for (const [topic, settings] of [
			["snapshots", { "cleanup.policy": "compact" }],
			["violations", { "cleanup.policy": "delete", "retention.ms": "-1" }],
			["replies", { "cleanup.policy": "delete", "retention.ms": "3600000" }],
			["replies.desk", { "cleanup.policy": "delete", "retention.ms": "3600000" }],
		] as const)
			expect(found(topic, settings)).toEqual(["ok: 1 partition, kept 3 times"]);
	});
});

describe("what is said of several topics", () => {
	const kept = (topic: string, replicas: number) =>
		topicFindings({ topic, partitions: [{ replicas, inSync: replicas }], settings: new Map() }, topic, "a:9092");

	it("is said once where the words are the same, and for itself where they are not", () => {
		const said = saidOnce([
			...kept("violations", 1),
			...kept("checkpoints", 3),
			...kept("policies", 1),
			...kept("replies", 2),
		]).map(({ level, subject, message }) => `${level} ${subject}: ${message}`);
		expect(said).toEqual([
			"warning topics: violations, policies: each is kept once: the loss of a disk can lose records",
			"ok topic checkpoints: 1 partition, kept 3 times",
			expect.stringMatching(/^warning topic policies: is cleaned up by/),
			"warning topic replies: is kept twice: the loss of a disk can lose records",
		]);
	});
});
