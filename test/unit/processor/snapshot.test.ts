import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../src/core/base/digest.ts";
import { decodeDerived } from "../../../src/core/codec/decode.ts";
import { encodeDerived } from "../../../src/core/codec/encode.ts";
import type { SnapshotManifest } from "../../../src/core/model/records.ts";
import { stateDigest } from "../../../src/core/model/state.ts";
import { TOPICS } from "../../../src/ports/log.ts";
import { readSnapshot, writeSnapshot } from "../../../src/processor/snapshot.ts";
import { checkLog } from "../../support/checker.ts";
import { LogWorld, startProcessor, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

/** A world with a ledger of `intents` decisions and whatever snapshots that makes. */
async function lived(intents: number, snapshotEvery: number): Promise<LogWorld> {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	const { processor } = await startProcessor(world, { snapshotEvery });
	for (let at = 0; at < intents; at++) {
		await world.submit({ id: `n-${at}`, tool: at % 5 === 0 ? "pay.send" : "shell.run" });
		if (at % 4 === 0) await world.consumed();
	}
	await world.consumed();
	await processor.drain();
	return world;
}

/** What a processor that starts now restores from, and what the checker finds after one more decision. */
async function revived(world: LogWorld): Promise<{ fromSeq: number; findings: readonly string[] }> {
	const { processor, heard } = await startProcessor(world);
	await world.submit({ id: `more-${Math.floor(Math.random() * 1e9)}` });
	await world.consumed();
	await processor.drain();
	const { findings } = await checkLog(world.log, { layout: world.layout });
	return { fromSeq: Number(heard.said("partition.restored")[0]?.["fromSnapshot"]), findings };
}

const SNAPSHOTS = { topic: TOPICS.snapshots, partition: 0 };

async function rewrite(world: LogWorld, bytes: (image: string) => string, manifest: Partial<SnapshotManifest> = {}) {
	const parts = await world.derived(TOPICS.snapshots, "snapshot.chunk");
	const manifests = await world.derived(TOPICS.snapshots, "snapshot.manifest");
	const last = manifests.at(-1);
	const part = parts.find(({ snapshotId }) => snapshotId === last?.snapshotId);
	if (last === undefined || part === undefined) throw new Error("there is no snapshot");
	const image = Buffer.from(bytes(Buffer.from(part.bytes).toString()));
	const chunk = { ...part, bytes: new Uint8Array(image) };
	for (const slot of [0, 1]) {
		await world.log.append(SNAPSHOTS, [{ key: `${slot}/0`, value: encodeDerived(chunk), headers: {} }]);
		const promise = { ...last, bytesDigest: sha256Hex(image), ...manifest };
		await world.log.append(SNAPSHOTS, [{ key: `${slot}/manifest`, value: encodeDerived(promise), headers: {} }]);
	}
}

describe("snapshots", () => {
	it("restore to what the ledger restores to", async () => {
		const world = await lived(40, 7);
		const { folded } = await world.fold();
		const found = await readSnapshot(world.log, 0, TEST_LAYOUT);
		expect(found).not.toBeNull();
		expect(found?.manifest.seq).toBe(folded.state.nextSeq);
		expect(found && stateDigest(found.folded.state)).toBe(stateDigest(folded.state));
		expect(found?.folded.tree.root()).toBe(folded.tree.root());
		const { fromSeq, findings } = await revived(world);
		expect(fromSeq).toBe(folded.state.nextSeq);
		expect(findings).toEqual([]);
	});

	it("are written at a drain when a tenth of their distance has come since the last", async () => {
		const world = await lived(12, 100);
		expect((await readSnapshot(world.log, 0, TEST_LAYOUT))?.manifest.seq).toBe(13);
		expect(await readSnapshot((await lived(5, 100)).log, 0, TEST_LAYOUT)).toBeNull();
	});

	it("are not written at a drain of a large state, which must be handed over soon", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { processor } = await startProcessor(world, { snapshotEvery: 6_000 });
		const intents = Array.from({ length: 5_001 }, (_, at) => world.submit({ id: `n-${at}`, tool: "wipe" }));
		await Promise.all(intents);
		await world.consumed();
		await processor.drain();
		expect((await world.fold()).folded.state.calls.size).toBe(5_001);
		expect(await readSnapshot(world.log, 0, TEST_LAYOUT)).toBeNull();
		expect((await revived(world)).findings).toEqual([]);
	});

	it("let a ledger live on whose head is gone", async () => {
		const world = await lived(40, 7);
		const { folded } = await world.fold();
		const { end } = await world.log.bounds({ topic: TOPICS.decisions, partition: 0 });
		await world.log.admin().trim({ topic: TOPICS.decisions, partition: 0 }, end);
		const { processor, heard } = await startProcessor(world);
		await world.submit({ id: "n-0", tool: "pay.send" });
		await world.submit({ id: "more" });
		await new Promise((resolve) => setTimeout(resolve, 50));
		await processor.drain();
		expect(heard.said("partition.restored")[0]).toMatchObject({ fromSnapshot: folded.state.nextSeq });
		expect((await world.replies()).at(-1)).toMatchObject({ seq: folded.state.nextSeq + 1, verdict: "allow" });
	});

	it("that are missing while the ledger's head is gone keep the partition from deciding until there is one", async () => {
		const world = await lived(5, 100_000);
		const { folded, entries } = await world.fold();
		const { end } = await world.log.bounds({ topic: TOPICS.decisions, partition: 0 });
		await world.log.admin().trim({ topic: TOPICS.decisions, partition: 0 }, 3);
		await world.submit({ id: "more" });
		const { processor, heard } = await startProcessor(world);
		await until(() => heard.said("partition.failed").length >= 3);
		for (const { code, why } of heard.said("partition.failed")) {
			expect(code).toBe("ASSENT_LOG_OFFSET_GONE");
			expect(why).toContain("no snapshot reaches back to it");
		}
		expect(processor.status().partitions).toMatchObject([{ phase: "failed" }]);
		const claimId = folded.head.claim ?? "";
		await writeSnapshot(world.log, folded, { partition: 0, claimId, ledgerOffset: end, slot: 0 });
		await until(async () => (await world.replies()).at(-1)?.call.id === "more");
		await processor.drain();
		expect((await world.replies()).at(-1)).toMatchObject({ seq: entries.length, verdict: "allow" });
	});

	it.each<[string, (image: string) => string, Partial<SnapshotManifest>]>([
		["is no JSON", (image) => image.slice(0, -5), {}],
		["is JSON of something else", () => "null", {}],
		["has a damaged tree", (image) => image.replace(/"hashes":\["[0-9a-f]/, '"hashes":["x'), {}],
		["has another state than it promises", (image) => image.replace('"nextSeq":', '"nextSeq":1'), {}],
		["has rows that are none", (image) => image.replace(/"calls":\[\[/, '"calls":[[["x"],1],['), {}],
		["belongs to another layout", (image) => image.replace('"dedupeMs":3600000', '"dedupeMs":3600001'), {}],
		["belongs to another partition", (image) => image.replace('"partition":0', '"partition":1'), {}],
		["is of other semantics", (image) => image, { semantics: 99 }],
		["misses a chunk", (image) => image, { chunks: 2 }],
		["does not have its digest", (image) => image, { bytesDigest: "00".repeat(32) }],
	])("are passed over when one %s", async (_what, bytes, manifest) => {
		const world = await lived(20, 7);
		await rewrite(world, bytes, manifest);
		expect(await readSnapshot(world.log, 0, TEST_LAYOUT)).toBeNull();
		const { fromSeq, findings } = await revived(world);
		expect(fromSeq).toBe(0);
		expect(findings).toEqual([]);
	});

	it("that were not finished leave the one before in its slot", async () => {
		const world = await lived(20, 7);
		const before = await readSnapshot(world.log, 0, TEST_LAYOUT);
		const { folded } = await world.fold();
		const failing = world.handle({
			faults: (_to, [record]) => {
				const read = record === undefined ? null : decodeDerived(record.value);
				return read?.ok && read.value.type === "snapshot.manifest" ? { kind: "lost" } : null;
			},
		});
		const slot = before?.slot === 0 ? 1 : 0;
		const why = await writeSnapshot(failing, folded, { partition: 0, claimId: "00".repeat(16), ledgerOffset: 1, slot });
		expect(why).toBe("unknown");
		expect((await readSnapshot(world.log, 0, TEST_LAYOUT))?.manifest).toEqual(before?.manifest);
	});

	it("that cannot be written do not stop a partition, and never cost the last whole one", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		let isBroken = false;
		const log = world.handle({
			faults: ({ topic }) => (isBroken && topic === TOPICS.snapshots ? { kind: "full" } : null),
		});
		const { processor, heard } = await startProcessor(world, { log, snapshotEvery: 5 });
		for (let at = 0; at < 60; at++) {
			await world.submit({ id: `n-${at}` });
			await world.consumed();
			isBroken = at > 20;
		}
		await processor.drain();
		expect(heard.said("snapshot.unwritten").length).toBeGreaterThan(1);
		expect(heard.said("partition.reclaimed")).toEqual([]);
		expect(await readSnapshot(world.log, 0, TEST_LAYOUT)).not.toBeNull();
	});
});
