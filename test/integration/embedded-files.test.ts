/** Files that are not, or no longer, a whole log: refused and left alone, or brought back to a committed prefix. */
import {
	copyFileSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checksum } from "../../src/adapters/embedded/checksum.ts";
import { openEmbeddedLog } from "../../src/adapters/embedded/open.ts";
import { FORMAT_VERSION } from "../../src/adapters/embedded/schema.ts";
import { AssentError } from "../../src/core/base/errors.ts";

const TO = { topic: "intents", partition: 0 };
const COUNT = 60;

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("opening a file that is no log of Assent", () => {
	it("refuses text, and leaves it as it was", async () => {
		const path = join(folder, "notes.txt");
		writeFileSync(
			path,
			"Dear diary, this is longer than one hundred bytes, so that a whole header could be read. ".repeat(3),
		);
		await refuses(path, "ASSENT_LOG_FOREIGN");
	});

	it("refuses another program's SQLite file, and leaves it as it was", async () => {
		const path = join(folder, "other.db");
		const db = new DatabaseSync(path);
		db.exec("PRAGMA journal_mode = WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
		db.close();
		await refuses(path, "ASSENT_LOG_FOREIGN");
	});

	it.each([
		[FORMAT_VERSION + 1, "upgrade Assent"],
		[FORMAT_VERSION - 1, "open it with the version that made it, or begin a new log"],
	])("refuses a log of format %i", async (version, help) => {
		const path = await writtenLog();
		const db = new DatabaseSync(path);
		db.exec(`PRAGMA user_version = ${version}`);
		db.close();
		await refuses(path, "ASSENT_LOG_VERSION");
		await expect(openEmbeddedLog({ path })).rejects.toMatchObject({ problem: { help } });
	});

	it("refuses a log from which a table was removed", async () => {
		const path = await writtenLog();
		const db = new DatabaseSync(path);
		db.exec("DROP TABLE begins");
		db.close();
		for (const readOnly of [true, false])
			await expect(openEmbeddedLog({ path, readOnly })).rejects.toMatchObject({ code: "ASSENT_LOG_CORRUPT" });
	});

	it("refuses a log in which somebody has left a trigger, or put a view in a table's place", async () => {
		const hostile: readonly string[] = [
			"CREATE TRIGGER t AFTER INSERT ON records BEGIN UPDATE records SET value = x'00' WHERE off = NEW.off; END",
			"ALTER TABLE listeners RENAME TO l; CREATE VIEW listeners AS SELECT id, path FROM l",
			"DROP TABLE members; CREATE TABLE members(id, grp, member, socket)",
		];
		for (const [index, sql] of hostile.entries()) {
			const path = await writtenLog(`hostile-${index}.db`);
			const db = new DatabaseSync(path);
			db.exec(sql);
			db.close();
			for (const readOnly of [true, false])
				await expect(openEmbeddedLog({ path, readOnly }), sql).rejects.toMatchObject({ code: "ASSENT_LOG_FOREIGN" });
		}
	});

	it("takes a log to which somebody has added an index and a view for queries of their own", async () => {
		const path = await writtenLog();
		const db = new DatabaseSync(path);
		db.exec("CREATE INDEX by_time ON records(ts); CREATE VIEW mine AS SELECT count(*) AS n FROM records");
		db.close();
		const log = await openEmbeddedLog({ path });
		expect(await log.read(TO, 0)).toHaveLength(COUNT);
		await log.close();
	});

	it("says that a record is damaged whose headers are no texts, though its checksum fits", async () => {
		for (const [index, headers] of ["{", "[]", '{"a":1}', "null"].entries()) {
			const path = await writtenLog(`headers-${index}.db`);
			const db = new DatabaseSync(path);
			const row = db.prepare("SELECT topic, ts, value FROM records WHERE off = 3").get();
			const bytes = { key: null, headers: Buffer.from(headers), value: row?.["value"] as Uint8Array };
			const place = { topic: Number(row?.["topic"]), partition: 0, offset: 3, timestamp: Number(row?.["ts"]) };
			const crc = checksum(place, bytes);
			db.prepare("UPDATE records SET headers = ?, key = NULL, crc = ? WHERE off = 3").run(headers, crc);
			db.close();
			const log = await openEmbeddedLog({ path });
			await expect(log.read(TO, 0), headers).rejects.toMatchObject({ code: "ASSENT_LOG_CORRUPT" });
			await log.close();
		}
	});

	it("says that a record is damaged which is in another one's place", async () => {
		const path = await writtenLog();
		const log = await openEmbeddedLog({ path });
		await log.admin().createTopics([{ name: "replies", partitions: 2, cleanup: "keep" }]);
		const places = [0, 1].map((partition) => ({ topic: "replies", partition }));
		for (const place of places) await log.append(place, [{ key: null, value: Buffer.from("same"), headers: {} }]);
		const db = new DatabaseSync(path);
		db.exec("UPDATE records SET part = part + 2 WHERE topic = 2; UPDATE records SET part = 3 - part WHERE topic = 2");
		db.close();
		for (const place of places) await expect(log.read(place, 0)).rejects.toMatchObject({ code: "ASSENT_LOG_CORRUPT" });
		await log.close();
	});

	it("refuses a log whose index says other offsets than its records", async () => {
		const path = await writtenLog();
		moveBehindIndex(path, 7);
		await expect(openEmbeddedLog({ path })).rejects.toMatchObject({
			code: "ASSENT_LOG_CORRUPT",
			message: expect.stringContaining("sqlite_autoindex_records_1"),
		});
	});

	it.each(["removed", "replaced"] as const)(
		"notices that its file is %s while it waits, and is used no more",
		async (what) => {
			const path = await writtenLog();
			const log = await openEmbeddedLog({ path });
			const waiting = log.waitFor([{ ...TO, offset: COUNT }], { timeoutMs: 600_000 });
			if (what === "removed") for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix);
			else renameSync(await writtenLog("other.db"), path);
			await waiting;
			for (const use of [log.read(TO, 0), log.append(TO, [{ key: null, value: Buffer.from("x"), headers: {} }])])
				await expect(use).rejects.toMatchObject({
					code: "ASSENT_LOG_CLOSED",
					message: expect.stringContaining(`its file was ${what}`),
				});
			await log.close();
		},
	);

	it("refuses an empty file and one of zeros, which may be what is left of a log", async () => {
		const path = join(folder, "log.db");
		writeFileSync(path, "");
		await refuses(path, "ASSENT_LOG_CORRUPT");
		await expect(openEmbeddedLog({ path })).rejects.toThrow(
			/is empty: no log was written to it, or it has lost it \(remove it to begin a new log, or restore a backup\)/,
		);
		writeFileSync(path, Buffer.alloc(8_192));
		await refuses(path, "ASSENT_LOG_CORRUPT");
	});

	it("refuses a folder", async () => {
		await expect(openEmbeddedLog({ path: folder })).rejects.toMatchObject({ code: "ASSENT_LOG_UNAVAILABLE" });
	});

	it("makes a file that its owner alone may read, whatever the umask; so are the files beside it", async () => {
		const umask = process.umask(0);
		try {
			const path = join(folder, "private.db");
			const log = await openEmbeddedLog({ path });
			await log.admin().createTopics([{ name: "intents", partitions: 1, cleanup: "keep" }]);
			const modes = ["", "-wal", "-shm"].map((suffix) => (statSync(path + suffix).mode & 0o777).toString(8));
			expect(modes).toEqual(["600", "600", "600"]);
			await log.close();
		} finally {
			process.umask(umask);
		}
	});

	it("makes a missing file only if it may", async () => {
		const path = join(folder, "log.db");
		for (const options of [
			{ path, create: false },
			{ path, readOnly: true },
		])
			await expect(openEmbeddedLog(options)).rejects.toMatchObject({ code: "ASSENT_FILE_MISSING" });
		expect(readdirSync(folder)).toEqual([]);
	});
});

