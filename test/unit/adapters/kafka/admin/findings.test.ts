import { describe, expect, it } from "vitest";
import { topicFindings } from "../../../../../src/adapters/kafka/admin/findings.ts";

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
			expect(found(topic, settings)).toEqual(["ok: 1 partitions, kept 3 times"]);
	});
});
