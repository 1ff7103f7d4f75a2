import { describe, expect, it } from "vitest";
import { openMemoryLog } from "../../../src/adapters/memory/log.ts";
import { MemoryStore } from "../../../src/adapters/memory/store.ts";
import { checkPartition } from "../../../src/app/ledger-check.ts";
import { topicSpecs } from "../../../src/app/topics.ts";
import { CompactRange } from "../../../src/core/audit/tree.ts";
import { decodeDerived, decodeEntry } from "../../../src/core/codec/decode.ts";
import { encodeDerived, encodeEntry } from "../../../src/core/codec/encode.ts";
import { SEMANTICS } from "../../../src/core/model/entries.ts";
import { type Log, TOPICS } from "../../../src/ports/log.ts";
import { LogWorld, startProcessor, TEST_LAYOUT, TEST_POLICY } from "../../support/world.ts";

const OTHER = "11".repeat(32);

/** The log of `world` as a version with other semantics and another form of state would have written it. */
async function writtenUnder(world: LogWorld, semantics: number): Promise<Log> {
	const store = new MemoryStore();
	store.createTopics(topicSpecs(world.layout));
	let stamp = 0;
	const copy = openMemoryLog({ store, clock: { now: () => stamp } });
	const tree = new CompactRange();
	const roots = new Map<number, string>();
	for (const { name } of topicSpecs(world.layout).filter(({ name }) => name !== TOPICS.snapshots)) {
		for (const record of await world.records(name)) {
			stamp = record.timestamp;
			let { value } = record;
			const entry = name === TOPICS.decisions ? decodeEntry(value) : null;
			if (entry?.ok) {
				const stateDigest = entry.value.stateDigest === "" ? "" : OTHER;
				roots.set(entry.value.seq, tree.root());
				value = encodeEntry({ ...entry.value, semantics, stateDigest });
				tree.append(value);
			}
			await copy.append({ topic: name, partition: 0 }, [{ ...record, value }]);
		}
	}
	// `decisions` was copied before `checkpoints` or after: the roots are put right at the end.
	const fixed = new MemoryStore();
	fixed.createTopics(topicSpecs(world.layout));
	const target = openMemoryLog({ store: fixed, clock: { now: () => stamp } });
	for (const { name } of topicSpecs(world.layout)) {
		for (const record of await copy.read({ topic: name, partition: 0 }, 0)) {
			stamp = record.timestamp;
			const read = name === TOPICS.checkpoints ? decodeDerived(record.value) : null;
			const isCheckpoint = read?.ok === true && read.value.type === "checkpoint.created";
			const value = isCheckpoint
				? encodeDerived({
						...read.value,
						root: roots.get(read.value.size) ?? "",
						stateDigest: OTHER,
					} as typeof read.value)
				: record.value;
			await target.append({ topic: name, partition: 0 }, [{ ...record, value }]);
		}
	}
	return openMemoryLog({ store: fixed });
}

async function decided(log: Log | undefined, world: LogWorld, ids: readonly string[]): Promise<void> {
	const { processor } = await startProcessor(world, log === undefined ? {} : { log });
	for (const id of ids) await world.submit({ id });
	await world.consumed();
	await processor.drain();
}

describe("the check of a ledger", () => {
	it("raises no alarm over the state digests of an older version, and goes on checking its own", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await decided(
			undefined,
			world,
			Array.from({ length: 70 }, (_, at) => `a-${at}`),
		);
		const log = await writtenUnder(world, SEMANTICS - 1);
		const now = Date.now();
		const before = await checkPartition(log, TEST_LAYOUT, 0, { now });
		expect(before).toMatchObject({ problem: null, entries: 71, older: 71, digests: { kind: "unchecked" } });
		expect(before.checkpoint).toEqual({ kind: "agrees", size: 64 });

		const { processor } = await startProcessor(new LogWorld(), { log });
		const { end } = await log.bounds({ topic: TOPICS.intents, partition: 0 });
		for (const record of await world.records(TOPICS.control)) {
			for (let at = 0; at < 70; at++) await log.append({ topic: TOPICS.control, partition: 0 }, [record]);
		}
		for (;;) {
			if (processor.status().partitions[0]?.entries === 141) break;
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		await processor.drain();
		const after = await checkPartition(log, TEST_LAYOUT, 0, { now });
		expect(after).toMatchObject({ entries: 141, older: 71, semantics: SEMANTICS, lag: 0 });
		expect(after.digests).toEqual({ kind: "agrees", size: 128 });
		expect(after.checkpoint).toEqual({ kind: "agrees", size: 128 });
		expect(end).toBe(70);
	});

	it("still raises one over a digest of its own version that is another", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await decided(
			undefined,
			world,
			Array.from({ length: 70 }, (_, at) => `a-${at}`),
		);
		const report = await checkPartition(await writtenUnder(world, SEMANTICS), TEST_LAYOUT, 0, { now: Date.now() });
		expect(report.digests).toMatchObject({ kind: "differs", what: "state digest" });
		expect(report.checkpoint).toMatchObject({ kind: "differs", what: "state digest" });
	});
});
