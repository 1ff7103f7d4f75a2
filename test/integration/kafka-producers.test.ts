/** Inputs from Kafka's own producer, in Java: every codec, and transactions that are committed, given up and left open. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { decodeEntry } from "../../src/core/codec/decode.ts";
import { encodeInput } from "../../src/core/codec/encode.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { checkLog } from "../support/checker.ts";
import { scratchFolder } from "../support/cli.ts";
import { intentOf } from "../support/engine-world.ts";
import { Deployment, WHO } from "../support/kafka/deployment.ts";
import { runJava } from "../support/kafka/installation.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { recompute } from "../support/recompute.ts";
import { until } from "../support/world.ts";

/** The broker looks for transactions whose time is over every ten seconds. */
const WAIT_MS = 60_000;
vi.setConfig({ testTimeout: 120_000 });

const deployments: Deployment[] = [];

afterEach(async () => {
	await Promise.all(deployments.splice(0).map((each) => each.close()));
});

type How = "none" | "gzip" | "snappy" | "lz4" | "zstd" | "commit" | "abort" | "open";

interface Batch {
	readonly how: How;
	readonly partition: number;
	/** Ids of intents of an agent of `of`, which is the partition unless said. */
	readonly ids: readonly string[];
	readonly of?: number;
}

/** Runs the producer, in Java: what it sends for each batch lies in one. */
async function produce(on: Deployment, batches: readonly Batch[]): Promise<void> {
	const lines = batches.map(({ how, partition, ids, of = partition }) => {
		const values = ids.map((id) => {
			const args = { text: `${id} says the same thing again and again. `.repeat(40) };
			const intent = intentOf({ ...WHO, agent: on.agentOf(of), id, args, issuedAt: Date.now() });
			return Buffer.from(encodeInput(intent)).toString("base64");
		});
		return [how, partition, ...values].join(" ");
	});
	const file = join(scratchFolder(), "batches.txt");
	writeFileSync(file, `${lines.join("\n")}\n`);
	await runJava(join(import.meta.dirname, "Producers.java"), [on.broker, on.prefix + TOPICS.intents, file]);
}

const idsOf = (name: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${name}-${at}`);

/** Ids and verdicts of a ledger's decisions, and the codes of what was rejected. */
async function toldOf(on: Deployment, partition: number): Promise<string[]> {
	const read = (await on.records(TOPICS.decisions, partition)).map(({ value }) => decodeEntry(value));
	return read.flatMap((each): string[] => {
		if (!each.ok) return [];
		const { value: entry } = each;
		if (entry.kind === "decision.made") return [`${entry.call.id} ${entry.verdict}`];
		return entry.kind === "input.rejected" ? [`${entry.call.id} ${entry.code}`] : [];
	});
}

const allowed = (ids: readonly string[]): string[] => ids.map((id) => `${id} allow`);

describeKafka(
	"Kafka's own producer",
	() => {
		it("is decided whatever it packs with, in transactions once they are committed, and stops no partition", async () => {
			const on = await Deployment.make();
			deployments.push(on);
			await on.settings(TOPICS.intents, { "compression.type": "producer" });
			const running = await on.startProcessor();
			const codecs = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
			await produce(on, [
				...codecs.map((how): Batch => ({ how, partition: 0, ids: idsOf(how, 60) })),
				{ how: "commit", partition: 1, ids: idsOf("kept", 5) },
				{ how: "abort", partition: 1, ids: idsOf("given-up", 5) },
				{ how: "commit", partition: 1, ids: idsOf("kept-too", 5) },
				{ how: "snappy", partition: 1, ids: ["astray"], of: 0 },
				{ how: "open", partition: 2, ids: idsOf("left-open", 5) },
				{ how: "zstd", partition: 2, ids: idsOf("behind", 5) },
			]);
			await on.consumedUpTo(running, 0, { intents: 300 });
			expect(await toldOf(on, 0)).toEqual(allowed(codecs.flatMap((codec) => idsOf(codec, 60))));
			await until(async () => (await toldOf(on, 1)).length === 11, "what was committed", WAIT_MS);
			const kept = [...idsOf("kept", 5), ...idsOf("kept-too", 5)];
			expect(await toldOf(on, 1)).toEqual([...allowed(kept), "astray intent.misrouted"]);
			// Nobody ends it, so the broker does when its time is over; what lies behind it waits for that, and no longer.
			await until(async () => (await toldOf(on, 2)).length === 5, "the inputs behind an open transaction", WAIT_MS);
			expect(await toldOf(on, 2)).toEqual(allowed(idsOf("behind", 5)));
			for (const partition of on.partitions) expect(await on.decide(partition)).toMatchObject({ verdict: "allow" });
			expect((await running.processor.lag()).map(({ records }) => records)).toEqual([0, 0, 0, 0, 0, 0]);
			expect(running.heard.said("partition.failed")).toEqual([]);
			await running.processor.drain();
			expect((await checkLog(on.log, { layout: on.layout })).findings).toEqual([]);
			expect((await recompute(on.log, on.layout)).firstDifference).toBeNull();
		});
	},
	// Java, and Kafka's classes.
	{ needs: "own" },
);
