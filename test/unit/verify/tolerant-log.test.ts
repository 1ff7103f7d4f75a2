/** A log that is read on where records of it are damaged or missing. */
import { describe, expect, it } from "vitest";
import { AssentError, problem } from "../../../src/core/base/errors.ts";
import { type Log, type LogRecord, readToEnd } from "../../../src/ports/log/log.ts";
import { noTopic } from "../../../src/ports/log/problems.ts";
import { tolerantLog } from "../../../src/verify/tolerant-log.ts";

const FROM = { topic: "violations", partition: 0 };

/** With records at some offsets of many, which refuses to read over a hole; `asked` counts what it was asked for. */
function holedLog(end: number, isThere: (offset: number) => boolean) {
	const asked = { records: 0 };
	const read = async (_: unknown, offset: number, { recordsMax = 500 } = {}): Promise<readonly LogRecord[]> => {
		const last = Math.min(offset + recordsMax, end);
		asked.records += last - offset;
		const offsets = Array.from({ length: last - offset }, (_, index) => offset + index);
		if (!offsets.every(isThere)) throw new AssentError(problem("ASSENT_LOG_CORRUPT", "records are missing"));
		return offsets.map((at) => ({
			...FROM,
			offset: at,
			timestamp: 0,
			key: null,
			value: new Uint8Array(),
			headers: {},
		}));
	};
	const log = { url: "file:holed", read, bounds: async () => ({ begin: 0, end }) } as unknown as Log;
	return { log: tolerantLog(log), asked };
}

async function offsetsIn(log: Log): Promise<readonly number[]> {
	const offsets: number[] = [];
	for await (const records of readToEnd(log, FROM, 0)) offsets.push(...records.map(({ offset }) => offset));
	return offsets;
}

describe("a log with holes", () => {
	it("is read around them, and each is told of once", async () => {
		const { log } = holedLog(2_000, (offset) => offset !== 700 && offset !== 1_100);
		expect(await offsetsIn(log)).toHaveLength(1_998);
		expect(log.lost.map(({ offset }) => offset)).toEqual([700, 1_100]);
		expect(await offsetsIn(log)).toHaveLength(1_998);
		expect(log.lost).toHaveLength(2);
	});

	it.each([2, 3, 10])("is read in time where one record of %i is missing", async (every) => {
		const { log, asked } = holedLog(30_000, (offset) => offset % every !== 1);
		expect(await offsetsIn(log)).toHaveLength(30_000 - 30_000 / every);
		expect(asked.records).toBeLessThan(4 * 30_000);
	});

	it.each([2, 3, 10])("is read again at the cost of what is left, where one record of %i is missing", async (every) => {
		const { log, asked } = holedLog(30_000, (offset) => offset % every !== 1);
		const offsets = await offsetsIn(log);
		const before = asked.records;
		expect(await offsetsIn(log)).toEqual(offsets);
		expect(asked.records - before).toBe(offsets.length);
	});

	it("is given up at the same place each time, where very many records in a row are missing", async () => {
		const { log } = holedLog(30_000, (offset) => offset < 5 || offset > 25_000);
		expect(await offsetsIn(log)).toEqual([0, 1, 2, 3, 4]);
		expect(await offsetsIn(log)).toEqual([0, 1, 2, 3, 4]);
		expect(log.lost).toHaveLength(10_000);
	});

	it("is empty where there is no such partition", async () => {
		const none = async (): Promise<never> => Promise.reject(noTopic(FROM, null));
		const log = tolerantLog({ url: "file:none", read: none, bounds: none } as unknown as Log);
		expect(await log.bounds(FROM)).toEqual({ begin: 0, end: 0 });
		expect(await log.read(FROM, 0)).toEqual([]);
	});
});
