import { describe, expect, it } from "vitest";
import { identify } from "../../../src/core/codec/decode.ts";
import type { IntentSubmitted, OutcomeReported } from "../../../src/core/model/inputs.ts";
import { partitionFor } from "../../../src/core/model/layout.ts";
import { type Log, TOPICS } from "../../../src/ports/log/log.ts";
import { InputPublisher } from "../../../src/publishing/input-publisher.ts";
import { intentOf } from "../../support/engine-world.ts";
import { LogWorld, over, TEST_LAYOUT } from "../../support/world.ts";

const NOW = 1_700_000_000_000;
const clock = { now: () => NOW };

const record = (id: string, text = ""): IntentSubmitted => intentOf({ id, args: { text }, issuedAt: NOW });

const publisherTo = (log: Log, layout = TEST_LAYOUT): InputPublisher =>
	new InputPublisher({ log, layout, clock, source: "test", publisher: null });

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
		const publisher = publisherTo(log);
		const published = await Promise.all(["a", "b", "c"].map((id) => publisher.publish(record(id))));
		expect(published.map(({ offset }) => offset)).toEqual([0, 1, 2]);
		expect(sizes).toEqual([3]);
	});

	it("cuts appends at 500 records and at 900 KB, and keeps the order", async () => {
		const world = new LogWorld();
		const { log, sizes } = counting(world.log);
		const publisher = publisherTo(log);
		const ids = Array.from({ length: 1_100 }, (_, index) => `n-${index}`);
		const offsets = await Promise.all(ids.map((id) => publisher.publish(record(id))));
		expect(offsets.map(({ offset }) => offset)).toEqual(ids.map((_, index) => index));
		expect(sizes.splice(0)).toEqual([500, 500, 100]);
		await Promise.all(["x", "y", "z"].map((id) => publisher.publish(record(id, id.repeat(400_000)))));
		expect(sizes).toEqual([2, 1]);
	});

	it("says of each record whether it was published", async () => {
		const world = new LogWorld();
		let isLost = true;
		const log = world.handle({ faults: () => (isLost ? { kind: "lost" } : null) });
		const publisher = publisherTo(log);
		const lost = publisher.publish(record("a"));
		await expect(lost).rejects.toMatchObject({ code: "ASSENT_LOG_UNAVAILABLE" });
		const large = publisher.publish(record("b", "x".repeat(899_900)));
		await expect(large).rejects.toMatchObject({ code: "RECORD_OVERSIZED" });
		isLost = false;
		expect(await publisher.publish(record("a"))).toMatchObject({ offset: 0 });
	});

	it("puts all that is about a principal into one partition, under one key, and names each record's schema", async () => {
		const world = new LogWorld({ layout: { ...TEST_LAYOUT, partitions: 12 } });
		const publisher = publisherTo(world.log, world.layout);
		const intent = record("a");
		const { tenant, agent, session } = intent.principal;
		const outcome: OutcomeReported = {
			type: "outcome.reported",
			actor: [],
			call: { tenant, agent, id: "a" },
			session,
			status: "ok",
			sketch: "",
			usage: { tokens: null, costMicros: null, executionMs: 1 },
		};
		const [{ partition }] = await Promise.all([publisher.publish(intent), publisher.publish(outcome)]);
		expect(partition).toBe(partitionFor(world.layout, intent.principal));
		const written = await world.log.read({ topic: TOPICS.intents, partition }, 0);
		expect(written.map(({ key }) => key)).toEqual([`${tenant}/${agent}`, `${tenant}/${agent}`]);
		expect(written.map(({ headers }) => headers["ce_type"])).toEqual([
			"dev.assent.intent.submitted.v1",
			"dev.assent.outcome.reported.v1",
		]);
		for (const { headers, value } of written) {
			expect(headers["assent-schema"]).toBe(identify(value)?.fingerprint);
			expect(headers["ce_time"]).toBe(new Date(NOW).toISOString());
		}
		expect(new Set(written.map(({ headers }) => headers["ce_id"])).size).toBe(2);
	});

	it("finds the same partition for the same budget root, whatever the session", () => {
		const layout = { partitions: 12, budgetRoot: "tenant/agent", dedupeMs: 1, sessionMs: 1 } as const;
		const partitionOf = (session: string): number => partitionFor(layout, { tenant: "acme", agent: "coder", session });
		expect(partitionOf("a")).toBe(partitionOf("b"));
		const bySession = { ...layout, budgetRoot: "tenant/agent/session" } as const;
		const spread = new Set(
			Array.from({ length: 50 }, (_, each) =>
				partitionFor(bySession, { tenant: "acme", agent: "coder", session: `${each}` }),
			),
		);
		expect(spread.size).toBeGreaterThan(5);
	});
});
