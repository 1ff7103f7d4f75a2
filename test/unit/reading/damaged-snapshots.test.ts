/** A snapshot with whatever damage is passed over, on every log that is at hand: the state that is restored is the ledger's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbeddedLog } from "../../../src/adapters/embedded/open.ts";
import { openMemoryLog } from "../../../src/adapters/memory/log.ts";
import { decodeDerived } from "../../../src/core/codec/decode.ts";
import { stateDigest } from "../../../src/core/state/digest.ts";
import { type Log, type LogRecord, readToEnd, TOPICS } from "../../../src/ports/log/log.ts";
import { topicSpecs } from "../../../src/ports/log/topics.ts";
import { readState } from "../../../src/reading/partition-view.ts";
import { searchSnapshot } from "../../../src/reading/snapshot-reader.ts";
import { LogWorld, startProcessor, TEST_LAYOUT, TEST_POLICY } from "../../support/world.ts";

const folder = mkdtempSync(join(tmpdir(), "assent-damaged-"));
const open: Log[] = [];
afterAll(async () => {
	for (const log of open) await log.close();
	rmSync(folder, { recursive: true, force: true });
});

let ledger: readonly LogRecord[] = [];
let snapshots: readonly LogRecord[] = [];
/** Where the snapshots end, the newest first, and the digest of the whole ledger's state. */
let ends: readonly number[] = [];
let whole = "";

beforeAll(async () => {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	const { processor } = await startProcessor(world, { snapshotEvery: 10 });
	for (let at = 0; at < 40; at++) {
		await world.submit({ id: `n-${at}`, tool: at % 5 === 0 ? "pay.send" : "shell.run" });
		if (at % 4 === 0) await world.consumed();
	}
	await world.consumed();
	await processor.drain();
	ledger = await recordsOf(world.log, TOPICS.decisions);
	snapshots = await recordsOf(world.log, TOPICS.snapshots);
	ends = manifestsIn(snapshots).map(({ seq }) => seq);
	whole = await digestFrom(world.log, "beginning");
	expect(ends.length).toBe(2);
});

const LOGS: Readonly<Record<string, () => Promise<Log>>> = {
	memory: async () => openMemoryLog(),
	embedded: () => openEmbeddedLog({ path: join(folder, `${open.length}.db`) }),
};

describe.each(Object.entries(LOGS))("snapshots on a log (%s)", (_name, make) => {
	it("that are whole are used, the newest first", async () => {
		const log = await logWith(make, snapshots);
		const { found, passed } = await searchSnapshot(log, 0, TEST_LAYOUT);
		expect(found?.manifest.seq).toBe(ends[0]);
		expect(passed).toEqual([]);
		expect(await digestFrom(log, "snapshot")).toBe(whole);
	});

	it("with one bit flipped anywhere lead to no other state", async () => {
		await fc.assert(
			fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(7), async (which, where, bit) => {
				const damaged = snapshots.map((record, at) => {
					if (at !== which % snapshots.length) return record;
					const value = Uint8Array.from(record.value);
					(value[where % value.length] as number) ^= 1 << bit;
					return { ...record, value };
				});
				const log = await logWith(make, damaged);
				expect(await digestFrom(log, "snapshot")).toBe(whole);
			}),
			{ numRuns: _name === "memory" ? 200 : 15 },
		);
	}, 60_000);

	it("of which the newest is damaged leave the one before, and it is told", async () => {
		const at = snapshots.findLastIndex(({ key }) => key?.endsWith("/1") === true);
		const cut = snapshots.map((record, index) =>
			index === at ? { ...record, value: record.value.slice(0, -1) } : record,
		);
		const log = await logWith(make, cut);
		const { found, passed } = await searchSnapshot(log, 0, TEST_LAYOUT);
		expect(found?.manifest.seq).toBe(ends[1]);
		expect(passed).toMatchObject([{ seq: ends[0], belonging: "own", why: "it is not whole" }]);
		expect(await digestFrom(log, "snapshot")).toBe(whole);
	});

	it("whose manifest cannot be read leave the one before, and it is told", async () => {
		const at = snapshots.findLastIndex(({ key }) => key?.endsWith("/manifest") === true);
		const cut = snapshots.map((record, index) =>
			index === at ? { ...record, value: record.value.slice(0, 20) } : record,
		);
		const log = await logWith(make, cut);
		const { found, passed } = await searchSnapshot(log, 0, TEST_LAYOUT);
		expect(found?.manifest.seq).toBe(ends[1]);
		expect(passed).toMatchObject([{ seq: -1, belonging: "unread" }]);
		expect(passed[0]?.why).toContain("its manifest cannot be read");
	});

	it("of another ledger are passed over, and it is told", async () => {
		const other = new LogWorld();
		await other.policies(TEST_POLICY);
		const { processor } = await startProcessor(other, { snapshotEvery: 1_000 });
		for (let at = 0; at < 40; at++) await other.submit({ id: `n-${at}` });
		await other.consumed();
		await processor.drain();
		const log = await logWith(make, snapshots, await recordsOf(other.log, TOPICS.decisions));
		const { found, passed } = await searchSnapshot(log, 0, TEST_LAYOUT);
		expect(found).toBeNull();
		expect(passed.map(({ belonging }) => belonging)).toEqual(["other", "other"]);
		expect(await digestFrom(log, "snapshot")).toBe(await digestFrom(other.log, "beginning"));
	});
});

async function recordsOf(log: Log, topic: string): Promise<LogRecord[]> {
	const found: LogRecord[] = [];
	const { begin } = await log.bounds({ topic, partition: 0 });
	for await (const records of readToEnd(log, { topic, partition: 0 }, begin)) found.push(...records);
	return found;
}

const manifestsIn = (records: readonly LogRecord[]) =>
	records
		.map(({ value }) => decodeDerived(value))
		.flatMap((read) => (read.ok && read.value.type === "snapshot.manifest" ? [read.value] : []))
		.reverse();

async function logWith(
	make: () => Promise<Log>,
	written: readonly LogRecord[],
	decisions: readonly LogRecord[] = ledger,
): Promise<Log> {
	const log = await make();
	open.push(log);
	await log.admin().createTopics(topicSpecs(TEST_LAYOUT));
	await log.append({ topic: TOPICS.decisions, partition: 0 }, decisions);
	await log.append({ topic: TOPICS.snapshots, partition: 0 }, written);
	return log;
}

const digestFrom = async (log: Log, from: "snapshot" | "beginning"): Promise<string> =>
	stateDigest((await readState(log, TEST_LAYOUT, 0, { from })).folded.state);
