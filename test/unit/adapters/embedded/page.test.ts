/** Whoever reads on where a read was cut short gets whole pages: the same records as row by row. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { openEmbeddedLog } from "../../../../src/adapters/embedded/open.ts";
import { type Log, type LogRecord, type OutRecord, withHeaders } from "../../../../src/ports/log/log.ts";

const folder = mkdtempSync(join(tmpdir(), "assent-page-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FROM = { topic: "intents", partition: 0 };

describe("a page of an embedded log", () => {
	it("holds what single rows do: no key, no bytes, NULs, what is not UTF-8, letters of many bytes", async () => {
		const { log } = await logOf("same", varied(1_000));
		const rows = await inSteps(log, { recordsMax: 1 });
		for (const recordsMax of [64, 200, 500]) expect(await inSteps(log, { recordsMax })).toEqual(rows);
		await log.close();
	});

	it("has headers for whoever asks for them late", async () => {
		const { log } = await logOf("late", varied(300));
		const rows = await inSteps(log, { recordsMax: 1 });
		await log.read(FROM, 0, { recordsMax: 100, hasHeaders: false });
		const page = await log.read(FROM, 100, { recordsMax: 150, hasHeaders: false });
		expect(page.every(({ late }) => late !== undefined)).toBe(true);
		expect(plain(page.map(withHeaders))).toEqual(rows.slice(100, 250));
		await log.close();
	});

	it("ends before a record of many bytes, and goes on with it", async () => {
		const records = varied(300).map((record, at) =>
			at % 90 === 80 ? { ...record, value: new Uint8Array(200_000) } : record,
		);
		const { log } = await logOf("large", records);
		expect(await inSteps(log, { recordsMax: 64 })).toEqual(await inSteps(log, { recordsMax: 1 }));
		await log.close();
	});

	it("is cut where the bytes that were asked for are full, and holds one record that is larger", async () => {
		const { log } = await logOf("cut", varied(400, { valueBytes: 3_000 }));
		const rows = await inSteps(log, { recordsMax: 1 });
		await log.read(FROM, 0, { recordsMax: 64 });
		const page = await log.read(FROM, 64, { recordsMax: 100, bytesMax: 10_000 });
		expect(page.length).toBeGreaterThan(1);
		expect(page.reduce((sum, { value, key }) => sum + value.length + (key?.length ?? 0), 0)).toBeLessThanOrEqual(
			10_000,
		);
		await log.read(FROM, 0, { recordsMax: 64 });
		const single = await log.read(FROM, 64, { recordsMax: 100, bytesMax: 1 });
		expect(plain(single)).toEqual(rows.slice(64, 65));
		await log.close();
	});

	for (const column of ["key", "headers", "value", "ts"]) {
		it(`says at which offset ${column} was changed`, async () => {
			const { log, path } = await logOf(`changed-${column}`, varied(300));
			await log.close();
			const to = { key: "'k-?'", headers: `'{"a":"?"}'`, value: "x'00ff'", ts: "ts + 1" }[column];
			tampered(path, `UPDATE records SET ${column} = ${to} WHERE off = 150`);
			const again = await openEmbeddedLog({ path, readOnly: true });
			await again.read(FROM, 0, { recordsMax: 100 });
			await expect(again.read(FROM, 100, { recordsMax: 100 })).rejects.toThrow(
				/the checksum of `intents\/0` offset 150/,
			);
			await again.close();
		});
	}

	it("says that records are missing in its middle", async () => {
		const { log, path } = await logOf("missing", varied(300));
		await log.close();
		tampered(path, "DELETE FROM records WHERE off = 150");
		const again = await openEmbeddedLog({ path, readOnly: true });
		await again.read(FROM, 0, { recordsMax: 100 });
		await expect(again.read(FROM, 100, { recordsMax: 100 })).rejects.toThrow(/records are missing in `intents\/0`/);
		await again.close();
	});
});

async function logOf(
	name: string,
	records: readonly OutRecord[],
): Promise<{ readonly log: Log; readonly path: string }> {
	const path = join(folder, `${name}.db`);
	const log = await openEmbeddedLog({ path });
	await log.admin().createTopics([{ name: FROM.topic, partitions: 1, cleanup: "keep" }]);
	for (let at = 0; at < records.length; at += 100) await log.append(FROM, records.slice(at, at + 100));
	return { log, path };
}

function varied(count: number, { valueBytes = 40 } = {}): OutRecord[] {
	const keys = [null, "", "tenant/agent", "ключ/钥匙"];
	return Array.from({ length: count }, (_, at) => ({
		key: keys[at % keys.length] as string | null,
		value: Uint8Array.from({ length: at % 7 === 0 ? 0 : valueBytes }, (_, index) => (at * 31 + index * 77) % 256),
		headers: at % 3 === 0 ? {} : { name: `value-${at}`, größe: '\u0000"\\' },
	}));
}

async function inSteps(log: Log, options: { readonly recordsMax: number }): Promise<LogRecord[]> {
	const found: LogRecord[] = [];
	for (;;) {
		const records = await log.read(FROM, found.length, options);
		if (records.length === 0) return plain(found);
		found.push(...records);
	}
}

const plain = (records: readonly LogRecord[]): LogRecord[] =>
	records.map((record) => ({ ...record, value: Uint8Array.from(record.value) }));

function tampered(path: string, sql: string): void {
	const db = new DatabaseSync(path);
	db.exec(sql);
	db.close();
}
