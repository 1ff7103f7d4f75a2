import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TOPICS } from "../../../src/ports/log/log.ts";
import { randomOf, VirtualTime } from "../../simulation/virtual-time.ts";
import { LogWorld, startProcessor, TEST_POLICY } from "../../support/world.ts";

const EPOCH = 1_700_000_000_000;
let time: VirtualTime;

beforeEach(() => {
	time = new VirtualTime();
	time.install(randomOf(1));
});
afterEach(() => time.uninstall());

async function begin(brokerOff = 0): Promise<LogWorld> {
	const world = new LogWorld({ clock: { now: () => EPOCH + Math.floor(time.now) + brokerOff } });
	await world.policies(TEST_POLICY);
	await startProcessor(world, { clock: { now: () => EPOCH + Math.floor(time.now) } });
	await time.advance(100);
	return world;
}

const ticks = async (world: LogWorld): Promise<number> =>
	(await world.entries()).filter(({ kind }) => kind === "clock.ticked").length;

describe("ticks", () => {
	it("let a hold expire while nothing else happens, and its denial is sent", async () => {
		const world = await begin();
		await world.submit({ id: "a", tool: "pay.send" });
		await time.advance(299_000);
		expect((await world.replies()).map(({ verdict }) => verdict)).toEqual(["hold"]);
		expect(await ticks(world)).toBe(0);
		await time.advance(2_000);
		expect((await world.replies()).map(({ verdict }) => verdict)).toEqual(["hold", "deny"]);
		expect((await world.entries()).at(-1)).toMatchObject({ kind: "clock.ticked", effects: [{ kind: "hold.expired" }] });
	});

	it("let a reservation lapse at the call's deadline", async () => {
		const world = await begin();
		await world.submit({ id: "a" });
		await time.advance(121_000);
		expect((await world.entries()).at(-1)).toMatchObject({ effects: [{ kind: "reservation.expired" }] });
	});

	it("are not written while nothing waits for time", async () => {
		const world = await begin();
		await time.advance(3_600_000);
		expect((await world.log.bounds({ topic: TOPICS.control, partition: 0 })).end).toBe(1);
	});

	it("follow each other at once until everything due is an effect", async () => {
		const world = await begin();
		for (let at = 0; at < 100; at++) await world.submit({ id: `n-${at}` });
		await time.advance(120_500);
		expect(await ticks(world)).toBe(4);
		expect((await world.entries()).reduce((sum, { effects }) => sum + effects.length, 0)).toBe(100);
	});

	it("come at most each second while the broker's clock is behind", async () => {
		const world = await begin(-10_000);
		await world.submit({ id: "a" });
		await time.advance(120_000 + 15_000);
		const count = await ticks(world);
		expect(count).toBeGreaterThan(0);
		expect(count).toBeLessThanOrEqual(12);
		expect((await world.entries()).flatMap(({ effects }) => effects)).toMatchObject([{ kind: "reservation.expired" }]);
	});

	it("are not silenced by a processor's clock that was set back", async () => {
		let off = 0;
		const world = new LogWorld({ clock: { now: () => EPOCH + Math.floor(time.now) - 5_000 } });
		await world.policies(TEST_POLICY);
		await startProcessor(world, { clock: { now: () => EPOCH + Math.floor(time.now) + off } });
		await world.submit({ id: "a" });
		await time.advance(100);
		off = 200_000;
		await world.submit({ id: "b" });
		await time.advance(1_000);
		expect(await ticks(world)).toBeGreaterThan(0);
		off = 0;
		await time.advance(140_000);
		expect((await world.entries()).flatMap(({ effects }) => effects)).toHaveLength(1);
	});
});
