/** The folder of trees in an export, made from the log alone, is what the notary has published, in whatever rounds it has signed. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { writeAuditFolder } from "../../src/export/audit-folder.ts";
import { CutLog, Disk, NAME, noDanger, notarySigner, startNotary } from "../support/notary-world.ts";

const PARTITIONS = 3;

/** How many entries each partition gets before it is signed; whether another process of the notary goes on then. */
const round = fc.record({
	entries: fc.tuple(
		...Array.from({ length: PARTITIONS }, () => fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 }))),
	),
	isRestarted: fc.boolean(),
	/** Of the broker that has the checkpoints: several rounds may be published in one millisecond. */
	later: fc.nat({ max: 2 }),
});

async function signedIn(rounds: readonly (typeof round extends fc.Arbitrary<infer Of> ? Of : never)[]) {
	const log = new CutLog();
	const disk = new Disk();
	let notary = await startNotary(log, disk, { partitions: PARTITIONS });
	let leaf = 0;
	for (const { entries, isRestarted, later } of rounds) {
		log.now += later;
		for (const [partition, count] of entries.entries())
			if (count > 0)
				log.appendEntries(
					partition,
					Array.from({ length: count }, () => Buffer.from(`leaf ${leaf++}`)),
				);
		if (isRestarted) notary = await startNotary(log, disk, { partitions: PARTITIONS });
		await notary.read();
		await notary.sign();
	}
	return { log, disk };
}

const audited = (log: CutLog, disk: Disk, isKeyKnown = true) =>
	writeAuditFolder({
		log: log.open(noDanger),
		partitions: PARTITIONS,
		verifier: isKeyKnown ? verifierOf(notarySigner.key) : null,
		folder: disk.folder(noDanger),
	});

describe("the trees of an export", () => {
	it("are those that were published, the anchor's as the partitions'", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 8 }), fc.boolean(), async (rounds, isKeyKnown) => {
				// In one millisecond nobody can tell which of two rounds a partition was signed in: time passes where it matters.
				const { log, disk } = await signedIn(rounds.map((each) => ({ ...each, later: each.later + 1 })));
				const made = new Disk();
				const { trees, signed, findings } = await audited(log, made, isKeyKnown);
				expect(findings).toEqual([]);
				for (const [path, bytes] of made.files)
					expect(Buffer.compare(bytes, disk.files.get(path) ?? Buffer.of()), path).toBe(0);
				const heads = [...disk.files.keys()].filter((path) => path.endsWith("/checkpoint"));
				expect(heads.filter((path) => !made.files.has(path))).toEqual([]);
				expect(trees.map((tree) => tree?.size)).toEqual(
					Array.from({ length: PARTITIONS }, (_, partition) => log.leaves(partition).length),
				);
				expect(signed?.name).toBe(heads.length === 0 ? undefined : NAME);
			}),
			{ numRuns: 40 },
		);
	});

	it("are the same when every round signs every partition, whatever the clock says", async () => {
		const all = fc.tuple(...Array.from({ length: PARTITIONS }, () => fc.integer({ min: 1, max: 5 })));
		await fc.assert(
			fc.asyncProperty(fc.array(all, { minLength: 1, maxLength: 8 }), async (entries) => {
				const { log, disk } = await signedIn(entries.map((each) => ({ entries: each, isRestarted: false, later: 0 })));
				const made = new Disk();
				expect((await audited(log, made)).findings).toEqual([]);
				expect(made.files.get("anchor/checkpoint")).toEqual(disk.files.get("anchor/checkpoint"));
			}),
			{ numRuns: 40 },
		);
	});

	it("are left out, and told of, where the log is not what was signed", async () => {
		const { log } = await signedIn([
			{ entries: [400, 3, 0], isRestarted: false, later: 1 },
			{ entries: [5, 0, 2], isRestarted: false, later: 1 },
		]);
		const [, , entry] = log.of({ topic: "decisions", partition: 0 });
		if (entry === undefined) throw new Error("there is no entry");
		Object.assign(entry, { value: Buffer.from("another leaf") });
		log.cut(1, 3);
		const made = new Disk();
		const { signed, findings } = await audited(log, made);
		expect(findings).toEqual([
			expect.stringMatching(/decisions\/0` with 405 leaves does not fit the log, which has another root there/),
			expect.stringMatching(/decisions\/1` with 3 leaves does not fit the log, which has only 2 entries/),
		]);
		expect(signed?.partitions.map(({ partition }) => partition)).toEqual([2]);
		expect([...made.files.keys()].filter((path) => /^p\/[01]\//.test(path))).toEqual([]);
	});
});
