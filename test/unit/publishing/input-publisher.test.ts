import { describe, expect, it } from "vitest";
import type { InputRecord } from "../../../src/core/model/inputs.ts";
import { partitionFor } from "../../../src/core/model/layout.ts";
import type { Log } from "../../../src/ports/log/log.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import { InputPublisher } from "../../../src/publishing/input-publisher.ts";
import { intentOf } from "../../support/engine-world.ts";
import { LogWorld, over } from "../../support/world.ts";

const of = (id: string) => ({ id, now: 1_700_000_000_000, key: "acme/coder" });

const record = (id: string, text = ""): InputRecord => intentOf({ id, args: { text }, issuedAt: 1_700_000_000_000 });

function counting(log: Log): { log: Log; sizes: number[] } {
	const sizes: number[] = [];
	return {
		sizes,
		log: over(log, {
			append: (to, records, options) => {
				sizes.push(records.length);
				return log.append(to, records, options);
			},
		}),
	};
}

describe("the publisher", () => {
	it("sends what comes within one turn as one append for each partition, in order", async () => {
		const world = new LogWorld();
		const { log, sizes } = counting(world.log);
		const publisher = new InputPublisher(log, "test");
		const published = await Promise.all(
			["a", "b", "c"].map((id) => publisher.publish("intents", 0, record(id), of(id))),
		);
		expect(published.map(({ offset }) => offset)).toEqual([0, 1, 2]);
		expect(sizes).toEqual([3]);
	});

	it("cuts appends at 500 records and at 900 KB, and keeps the order", async () => {
		const world = new LogWorld();
		const { log, sizes } = counting(world.log);
		const publisher = new InputPublisher(log, "test");
		const ids = Array.from({ length: 1_100 }, (_, at) => `n-${at}`);
		const offsets = await Promise.all(ids.map((id) => publisher.publish("intents", 0, record(id), of(id))));
		expect(offsets.map(({ offset }) => offset)).toEqual(ids.map((_, at) => at));
		expect(sizes.splice(0)).toEqual([500, 500, 100]);
		const large = ["x", "y", "z"].map((id) => publisher.publish("intents", 0, record(id, id.repeat(400_000)), of(id)));
		await Promise.all(large);
		expect(sizes).toEqual([2, 1]);
	});

	it("says of each record whether it was published", async () => {
		const world = new LogWorld();
		const log = world.handle({ faults: ({ topic }) => (topic === TOPICS.intents ? { kind: "lost" } : null) });
		const publisher = new InputPublisher(log, "test");
		await expect(publisher.publish("intents", 0, record("a"), of("a"))).rejects.toMatchObject({
			code: "ASSENT_LOG_UNAVAILABLE",
		});
		const tick: InputRecord = { type: "clock.ticked", id: "t", issuedBy: "ops", issuedAt: 1 };
		expect(await publisher.publish("control", 0, tick, of("t"))).toEqual({ partition: 0, offset: 0 });
		await expect(publisher.publish("intents", 7, record("a"), of("a"))).rejects.toMatchObject({
			code: "ASSENT_LOG_UNAVAILABLE",
		});
	});

	it("finds the same partition for the same budget root, whatever the session", () => {
		const layout = { partitions: 12, budgetRoot: "tenant/agent", dedupeMs: 1, sessionMs: 1 } as const;
		const at = (session: string): number => partitionFor(layout, { tenant: "acme", agent: "coder", session });
		expect(at("a")).toBe(at("b"));
		const bySession = { ...layout, budgetRoot: "tenant/agent/session" } as const;
		const spread = new Set(
			Array.from({ length: 50 }, (_, each) =>
				partitionFor(bySession, { tenant: "acme", agent: "coder", session: `${each}` }),
			),
		);
		expect(spread.size).toBeGreaterThan(5);
	});
});
