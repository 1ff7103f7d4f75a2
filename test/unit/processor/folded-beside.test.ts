import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openEmbeddedLog } from "../../../src/adapters/embedded/open.ts";
import { threadFolder } from "../../../src/app/fold-threads.ts";
import { beginFold, type Folded, foldRecord } from "../../../src/core/ledger/fold.ts";
import { stateDigest } from "../../../src/core/state/digest.ts";
import type { FoldAsked, LedgerFolder } from "../../../src/ports/ledger-folder.ts";
import { type Log, readToEnd, TOPICS } from "../../../src/ports/log/log.ts";
import { topicSpecs } from "../../../src/ports/log/topics.ts";
import { FoldPieces, foldTo } from "../../../src/reading/fold-pieces.ts";
import { checkLog } from "../../support/checker.ts";
import { recompute } from "../../support/recompute.ts";
import { start, stop } from "../../support/running.ts";
import { LogWorld, TEST_POLICY } from "../../support/world.ts";

afterEach(stop);

/** Folds in this thread, and says what it was asked. */
function folderOn(log: Log, asked: FoldAsked[], entriesMin = 1): LedgerFolder {
	return {
		entriesMin,
		fold: async (of, { onPiece, onProgress }) => {
			asked.push(of);
			const done = await foldTo(log, of, onProgress);
			for (const piece of done?.pieces ?? []) onPiece(piece);
			return done?.to ?? null;
		},
	};
}

async function decidedWorld(calls: number, snapshotEvery = 1_000_000): Promise<LogWorld> {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	for (let at = 0; at < calls; at++)
		await world.submit({ id: `c-${at}`, tool: at % 7 === 0 ? "wipe" : at % 11 === 0 ? "pay.bill" : "shell.run" });
	await start(world, { snapshotEvery });
	await world.consumed();
	await stop();
	return world;
}

async function goesOn(world: LogWorld, from: string): Promise<void> {
	// Enough for entries that carry digests of states from before and behind the restore.
	for (let at = 0; at < 140; at++) await world.submit({ id: `${from}-${at}` });
	await world.consumed();
	await stop();
	expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);
	expect((await recompute(world.log, world.layout)).firstDifference).toBeNull();
}

describe("a ledger that is folded beside", () => {
	it("up to its last checkpoint goes on as one that was read: digests, checkpoints and all", async () => {
		const world = await decidedWorld(300);
		const asked: FoldAsked[] = [];
		const { heard } = await start(world, { folder: folderOn(world.log, asked) });
		await goesOn(world, "more");
		expect(asked.map(({ size, voidsFrom }) => [size, voidsFrom])).toEqual([[256, 0]]);
		expect(heard.said("partition.restored")[0]).toMatchObject({ entries: 301, fromSnapshot: 0 });
	});

	it("is read from its snapshot where there is one, and not at all beside where little follows that", async () => {
		const world = await decidedWorld(600, 100);
		const asked: FoldAsked[] = [];
		const { heard } = await start(world, { folder: folderOn(world.log, asked, 10_000) });
		await goesOn(world, "again");
		expect(asked).toEqual([]);
		expect(heard.said("partition.restored")[0]?.["fromSnapshot"]).toBeGreaterThan(0);
	});

	it("counts records that count for nobody", async () => {
		const world = await decidedWorld(200);
		const stranger = { key: null, value: Uint8Array.of(1), headers: {} };
		await world.log.append({ topic: TOPICS.decisions, partition: 0 }, [stranger, stranger]);
		await start(world, { folder: folderOn(world.log, []) });
		await goesOn(world, "voids");
		const to = await foldTo(world.log, { layout: world.layout, partition: 0, size: 320, voidsFrom: 0 }, () => {});
		const behind = await foldTo(
			world.log,
			{ layout: world.layout, partition: 0, size: 320, voidsFrom: 1_000 },
			() => {},
		);
		expect([to?.to.voids, behind?.to.voids]).toEqual([2, 0]);
	});

	it("that cannot be folded so far is read where it is needed", async () => {
		const world = await decidedWorld(200);
		const { heard } = await start(world, { folder: { entriesMin: 1, fold: async () => null } });
		await goesOn(world, "alone");
		expect(heard.said("partition.restored")).toHaveLength(1);
		expect(
			await foldTo(world.log, { layout: world.layout, partition: 0, size: 9_999, voidsFrom: 0 }, () => {}),
		).toBeNull();
		const other = { ...world.layout, sessionMs: world.layout.sessionMs + 1 };
		expect(await foldTo(world.log, { layout: other, partition: 0, size: 128, voidsFrom: 0 }, () => {})).toBeNull();
	});
});

