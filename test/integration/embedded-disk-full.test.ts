/** A disk that really runs full. Needs a small file system, which only some machines let a test mount. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openEmbeddedLog } from "../../src/adapters/embedded/open.ts";
import type { Appended } from "../../src/ports/log/log.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";

const TO = { topic: "intents", partition: 0 };

const disk = mountSmallDisk(8);
afterAll(() => disk?.remove());

describe.skipIf(disk === null)("a log on a disk that runs full", () => {
	it("refuses appends with ASSENT_LOG_FULL, keeps what it acknowledged, and resumes when there is space", async () => {
		const { folder } = disk as SmallDisk;
		const path = join(folder, "log.db");
		const ballast = join(folder, "ballast");
		writeFileSync(ballast, Buffer.alloc(1024 * 1024));
		const log = await openEmbeddedLog({ path });
		await log.admin().createTopics([{ name: "intents", partitions: 1, cleanup: "keep" }]);
		const acknowledged: number[] = [];
		let answer: Appended | null = null;
		for (let at = 0; at < 2_000; at++) {
			answer = await log.append(TO, [{ key: null, value: Buffer.alloc(10_000, at), headers: {} }]);
			if (answer.kind !== "appended") break;
			acknowledged.push(at);
		}
		expect(answer).toMatchObject({ kind: "failed", problem: { code: "ASSENT_LOG_FULL" } });
		expect(acknowledged.length).toBeGreaterThan(20);
		const second = await log.append(TO, [{ key: null, value: Buffer.alloc(100_000), headers: {} }]);
		expect(second.kind).toBe("failed");
		const findings = await log.admin().diagnose();
		expect(findings.find((finding) => finding.subject === "space")?.level).toBe("error");

		rmSync(ballast);
		const end = acknowledged.length;
		const resumed = await log.append(TO, [{ key: null, value: Buffer.from("again"), headers: {} }], {
			expected: end,
		});
		expect(resumed).toMatchObject({ kind: "appended", base: end });
		await log.close();

		const again = await openEmbeddedLog({ path });
		let next = 0;
		while (next < end) {
			for (const record of await again.read(TO, next)) {
				if (record.offset < end) expect(record.value[0]).toBe(record.offset % 256);
				next = record.offset + 1;
			}
		}
		expect((await again.admin().diagnose()).find((finding) => finding.subject === "structure")?.level).toBe("ok");
		await again.close();
	});
});
