/** A thread whose memory is not enough: its partition begins again on one without bounds, and nothing is told twice. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openEmbeddedLog } from "../../src/adapters/embedded/open.ts";
import { openLog } from "../../src/app/open-log.ts";
import { reAuditAll } from "../../src/app/re-audit.ts";
import { verifyAll } from "../../src/app/verify.ts";
import type { ReplayedCall } from "../../src/replay/tally.ts";
import { ordinaryDay } from "../support/ordinary-day.ts";
import { TEST_LAYOUT } from "../support/world.ts";

const folder = mkdtempSync(join(tmpdir(), "assent-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DENIES_ALL = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: nothing }
tools: { allow: none }
`;

it("a re-audit and a verification come out the same when their threads have too little memory", async () => {
	const path = join(folder, "log.db");
	const log = await openEmbeddedLog({ path });
	await ordinaryDay(log, TEST_LAYOUT, 60);
	await log.close();
	const job = {
		log: `file:${path}`,
		config: undefined,
		layout: TEST_LAYOUT,
		sources: [{ name: "nothing.yaml", text: DENIES_ALL }],
		from: null,
		to: null,
		filter: {},
		isEachTold: true,
	};
	const told = async (limits?: { readonly maxOldGenerationSizeMb: number }) => {
		const calls: ReplayedCall[] = [];
		let records = 0;
		const result = await reAuditAll(job, {
			...(limits === undefined ? {} : { limits }),
			onProgress: (more) => {
				records += more;
			},
			onDifferences: (more) => void calls.push(...more),
		});
		return { result, records, ids: calls.map(({ call }) => call.id).sort() };
	};
	const verified = async (limits?: { readonly maxOldGenerationSizeMb: number }) => {
		const opened = await openLog(job.log, { create: false, readOnly: true });
		let records = 0;
		try {
			const found = await verifyAll(opened, {
				...job,
				partitions: job.layout.partitions,
				keys: { log: null, witnesses: [] },
				folder: null,
				exported: null,
				kept: [],
				...(limits === undefined ? {} : { limits }),
				onProgress: (more) => {
					records += more;
				},
			});
			return { found, records };
		} finally {
			await opened.close();
		}
	};
	const enough = await told();
	expect(enough.ids.length).toBeGreaterThan(50);
	expect(await told({ maxOldGenerationSizeMb: 12 })).toEqual(enough);
	const whole = await verified();
	expect(whole.records).toBeGreaterThan(100);
	expect(await verified({ maxOldGenerationSizeMb: 12 })).toEqual(whole);
}, 120_000);
