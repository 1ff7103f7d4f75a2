/** Where topics begin. */
import { expect, it } from "vitest";
import type { Finding } from "../../../src/core/audit/finding.ts";
import type { Log, TopicSpec } from "../../../src/ports/log/log.ts";
import { verifyBeginnings } from "../../../src/verify/beginnings.ts";

async function found(
	spec: Pick<TopicSpec, "name" | "cleanup">,
	skips: readonly { from: number; until: number }[] = [],
) {
	const log = {
		admin: () => ({ shapes: () => Promise.resolve([{ ...spec, partitions: 2 }]) }),
		bounds: ({ partition }: { partition: number }) => Promise.resolve({ begin: partition * 7, end: 20 }),
	} as unknown as Log;
	const findings: Finding[] = [];
	const skipped = skips.map((skip) => ({ topic: "intents" as const, ...skip }));
	await verifyBeginnings(log, [{ partition: 1, skips: skipped }], (finding) => void findings.push(finding));
	return findings;
}

it("finds a topic that keeps everything and has lost its beginning", async () => {
	const lost = { code: "record.lost", partition: 1, topic: "intents", offset: 0 };
	expect(await found({ name: "intents", cleanup: "keep" })).toMatchObject([lost]);
	expect(await found({ name: "intents", cleanup: "delete" })).toEqual([]);
	expect(await found({ name: "replies", cleanup: "keep" })).toEqual([]);
});

it("takes an operator's word for what was lost", async () => {
	expect(await found({ name: "intents", cleanup: "keep" }, [{ from: 3, until: 7 }])).toEqual([]);
	expect(await found({ name: "intents", cleanup: "keep" }, [{ from: 3, until: 6 }])).toHaveLength(1);
	expect(await found({ name: "intents", cleanup: "keep" }, [{ from: 7, until: 9 }])).toHaveLength(1);
	expect(await found({ name: "control", cleanup: "keep" }, [{ from: 3, until: 7 }])).toHaveLength(1);
});
