/**
 * One broker for all test files of a run, started when the first of them asks and stopped when the run ends.
 *
 * Test files run in processes of their own, so the process of the run answers them at a socket. Each sends one question,
 * a line, and gets one answer, a line of JSON. A run whose files never ask starts nothing.
 */
import { existsSync, mkdtempSync, rmSync, writeSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";
import { type KafkaCluster, startKafka } from "./cluster.ts";
import { foreignKafka, type KafkaNeed, kafkaSource, whyNoKafka } from "./source.ts";

/** The answer to `missing`: per need what is not there, or null. */
export type Missing = Readonly<Record<KafkaNeed, string | null>>;

/** The answer to `brokers`. */
export type BrokersAnswer = { readonly brokers: readonly string[] } | { readonly failed: string };

declare module "vitest" {
	interface ProvidedContext {
		/** Folder with the socket `ask`, and with a file `skipped-NEED` once suites were skipped for it. */
		kafkaFolder: string;
	}
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
	const folder = mkdtempSync(join(tmpdir(), "assent-run-"));
	let missing: Missing | undefined;
	let cluster: Promise<KafkaCluster> | undefined;

	async function answer(question: string): Promise<Missing | BrokersAnswer> {
		if (question === "missing") {
			missing ??= { any: whyNoKafka("any"), own: whyNoKafka("own") };
			return missing;
		}
		cluster ??= startFrom();
		return cluster.then(
			({ brokers }) => ({ brokers }),
			(thrown: unknown) => ({ failed: String(thrown) }),
		);
	}

	const server = createServer((socket) => serve(socket, answer));
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject).listen(join(folder, "ask"), resolve);
	});
	project.provide("kafkaFolder", folder);

	return async () => {
		server.close();
		const started = await cluster?.catch(() => undefined);
		await started?.stop();
		// What misses any broker misses its own too: one line says both.
		const skipped = (["any", "own"] as const).find((need) => existsSync(join(folder, `skipped-${need}`)));
		if (skipped !== undefined) {
			const what = skipped === "any" ? "tests on a real Kafka" : "tests that start their own Kafka brokers";
			writeSync(
				2,
				`\n!!! SKIPPED: ${what}. To run them, ${missing?.[skipped]}. ASSENT_REQUIRE_KAFKA=1 fails instead.\n`,
			);
		}
		rmSync(folder, { recursive: true, force: true });
	};
}

async function startFrom(): Promise<KafkaCluster> {
	const source = kafkaSource();
	if (source === null) throw new Error(`there is no Kafka to run on: ${whyNoKafka("any")}`);
	return source === "maven" ? startKafka() : foreignKafka(source);
}

function serve(socket: Socket, answer: (question: string) => Promise<Missing | BrokersAnswer>): void {
	// A test file that is stopped while it waits takes its end of the socket with it.
	socket.on("error", () => socket.destroy());
	createInterface({ input: socket }).once("line", (question) => {
		answer(question).then(
			(found) => socket.end(`${JSON.stringify(found)}\n`),
			() => socket.destroy(),
		);
	});
}
