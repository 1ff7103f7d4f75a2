/** A partition whose inputs are gone goes on behind an operator's record, and with no other one. */
import { afterEach, describe, expect, it } from "vitest";
import type { InputTopic } from "../../../src/core/model/inputs.ts";
import { lossesOf } from "../../../src/operations/examine/input-findings.ts";
import { sendSkip } from "../../../src/operations/operators.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import { holed } from "../../../src/ports/log/problems.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { checkLog } from "../../support/checker.ts";
import { LogWorld, over, startProcessor, TEST_POLICY, until } from "../../support/world.ts";

const running: Processor[] = [];

afterEach(async () => {
	await Promise.all(running.splice(0).map((processor) => processor.drain()));
});

/** What an operator does who knows only what is said. */
async function skip(world: LogWorld, topic: InputTopic): Promise<void> {
	const [loss] = await lossesOf(world.log, world.layout, 0);
	if (loss?.topic !== topic || loss.until === null) throw new Error("nothing is said to be gone");
	const { from, until: to } = loss;
	await sendSkip(world.log, { by: "ops", now: 1, partition: 0, topic, from, until: to, reason: "retention" });
}

describe("a partition that stopped over missing inputs", () => {
	it("goes on with the first intent that is left", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		for (const id of ["a", "b", "c"]) await world.submit({ id });
		await world.log.admin().trim({ topic: TOPICS.intents, partition: 0 }, 2);
		const { processor, heard } = await startProcessor(world);
		running.push(processor);
		await until(() => heard.said("partition.failed").length >= 2);
		await skip(world, "intents");
		await until(() => processor.status().partitions[0]?.phase === "deciding");
		await world.consumed();
		expect((await world.entries()).map(({ kind }) => kind)).toEqual([
			"policy.activated",
			"inputs.skipped",
			"decision.made",
		]);
		expect((await world.replies()).map(({ call }) => call.id)).toEqual(["c"]);
		await processor.drain();
		expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);
	});

	it("starts again behind a hole in its intents that was passed over, before anything came behind it", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		for (const id of ["a", "b"]) await world.submit({ id });
		const inner = world.handle();
		// As Kafka reads a topic that was compacted: its log still begins before what is gone.
		const log = over(inner, {
			read: async (from, at, options) => {
				if (from.topic === TOPICS.intents && at < 2) throw holed(from, at, 2);
				return inner.read(from, at, options);
			},
		});
		const first = await startProcessor(world, { log });
		running.push(first.processor);
		await until(() => first.heard.said("partition.failed").length >= 2);
		const gone = { partition: 0, topic: TOPICS.intents, from: 0, until: 2 } as const;
		await sendSkip(world.log, { by: "ops", now: 1, ...gone, reason: "compacted" });
		await until(() => first.processor.status().partitions[0]?.phase === "deciding");
		await first.processor.drain();
		const again = await startProcessor(world, { log });
		running.push(again.processor);
		await until(() => again.processor.status().partitions[0]?.phase === "deciding");
		await world.submit({ id: "c" });
		await world.consumed();
		expect((await world.replies()).map(({ call }) => call.id)).toEqual(["c"]);
	});

	it("goes on with the first control record that is left, and reads the operator's record again in its turn", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await world.activate(world.digestOf(TEST_POLICY));
		await world.submit({ id: "a" });
		await world.log.admin().trim({ topic: TOPICS.control, partition: 0 }, 1);
		const { processor, heard } = await startProcessor(world);
		running.push(processor);
		await until(() => heard.said("partition.failed").length >= 2);
		await skip(world, "control");
		await until(() => processor.status().partitions[0]?.phase === "deciding");
		await world.consumed();
		const told = (await world.entries()).map(({ kind, cause }) => `${kind} ${cause.topic}/${cause.offset}`);
		expect(told).toEqual([
			"inputs.skipped control/2",
			"policy.activated control/1",
			"input.rejected control/2",
			"decision.made intents/0",
		]);
		await processor.drain();
		expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);
	});
});
