import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { rebuildAnchor } from "../../../src/export/anchor-tree.ts";
import { CutLog, Disk, headIn, NAME, noDanger, notarySigner, startNotary } from "../../support/notary-world.ts";

const PARTITIONS = 4;

/** For each checkpoint of the anchor: which partitions have something new, and how far the log's clock goes on before it is published. */
const days = fc.array(
	fc.record({
		news: fc.uniqueArray(fc.nat(PARTITIONS - 1), { minLength: 1 }),
		ms: fc.constantFrom(0, 0, 0, 1, -1),
	}),
	{ minLength: 1, maxLength: 12 },
);

/** Signs day for day; the anchor's files as the notary has published them, and as they are made again from the log. */
async function rebuilt(rounds: readonly { readonly news: readonly number[]; readonly ms: number }[]) {
	const [log, disk, again] = [new CutLog(), new Disk(), new Disk()];
	log.now = 100;
	const notary = await startNotary(log, disk, { partitions: PARTITIONS });
	for (const { news, ms } of rounds) {
		for (const partition of news) log.appendEntries(partition, [new Uint8Array([partition])]);
		log.now += ms;
		await notary.read();
		await notary.sign();
	}
	const until = headIn(Buffer.from(disk.files.get("anchor/checkpoint") ?? []).toString());
	const of = { log: log.open(noDanger), partitions: PARTITIONS, verifier: verifierOf(notarySigner.key), name: NAME };
	return { disk, again, until, tree: await rebuildAnchor({ ...of, folder: again.folder(noDanger), until }) };
}

describe("the anchor of an export", () => {
	it("is put together again where two of its checkpoints were published in one millisecond", async () => {
		const { tree, until } = await rebuilt([
			{ news: [1], ms: 0 },
			{ news: [0, 1], ms: 0 },
			{ news: [3], ms: 0 },
			{ news: [2, 3], ms: 0 },
		]);
		expect(tree?.size).toBe(6);
		expect(tree?.root()).toBe(until.root);
	});

	it("is the notary's, file by file, whatever the log's clock does", async () => {
		await fc.assert(
			fc.asyncProperty(days, async (rounds) => {
				const { disk, again, tree } = await rebuilt(rounds);
				expect(tree).not.toBeNull();
				for (const [path, bytes] of again.files)
					expect(Buffer.compare(disk.files.get(path) ?? Buffer.of(), bytes), path).toBe(0);
				expect([...again.files.keys()].some((path) => path.startsWith("anchor/tile/"))).toBe(true);
			}),
			{ numRuns: 200 },
		);
	});
});