/** From where it ends it is the ledger's own, and so are the digests that entries are to carry from there on. */
async function expectGoesOn(log: Log, folded: Folded): Promise<void> {
	const ledger = { topic: TOPICS.decisions, partition: 0 };
	const begun = folded.state.nextSeq;
	const own = beginFold(folded.state.layout, 0);
	for await (const records of readToEnd(log, ledger, 0)) {
		for (const record of records) {
			const isBehind = own.state.nextSeq >= begun;
			if (own.state.nextSeq === begun) {
				expect(stateDigest(folded.state)).toBe(stateDigest(own.state));
				expect([folded.tree.root(), folded.head, folded.origin]).toEqual([own.tree.root(), own.head, own.origin]);
			}
			for (const each of isBehind ? [own, folded] : [own]) expect(foldRecord(each, record).ok).toBe(true);
			if (isBehind) expect(folded.state.digests.next(folded.state)).toBe(own.state.digests.next(own.state));
		}
	}
	expect(own.state.nextSeq).toBeGreaterThan(begun);
}

describe("threads that fold", () => {
	it("hand over the state, the tree and the place at which reading goes on; what is no log they do not", async () => {
		const world = await decidedWorld(300);
		const path = join(tmpdir(), `assent-fold-${process.pid}.db`);
		const log = await openEmbeddedLog({ path });
		try {
			await log.admin().createTopics(topicSpecs(world.layout));
			const ledger = { topic: TOPICS.decisions, partition: 0 };
			for await (const records of readToEnd(world.log, ledger, 0))
				await log.append(
					ledger,
					records.map(({ key, value, headers }) => ({ key, value, headers })),
				);
			const folder = threadFolder({ log: `file:${path}`, config: undefined });
			const asked = { layout: world.layout, partition: 0, size: 200, voidsFrom: 0 };
			const never = new AbortController().signal;
			const fold = async (of: FoldAsked, by = folder, stop = never) => {
				const pieces = new FoldPieces(of);
				const told = await by.fold(of, { onPiece: (piece) => pieces.take(piece), onProgress: () => {} }, stop);
				return told === null ? null : pieces.finish(told);
			};
			const [folded, beyond, ...turns] = await Promise.all([
				fold(asked),
				fold({ ...asked, size: 9_999 }),
				fold({ ...asked, size: 256 }),
				fold({ ...asked, size: 257 }),
			]);
			expect(beyond).toBeNull();
			expect([folded, ...turns].map((each) => each?.state.nextSeq)).toEqual([192, 192, 256]);
			for (const each of [folded, ...turns] as NonNullable<typeof folded>[]) await expectGoesOn(world.log, each);
			expect(await fold(asked, threadFolder({ log: `file:${path}.none`, config: undefined }))).toBeNull();
			const stopped = new AbortController();
			const broken = fold(asked, folder, stopped.signal);
			stopped.abort();
			expect(await broken).toBeNull();
		} finally {
			await log.close();
			await rm(path, { force: true });
		}
	});

	it("take what is longest next", async () => {
		const folder = threadFolder({ log: `file:${tmpdir()}/no-such-log.db`, config: undefined }, { threadsMax: 1 });
		const { layout } = new LogWorld();
		const done: number[] = [];
		const sizes = [200, 300, 100, 500, 400];
		const listener = { onPiece: () => {}, onProgress: () => {} };
		const asked = sizes.map(async (size, partition) => {
			await folder.fold({ layout, partition, size, voidsFrom: 0 }, listener, new AbortController().signal);
			done.push(size);
		});
		await Promise.all(asked);
		// The first was taken before the others came.
		expect(done).toEqual([200, 500, 400, 300, 100]);
	});
});
