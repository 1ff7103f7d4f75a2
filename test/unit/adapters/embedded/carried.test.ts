/** Records that come along with a poke: they are what the file holds, and are handed out once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Carried } from "../../../../src/adapters/embedded/carried.ts";
import { writable } from "../../../../src/adapters/embedded/frame.ts";
import { openEmbeddedLog } from "../../../../src/adapters/embedded/open.ts";
import { writtenLines } from "../../../../src/adapters/embedded/poker.ts";
import type { EntrySummary } from "../../../../src/core/ledger/projections/summary.ts";
import { type Log, type OutRecord, READ_DEFAULTS } from "../../../../src/ports/log/log.ts";

const PLACE = { topic: "intents", partition: 1 };
const record = (text: string): OutRecord => ({ key: null, value: Buffer.from(text), headers: {} });
const texts = (records: readonly { readonly value: Uint8Array }[] | null): string[] | null =>
	records?.map(({ value }) => Buffer.from(value).toString()) ?? null;

describe("records that came along", () => {
	it("are handed out once, to the read that asks for them", () => {
		const carried = new Carried();
		carried.keep(PLACE, 5, carriedText([record("a"), record("b")]));
		expect(texts(carried.take(PLACE, 5, READ_DEFAULTS))).toEqual(["a", "b"]);
		expect(carried.take(PLACE, 5, READ_DEFAULTS)).toBeNull();
	});

	it("follow each other, and are handed out from the offset that is asked for", () => {
		const carried = new Carried();
		carried.keep(PLACE, 5, carriedText([record("a"), record("b")]));
		carried.keep(PLACE, 7, carriedText([record("c")]));
		expect(texts(carried.take(PLACE, 6, READ_DEFAULTS))).toEqual(["b", "c"]);
	});

	it("are of no use to a read that begins before them, behind them or elsewhere", () => {
		const carried = new Carried();
		const keep = () => carried.keep(PLACE, 5, carriedText([record("a")]));
		keep();
		expect(carried.take(PLACE, 4, READ_DEFAULTS)).toBeNull();
		keep();
		expect(carried.take(PLACE, 6, READ_DEFAULTS)).toBeNull();
		keep();
		expect(carried.take({ ...PLACE, partition: 2 }, 5, READ_DEFAULTS)).toBeNull();
	});

	it("leave a gap to the file", () => {
		const carried = new Carried();
		carried.keep(PLACE, 5, carriedText([record("a")]));
		carried.keep(PLACE, 9, carriedText([record("b")]));
		expect(carried.take(PLACE, 5, READ_DEFAULTS)).toBeNull();
	});

	it("do not pile up for a reader that lags", () => {
		const carried = new Carried();
		for (let offset = 0; offset < 1_000; offset++) carried.keep(PLACE, offset, carriedText([record("x")]));
		expect(carried.take(PLACE, 0, READ_DEFAULTS)).toBeNull();
	});

	it("are not handed out beyond what a read takes at most", () => {
		const carried = new Carried();
		const keep = () => carried.keep(PLACE, 0, carriedText([record("aaa"), record("bbb")]));
		keep();
		expect(carried.take(PLACE, 0, { ...READ_DEFAULTS, recordsMax: 1 })).toBeNull();
		keep();
		expect(carried.take(PLACE, 0, { ...READ_DEFAULTS, bytesMax: 5 })).toBeNull();
	});

	it("that are no such thing are left to the file", () => {
		const carried = new Carried();
		for (const text of ["", "null", '{"records":[1]}', '{"timestamp":1,"records":[["k","{\\"h\\":1}",""]]}']) {
			carried.keep(PLACE, 0, text);
			expect(carried.take(PLACE, 0, READ_DEFAULTS), text).toBeNull();
		}
	});

	it("do not come along when they are large, compacted or of the ledger: their place does", () => {
		const written = (records: readonly OutRecord[]) => [
			{ ...PLACE, base: 0, timestamp: 1, records: records.map(writable) },
		];
		const touched = [{ ...PLACE, end: 1 }];
		expect(writtenLines({ touched, written: written([record("x")]) })).toMatch(/^w 1 0 1 7 intents /);
		expect(writtenLines({ touched, written: written([record("x".repeat(20_000))]) })).toBeNull();
		expect(writtenLines({ touched, written: [] })).toBe("r 1 1 intents\n");
		const index = { seq: 0 } as EntrySummary;
		expect(writtenLines({ touched, written: written([{ ...record("x"), index }]) })).toBe("r 1 1 intents\n");
	});
});

describe("a process that waits", () => {
	let folder = "";
	let path = "";
	const opened: Log[] = [];
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "assent-carried-"));
		path = join(folder, "log.db");
	});
	afterEach(async () => {
		for (const log of opened.splice(0)) await log.close();
		rmSync(folder, { recursive: true, force: true });
	});

	it("is handed what another one wrote without asking the file", async () => {
		const { writer, reader } = await both();
		// Until the socket is known to the writer, the poll may be first.
		for (let offset = 0; offset < 50; offset++) {
			const woken = reader.waitFor([{ ...PLACE, offset: offset }], { timeoutMs: 5_000 });
			await writer.append(PLACE, [record(`record ${offset}`)]);
			await woken;
			forget(offset);
			const read = await reader.read(PLACE, offset).catch(() => null);
			if (read === null || read.length === 0) continue;
			expect(texts(read)).toEqual([`record ${offset}`]);
			return;
		}
		throw new Error("no record came along");
	});

	it("gets the same record either way", async () => {
		const { writer, reader } = await both();
		const text = fc.string({ unit: "binary", maxLength: 20 });
		const outRecord = fc.record({
			key: fc.option(text),
			value: fc.uint8Array({ maxLength: 100 }),
			headers: fc.dictionary(text, text, { maxKeys: 3 }),
		});
		let offset = 0;
		await fc.assert(
			fc.asyncProperty(fc.array(outRecord, { minLength: 1, maxLength: 3 }), async (records) => {
				const woken = reader.waitFor([{ ...PLACE, offset: offset }], { timeoutMs: 5_000 });
				await writer.append(PLACE, records);
				await woken;
				const heard = (await reader.read(PLACE, offset)).map(plain);
				expect(heard).toEqual((await writer.read(PLACE, offset)).map(plain));
				offset += records.length;
			}),
			{ numRuns: 60 },
		);
	});

	async function both(): Promise<{ writer: Log; reader: Log }> {
		const writer = await openEmbeddedLog({ path });
		opened.push(writer);
		await writer.admin().createTopics([{ name: "intents", partitions: 2, cleanup: "keep" }]);
		const reader = await openEmbeddedLog({ path });
		opened.push(reader);
		return { writer, reader };
	}

	function forget(offset: number): void {
		const db = new DatabaseSync(path, { timeout: 5_000 });
		db.prepare("DELETE FROM records WHERE off = ?").run(offset);
		db.prepare("INSERT OR REPLACE INTO begins SELECT id, 1, ? FROM topics WHERE name = 'intents'").run(offset + 1);
		db.close();
	}
});

const plain = ({ value, ...rest }: { readonly value: Uint8Array }) => ({
	...rest,
	value: Buffer.from(value).toString("hex"),
});

/** What stands behind the names in a line that carries the records. */
function carriedText(records: readonly OutRecord[]): string {
	const written = [{ ...PLACE, base: 0, timestamp: 1, records: records.map(writable) }];
	const line = writtenLines({ touched: [{ ...PLACE, end: records.length }], written }) ?? "";
	return line.slice(line.indexOf("{"));
}
