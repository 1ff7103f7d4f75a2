import { describe, expect, it } from "vitest";
import { openMemoryLog } from "../../../src/adapters/memory/log.ts";
import { assertLayout } from "../../../src/app/node.ts";
import { AssentError, problem } from "../../../src/core/base/errors.ts";
import { encodeDerived } from "../../../src/core/codec/encode.ts";
import { claimHeaders } from "../../../src/core/ledger/validity.ts";
import { DEFAULT_LAYOUT, type Layout } from "../../../src/core/model/layout.ts";
import { type Log, TOPICS } from "../../../src/ports/log/log.ts";
import { topicSpecs } from "../../../src/ports/log/topics.ts";
import { deployedLayout } from "../../../src/reading/layout.ts";

const THEIRS: Layout = { ...DEFAULT_LAYOUT, partitions: 3, dedupeMs: 60_000 };
const byDefault = { layout: DEFAULT_LAYOUT, isPartitionCountGiven: false };

async function logWith(...claims: Layout[]): Promise<Log> {
	const log = openMemoryLog();
	await log.admin().createTopics(topicSpecs(THEIRS));
	for (const layout of claims) {
		const value = encodeDerived({ type: "claim", claimId: "0".repeat(32), instance: "test", layout });
		const headers = claimHeaders("0".repeat(32));
		await log.append({ topic: TOPICS.decisions, partition: 1 }, [{ key: null, value, headers }]);
	}
	return log;
}

/** The log as a gateway sees it: the ledger is not for its eyes. */
const asGateway = (log: Log): Log =>
	Object.assign(Object.create(log) as Log, {
		admin: () => log.admin(),
		bounds: (of: { topic: string; partition: number }) => {
			if (of.topic === TOPICS.decisions) throw new AssentError(problem("ASSENT_LOG_DENIED", "not for you"));
			return log.bounds(of);
		},
	});

describe("the layout of a deployment", () => {
	it("is what the ledger says, whatever is configured", async () => {
		const log = await logWith(THEIRS);
		expect(await deployedLayout(log, byDefault)).toEqual(THEIRS);
		expect(await deployedLayout(log, { layout: DEFAULT_LAYOUT, isPartitionCountGiven: true })).toEqual(THEIRS);
	});

	it("is the configured one where nobody has claimed yet, with as many partitions as there are", async () => {
		expect(await deployedLayout(await logWith(), byDefault)).toEqual({ ...DEFAULT_LAYOUT, partitions: 3 });
	});

	it("is the configured one where the ledger may not be read", async () => {
		const log = asGateway(await logWith(THEIRS));
		expect(await deployedLayout(log, byDefault)).toEqual({ ...DEFAULT_LAYOUT, partitions: 3 });
		expect(await deployedLayout(log, { layout: THEIRS, isPartitionCountGiven: true })).toEqual(THEIRS);
	});

	it("is refused where another number of partitions is written down than there are", async () => {
		const given = { layout: DEFAULT_LAYOUT, isPartitionCountGiven: true };
		await expect(deployedLayout(asGateway(await logWith(THEIRS)), given)).rejects.toMatchObject({
			code: "ASSENT_LAYOUT",
			message: expect.stringMatching(/12 partitions.*has 3.*layout: \{ partitions: 3 \}/),
		});
	});

	it.each([0, 4, 1_000_000_000])(
		"is refused where the ledger says that there are %i partitions, and there are 3",
		async (partitions) => {
			const log = await logWith({ ...THEIRS, partitions });
			await expect(deployedLayout(log, byDefault)).rejects.toMatchObject({
				code: "ASSENT_LAYOUT",
				message: expect.stringContaining("`decisions` has 3"),
			});
		},
	);

	it("is not guessed when the log fails", async () => {
		const log = await logWith(THEIRS);
		await log.close();
		await expect(deployedLayout(log, byDefault)).rejects.toMatchObject({ code: "ASSENT_LOG_CLOSED" });
	});

	it("must be the processor's", async () => {
		const log = await logWith(THEIRS);
		await assertLayout(log, THEIRS);
		await assertLayout(await logWith(), DEFAULT_LAYOUT);
		await expect(assertLayout(log, { ...THEIRS, dedupeMs: 1 })).rejects.toMatchObject({
			code: "ASSENT_LAYOUT",
			message: expect.stringMatching(/layout\.dedupe is 1m in the ledger and 1ms here/),
		});
	});
});
