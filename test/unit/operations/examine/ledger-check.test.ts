import { describe, expect, it } from "vitest";
import { HOUR, MINUTE } from "../../../../src/core/model/units.ts";
import { checkPartition } from "../../../../src/operations/examine/ledger-check.ts";
import { LogWorld, startProcessor, TEST_POLICY } from "../../../support/world.ts";

describe("a partition, looked at", () => {
	it("whose log's own time has run ahead of the clock says by how much", async () => {
		let now = Date.now();
		const world = new LogWorld({ clock: { now: () => now } });
		await world.policies(TEST_POLICY);
		const { processor } = await startProcessor(world);
		await world.submit({ id: "a" });
		await world.consumed();
		const well = await checkPartition(world.log, world.layout, 0, { now: now - 5 * MINUTE });
		expect(well.aheadMs).toBe(0);
		now += 26 * HOUR;
		await world.submit({ id: "b" });
		await world.consumed();
		now -= 26 * HOUR;
		await world.submit({ id: "c" });
		await world.consumed();
		await processor.drain();
		expect((await checkPartition(world.log, world.layout, 0, { now })).aheadMs).toBe(26 * HOUR);
		// What is new is decided all the same.
		const decided = (await world.entries()).flatMap((entry) =>
			entry.kind === "decision.made" ? [`${entry.call.id} ${entry.verdict}`] : [],
		);
		expect(decided).toEqual(["a allow", "b allow", "c allow"]);
	});
});