describe("a log opened for reading only", () => {
	it("reads and waits, but writes nothing", async () => {
		const path = await writtenLog();
		const reader = await openEmbeddedLog({ path, readOnly: true });
		const writer = await openEmbeddedLog({ path });
		const waiting = reader.waitFor([{ ...TO, offset: COUNT }], { timeoutMs: 60_000 });
		await writer.append(TO, [{ key: null, value: Buffer.from("more"), headers: {} }]);
		await waiting;
		expect(await reader.read(TO, COUNT)).toHaveLength(1);
		await expect(reader.append(TO, [{ key: null, value: Buffer.from("x"), headers: {} }])).rejects.toThrow(AssentError);
		expect((await reader.admin().diagnose()).map((finding) => finding.subject)).toContain("access");
		await reader.close();
		await writer.close();
	});
});

describe("a log whose file was torn", () => {
	it("comes back with a committed prefix wherever its write-ahead log was cut off", async () => {
		const path = await crashedLog();
		const wal = usedBytes(`${path}-wal`);
		const lengths = new Set<number>();
		for (let cut = 0; cut <= 24; cut++) {
			const copy = copyOf(path, `cut-${cut}`);
			truncateSync(`${copy}-wal`, Math.floor((wal * cut) / 24));
			const read = await readAll(copy);
			expect(read).toEqual(Array.from({ length: read.length }, (_, at) => `record ${at}`));
			lengths.add(read.length);
		}
		expect(Math.max(...lengths)).toBe(COUNT);
		expect(lengths.size).toBeGreaterThan(10);
	});

	it("comes back with a committed prefix after bytes of its write-ahead log were changed", async () => {
		const path = await crashedLog();
		const wal = usedBytes(`${path}-wal`);
		let copies = 0;
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 0, max: wal - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
				const copy = copyOf(path, `flip-${copies++}`);
				flipByte(`${copy}-wal`, at, flip);
				const read = await readAll(copy);
				expect(read).toEqual(Array.from({ length: read.length }, (_, index) => `record ${index}`));
			}),
			{ numRuns: 25 },
		);
	});

	it("is refused wherever the file itself was cut off", async () => {
		const path = await writtenLog();
		const size = statSync(path).size;
		for (const left of [1, 50, 100, 4_096, size / 2, size - 4_096, size - 1]) {
			const copy = copyOf(path, `short-${left}`);
			truncateSync(copy, Math.floor(left));
			const thrown = await openAndRead(copy);
			expect(thrown, `cut to ${left} of ${size}`).toMatchObject({
				code: expect.stringMatching(/^ASSENT_LOG_(CORRUPT|FOREIGN)$/),
			});
		}
	});

	it("never gives out records with changed bytes: it says that it is damaged, or the change did not touch them", async () => {
		const path = await writtenLog();
		const size = statSync(path).size;
		let copies = 0;
		let refused = 0;
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 100, max: size - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
				const copy = copyOf(path, `rot-${copies++}`);
				flipByte(copy, at, flip);
				const read = await openAndRead(copy);
				if (!Array.isArray(read)) {
					refused += 1;
					// A name of the schema with another letter is another program's, as far as anybody can see.
					expect(read).toMatchObject({ code: expect.stringMatching(/^ASSENT_LOG_(CORRUPT|FOREIGN)$/) });
				} else expect(read).toEqual(Array.from({ length: read.length }, (_, index) => `record ${index}`));
			}),
			{ numRuns: 60 },
		);
		expect(refused).toBeGreaterThan(5);
	});

	it("is found damaged by the doctor when records are missing", async () => {
		const path = await writtenLog();
		const db = new DatabaseSync(path);
		db.exec("DELETE FROM records WHERE off = 7");
		db.close();
		const log = await openEmbeddedLog({ path });
		await expect(log.read(TO, 0)).rejects.toMatchObject({ code: "ASSENT_LOG_CORRUPT" });
		const errors = (await log.admin().diagnose()).filter((finding) => finding.level === "error");
		expect(errors).toMatchObject([{ subject: "records", message: expect.stringContaining("59 records") }]);
		await log.close();
	});
});

