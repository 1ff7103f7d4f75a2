/** Kafka for test files: the run's one broker, a prefix of their own on it, and `describe` that knows when there is none. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, inject, it, vi } from "vitest";
import type { KafkaCluster } from "./cluster.ts";
import type { BrokersAnswer, Missing } from "./global-setup.ts";
import type { KafkaNeed } from "./source.ts";

/** Brokers start, elect and come back beside other test files on the same cores. */
const PATIENCE_MS = 90_000;
const missing = (await ask("missing")) as Missing;

let shared: Promise<KafkaCluster> | undefined;

/**
 * The run's single broker, started when the first test file asks. Others use it too: keep to topics and groups under a
 * `freshPrefix()`, and start a cluster of your own (`startKafka`) to break one. Its `stop` does nothing.
 */
export function sharedKafka(): Promise<KafkaCluster> {
	shared ??= askForBrokers();
	return shared;
}

/** A prefix for topics and groups that nobody else has, such as `t-1f0c9a52e7d4.`. */
export const freshPrefix = (): string => `t-${randomBytes(6).toString("hex")}.`;

/**
 * `describe` for suites on a real Kafka. Without one they are skipped, and the run says so once on stderr; with
 * ASSENT_REQUIRE_KAFKA=1 they fail. Suites that start brokers themselves need `own`. Hooks and tests get 90 s.
 */
export function describeKafka(name: string, suite: () => void, options: { readonly needs?: KafkaNeed } = {}): void {
	const need = options.needs ?? "any";
	const why = missing[need];
	vi.setConfig({ hookTimeout: PATIENCE_MS, testTimeout: PATIENCE_MS });
	if (why === null) {
		describe(name, suite);
	} else if (process.env["ASSENT_REQUIRE_KAFKA"] === "1") {
		describe(name, () => {
			it("has the Kafka that ASSENT_REQUIRE_KAFKA=1 asks for", () => {
				throw new Error(`there is no Kafka to run on: ${why}`);
			});
		});
	} else {
		writeFileSync(join(inject("kafkaFolder"), `skipped-${need}`), "");
		describe.skip(name, suite);
	}
}

async function askForBrokers(): Promise<KafkaCluster> {
	const answer = (await ask("brokers")) as BrokersAnswer;
	if ("failed" in answer) throw new Error(answer.failed);
	const { brokers } = answer;
	return {
		brokers,
		address: brokers.join(","),
		access: { kind: "plaintext" },
		nodes: [],
		doors: new Map(),
		stop: () => Promise.resolve(),
	};
}

async function ask(question: "missing" | "brokers"): Promise<unknown> {
	const socket = connect(join(inject("kafkaFolder"), "ask"));
	socket.write(`${question}\n`);
	return JSON.parse(await text(socket));
}
