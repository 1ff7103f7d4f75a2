/** What is gone of the inputs before it was decided is said wherever an operator looks. */
import { describe, expect, it } from "vitest";
import { inputFindings } from "../../../../src/operations/examine/input-findings.ts";
import { checkPartition } from "../../../../src/operations/examine/ledger-check.ts";
import { systemClock } from "../../../../src/ports/clock.ts";
import { type Log, TOPICS } from "../../../../src/ports/log/log.ts";
import { LogWorld, over, startProcessor, TEST_POLICY } from "../../../support/world.ts";

const INTENTS = { topic: TOPICS.intents, partition: 0 };

/** A ledger that has consumed three intents, and nobody who decides on. */
async function decided(): Promise<LogWorld> {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	for (const id of ["a", "b", "c"]) await world.submit({ id });
	const { processor } = await startProcessor(world);
	await world.consumed();
	await processor.drain();
	return world;
}

const looked = async (world: LogWorld, log: Log = world.log) => {
	const { lag, losses } = await checkPartition(log, world.layout, 0, { now: systemClock.now() });
	return { lag, losses, findings: await inputFindings(log, world.layout) };
};

describe("inputs that were not decided", () => {
	it("are counted, and no finding", async () => {
		const world = await decided();
		expect(await looked(world)).toEqual({ lag: 0, losses: [], findings: [] });
		await world.submit({ id: "d" });
		expect(await looked(world)).toEqual({ lag: 1, losses: [], findings: [] });
	});

	it("and are gone are a loss", async () => {
		const world = await decided();
		for (const id of ["d", "e", "f"]) await world.submit({ id });
		await world.log.admin().trim(INTENTS, 5);
		expect(await looked(world)).toMatchObject({
			lag: 0,
			losses: [{ topic: "intents", from: 3, until: 5, problem: { code: "ASSENT_LOG_OFFSET_GONE" } }],
			findings: [{ level: "error", subject: "inputs", message: expect.stringContaining("`intents/0`") }],
		});
	});

	it("and were on a topic that was recreated since are said, not taken for consumed", async () => {
		const world = await decided();
		const other = new LogWorld();
		await other.submit({ id: "d" });
		// As if `intents` alone had been deleted and made again.
		const log = over(world.log, {
			bounds: (of) => (of.topic === TOPICS.intents ? other.log : world.log).bounds(of),
			read: (from, ...more) => (from.topic === TOPICS.intents ? other.log : world.log).read(from, ...more),
		});
		expect(await looked(world, log)).toMatchObject({
			lag: 0,
			losses: [{ topic: "intents", from: 3, until: null, problem: { code: "ASSENT_LOG_REWOUND" } }],
			findings: [{ level: "error", subject: "inputs", message: expect.stringContaining("ends at offset 1, before 3") }],
		});
	});
});
