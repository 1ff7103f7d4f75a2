import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../src/core/base/digest.ts";
import { decodeDerived } from "../../../src/core/codec/decode.ts";
import { encodeDerived } from "../../../src/core/codec/encode.ts";
import { beginFold } from "../../../src/core/ledger/fold.ts";
import type { SnapshotManifest } from "../../../src/core/model/records.ts";
import type { Call } from "../../../src/core/state/call.ts";
import { stateDigest } from "../../../src/core/state/digest.ts";
import { putCall } from "../../../src/core/state/state.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import { writeSnapshot } from "../../../src/reading/snapshot.ts";
import { readSnapshot } from "../../../src/reading/snapshot-reader.ts";
import { checkLog } from "../../support/checker.ts";
import { cpuMs } from "../../support/cpu.ts";
import { LogWorld, over, startProcessor, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

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

let starts = 0;

/** What a processor that starts now restores from, and what the checker finds after one more decision. */
async function revived(world: LogWorld): Promise<{ fromSeq: number; findings: readonly string[] }> {
	const { processor, heard } = await startProcessor(world);
	await world.submit({ id: `more-${starts++}` });
	await world.consumed();
	await processor.drain();
	const { findings } = await checkLog(world.log, { layout: world.layout });
	return { fromSeq: Number(heard.said("partition.restored")[0]?.["fromSnapshot"]), findings };
}

const SNAPSHOTS = { topic: TOPICS.snapshots, partition: 0 };

/** Writes the last snapshot again, into both slots, with each chunk (a character for each byte) and the manifest changed. */
async function rewrite(world: LogWorld, change: (text: string) => string, manifest: Partial<SnapshotManifest> = {}) {
	const parts = await world.derived(TOPICS.snapshots, "snapshot.chunk");
	const last = (await world.derived(TOPICS.snapshots, "snapshot.manifest")).at(-1);
	if (last === undefined) throw new Error("there is no snapshot");
	const chunks = parts
		.filter(({ snapshotId }) => snapshotId === last.snapshotId)
		.map((part) => ({
			...part,
			bytes: Uint8Array.from(Buffer.from(change(Buffer.from(part.bytes).toString("latin1")), "latin1")),
		}));
	expect(chunks).toHaveLength(last.chunks);
	const bytesDigest = sha256Hex(Buffer.concat(chunks.map(({ bytes }) => bytes)));
	for (const slot of [0, 1]) {
		for (const chunk of chunks) {
			const key = `${slot}/${chunk.index}`;
			await world.log.append(SNAPSHOTS, [{ key, value: encodeDerived(chunk), headers: {} }]);
		}
		const promise = encodeDerived({ ...last, bytesDigest, ...manifest });
		await world.log.append(SNAPSHOTS, [{ key: `${slot}/manifest`, value: promise, headers: {} }]);
	}
}

/** The place of a snapshot of a state without a ledger behind it. */
const NOWHERE = { partition: 0, claimId: "ab".repeat(16), ledgerOffset: 0, leaf: new Uint8Array() };

const settledCall = (at: number): Call => ({
	tenant: "acme",
	agent: "coder",
	id: String(at),
	session: "run-1",
	actor: [],
	tool: "shell.run",
	commitment: "ab".repeat(32),
	phase: "settled",
	executor: null,
	allow: null,
	closedAt: at,
	firstReason: null,
	obligations: { redact: [], callDeadlineMs: 60_000, leaseMs: 60_000, messages: ["mind the gap"] },
	issuedAt: at,
	decidedAt: at,
	dueAt: 0,
	reserved: [],
	hold: null,
});

/** What the work costs, and the most of it during which nothing else could run, ms of CPU. */
async function blockedBy(work: () => Promise<unknown>): Promise<{ longest: number; total: number }> {
	let isOver = false;
	let longest = 0;
	let last = cpuMs();
	const tick = (): void => {
		const now = cpuMs();
		longest = Math.max(longest, now - last);
		last = now;
		if (!isOver) setImmediate(tick);
	};
	tick();
	const begun = cpuMs();
	await work();
	const total = cpuMs() - begun;
	await new Promise((resolve) => setImmediate(resolve));
	isOver = true;
	return { longest, total };
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

	it("are written while deciding goes on, and hold the state of the moment at which they were begun", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		let isOpen = false;
		const gate = Promise.withResolvers<void>();
		const log = over(inner, {
			append: async (to, records, options) => {
				if (to.topic === TOPICS.snapshots && !isOpen) await gate.promise;
				return inner.append(to, records, options);
			},
		});
		const { processor } = await startProcessor(world, { log, snapshotEvery: 10 });
		for (let at = 0; at < 40; at++) {
			await world.submit({ id: `n-${at}`, tool: at % 5 === 0 ? "pay.send" : "shell.run" });
			await world.consumed();
		}
		expect(await world.records(TOPICS.snapshots)).toEqual([]);
		isOpen = true;
		gate.resolve();
		await until(async () => (await readSnapshot(world.log, 0, TEST_LAYOUT)) !== null);
		expect((await readSnapshot(world.log, 0, TEST_LAYOUT))?.manifest.seq).toBe(10);
		await processor.drain();
		expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);
	});

	it("of a large state are written and read in pieces, with turns of the event loop in between", async () => {
		const world = new LogWorld();
		const folded = beginFold(TEST_LAYOUT, 0);
		const rows = 240_000;
		for (let at = 0; at < rows; at++) {
			putCall(folded.state, `acme/coder/${at}`, settledCall(at));
			// As the fold does after each 64 entries: rows of the intervals before are packed, and need not be written.
			if (at % 64 === 0) folded.state.calls.turn();
		}
		for (const work of [
			() => writeSnapshot(world.log, folded, { ...NOWHERE, slot: 0 }),
			() => readSnapshot(world.log, 0, TEST_LAYOUT),
		]) {
			// The best of some: garbage is collected at times.
			const shares: number[] = [];
			for (let round = 0; round < 3 && !shares.some((share) => share < 1 / 3); round++) {
				const { longest, total } = await blockedBy(work);
				shares.push(longest / total);
			}
			expect(Math.min(...shares)).toBeLessThan(1 / 3);
		}
		const found = await readSnapshot(world.log, 0, TEST_LAYOUT);
		expect(found?.folded.state.calls.size).toBe(rows);
		expect(found && stateDigest(found.folded.state)).toBe(stateDigest(folded.state));
		expect(found?.manifest.chunks).toBeGreaterThan(40);
	});

	it("that cannot be put into a record are not written, and say why", async () => {
		const world = new LogWorld();
		const folded = beginFold(TEST_LAYOUT, 0);
		const huge = { ...settledCall(0), tool: "x".repeat(2_000_000) };
		putCall(folded.state, "acme/coder/0", huge);
		expect(await writeSnapshot(world.log, folded, { ...NOWHERE, slot: 0 })).toContain("SnapshotChunk");
		expect(await readSnapshot(world.log, 0, TEST_LAYOUT)).toBeNull();
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
		// A call and an account each: large, with fewer entries than make a snapshot due while deciding goes on.
		const intents = Array.from({ length: 2_600 }, (_, at) => world.submit({ id: `n-${at}`, agent: `a-${at}` }));
		await Promise.all(intents);
		await world.consumed();
		await processor.drain();
		const { calls, accounts } = (await world.fold()).folded.state;
		expect(calls.size + accounts.size).toBeGreaterThan(5_000);
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
		await until(async () => (await world.replies()).at(-1)?.call.id === "more");
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
		const leaf = (await world.records(TOPICS.decisions)).find(({ offset }) => offset === end - 1)?.value;
		if (leaf === undefined) throw new Error("the ledger has no last entry");
		await writeSnapshot(world.log, folded, { partition: 0, claimId, ledgerOffset: end, leaf, slot: 0 });
		await until(async () => (await world.replies()).at(-1)?.call.id === "more");
		await processor.drain();
		expect((await world.replies()).at(-1)).toMatchObject({ seq: entries.length, verdict: "allow" });
	});

	it.each<[string, (image: string) => string, Partial<SnapshotManifest>]>([
		["is no JSON", (image) => image.slice(0, -5), {}],
		["is JSON of something else", () => "null", {}],
		["has a damaged tree", (image) => image.replace(/"hashes":\["[0-9a-f]/, '"hashes":["x'), {}],
		["has another state than it promises", (image) => image.replace('"nextSeq":', '"nextSeq":1'), {}],
		["promises another state than it has", (image) => image, { stateDigest: "11".repeat(32) }],
		["has rows that end too soon", (chunk) => (chunk.startsWith("{") ? chunk : chunk.slice(0, -1)), {}],
		["has rows of no table", (chunk) => (chunk.startsWith("{") ? chunk : `\x09${chunk.slice(1)}`), {}],
		["has a row twice", (chunk) => (chunk.startsWith("{") ? chunk : chunk + chunk.slice(1)), {}],
		["has rows in another form", (image) => image, { rowsFormat: 99 }],
		["belongs to another layout", (image) => image.replace('"dedupeMs":3600000', '"dedupeMs":3600001'), {}],
		["belongs to another partition", (image) => image.replace('"partition":0', '"partition":1'), {}],
		["is of other semantics", (image) => image, { semantics: 99 }],
		["misses a chunk", (image) => image, { chunks: 99 }],
		["does not have its digest", (image) => image, { bytesDigest: "00".repeat(32) }],
	])("are passed over when one %s", async (_what, bytes, manifest) => {
		const world = await lived(20, 7);
		await rewrite(world, bytes, manifest);
		expect(await readSnapshot(world.log, 0, TEST_LAYOUT)).toBeNull();
		const { fromSeq, findings } = await revived(world);
		expect(fromSeq).toBe(0);
		// The checker looks at what manifests promise, too.
		expect(findings.filter((finding) => !finding.includes("a snapshot at seq"))).toEqual([]);
	});

	it("are read when they are written again as they were", async () => {
		const world = await lived(20, 7);
		await rewrite(world, (text) => text);
		const { fromSeq, findings } = await revived(world);
		expect(fromSeq).toBe(21);
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
		const place = { partition: 0, claimId: "00".repeat(16), ledgerOffset: 1, leaf: new Uint8Array(), slot } as const;
		const why = await writeSnapshot(failing, folded, place);
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