/** A log with COUNT records, closed. */
async function writtenLog(name = "log.db"): Promise<string> {
	const path = join(folder, name);
	const log = await openEmbeddedLog({ path, thread: "inline" });
	await log.admin().createTopics([{ name: "intents", partitions: 1, cleanup: "keep" }]);
	for (let at = 0; at < COUNT; at++)
		await log.append(TO, [{ key: "key", value: Buffer.from(`record ${at}`), headers: { filler: "x".repeat(500) } }]);
	await log.close();
	return path;
}

/** Copies of a log's files as a crash leaves them: the records lie in the write-ahead log. */
async function crashedLog(): Promise<string> {
	const path = join(folder, "live.db");
	const log = await openEmbeddedLog({ path, thread: "inline" });
	await log.admin().createTopics([{ name: "intents", partitions: 1, cleanup: "keep" }]);
	for (let at = 0; at < COUNT; at++)
		await log.append(TO, [{ key: "key", value: Buffer.from(`record ${at}`), headers: { filler: "x".repeat(500) } }]);
	const crashed = copyOf(path, "crashed");
	await log.close();
	return crashed;
}

/** Changes the offset of a record as a damaged page would: its entry in the index stays. */
function moveBehindIndex(path: string, offset: number): void {
	const inSchema = (work: string): void => {
		const db = new DatabaseSync(path, { defensive: false });
		db.exec(`PRAGMA writable_schema = ON; ${work}`);
		db.close();
	};
	const index = "name = 'sqlite_autoindex_records_1'";
	const setSql = (from: string, to: string) => `UPDATE sqlite_schema SET sql = replace(sql, '${from}', '${to}')`;
	const [unique, none] = ["UNIQUE (topic, part, off)", "CHECK (topic > 0)"];
	inSchema(`CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE ${index}`);
	inSchema(`DELETE FROM sqlite_schema WHERE ${index}; ${setSql(unique, none)} WHERE name = 'records'`);
	inSchema(`UPDATE records SET off = off + 1000 WHERE off = ${offset}`);
	inSchema(`INSERT INTO sqlite_schema SELECT * FROM kept; ${setSql(none, unique)} WHERE name = 'records'`);
	inSchema("DROP TABLE kept");
}

/** The write-ahead log is grown with zeros before it is needed. */
const usedBytes = (path: string): number => readFileSync(path).findLastIndex((byte) => byte !== 0) + 1;

function copyOf(path: string, name: string): string {
	const copy = join(folder, `${name}.db`);
	copyFileSync(path, copy);
	if (statSync(`${path}-wal`, { throwIfNoEntry: false }) !== undefined) copyFileSync(`${path}-wal`, `${copy}-wal`);
	return copy;
}

function flipByte(path: string, at: number, flip: number): void {
	const bytes = readFileSync(path);
	bytes[at] = (bytes[at] ?? 0) ^ flip;
	writeFileSync(path, bytes);
}

async function readAll(path: string): Promise<string[]> {
	const log = await openEmbeddedLog({ path, thread: "inline" });
	try {
		const names = (await log.admin().topics()).map((topic) => topic.name);
		if (!names.includes("intents")) return [];
		const records = await log.read(TO, 0, { recordsMax: 1_000 });
		return records.map((record) => String(Buffer.from(record.value)));
	} finally {
		await log.close();
	}
}

/** The records' texts, or what was thrown. */
async function openAndRead(path: string): Promise<unknown> {
	return readAll(path).catch((thrown: unknown) => thrown);
}

async function refuses(path: string, code: string): Promise<void> {
	const before = readFileSync(path);
	const names = readdirSync(folder);
	await expect(openEmbeddedLog({ path })).rejects.toMatchObject({ code });
	expect(readFileSync(path).equals(before)).toBe(true);
	expect(readdirSync(folder)).toEqual(names);
}
