/** Appends on the caller's thread: W1–W3 are the promises of inline-writer.ts, O1 and O2 those of outbox.ts. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFile } from "../../../../src/adapters/embedded/file.ts";
import { type WritableAppend, writable } from "../../../../src/adapters/embedded/frame.ts";
import { Housekeeping } from "../../../../src/adapters/embedded/housekeeping.ts";
import { InlineWriter, type InlineWriterParts } from "../../../../src/adapters/embedded/inline-writer.ts";
import { EmbeddedLog } from "../../../../src/adapters/embedded/log.ts";
import { LoopTurn } from "../../../../src/adapters/embedded/loop-turn.ts";
import { openEmbeddedLog } from "../../../../src/adapters/embedded/open.ts";
import { openForWriting } from "../../../../src/adapters/embedded/sqlite.ts";
import { startInline } from "../../../../src/adapters/embedded/thread.ts";
import { LogWriter } from "../../../../src/adapters/embedded/writer.ts";
import type { Log } from "../../../../src/ports/log/log.ts";

const SMALL = { bytes: 1, isOtherBusy: false };
const NEVER_LONG = { isLong: () => false };
const TO = { topic: "intents", partition: 0 };
const record = (text: string) => ({ key: null, value: Buffer.from(text), headers: {} });
const append = (text: string): WritableAppend => ({
	id: 0,
	to: TO,
	records: [writable(record(text))],
	expected: null,
	isDurable: true,
	after: null,
	now: null,
});

let folder = "";
let path = "";
const closers: (() => unknown)[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-inline-"));
	path = join(folder, "log.db");
	createFile(path);
	const writer = new LogWriter(path);
	writer.createTopics([{ name: "intents", partitions: 1, cleanup: "keep" }]);
	writer.close();
});
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
	rmSync(folder, { recursive: true, force: true });
});

describe("an append on the caller's thread", () => {
	it("is written and acknowledged there", () => {
		expect(inlineWriter().commit([append("a")], SMALL)?.answers).toMatchObject([
			{ appended: { kind: "appended", base: 0 } },
		]);
		expect(values()).toEqual(["a"]);
	});

	it("that took long sends those that follow elsewhere for twenty times as long as it was slow (W1)", () => {
		let ms = 0;
		const writer = new LogWriter(path);
		const slow: InlineWriterParts["writer"] = {
			commit: (appends) => {
				ms += 11;
				return writer.commit(appends);
			},
			close: () => writer.close(),
		};
		const inline = inlineWriter({ writer: slow, now: () => ms });
		expect(inline.commit([append("a")], SMALL)).not.toBeNull();
		expect(inline.commit([append("b")], SMALL)).toBeNull();
		ms += 199;
		expect(inline.commit([append("c")], SMALL)).toBeNull();
		expect(inline.commit([append("meanwhile")], { ...SMALL, isOtherBusy: true })).not.toBeNull();
		ms += 199;
		expect(inline.commit([append("c")], SMALL)).toBeNull();
		ms += 1;
		expect(inline.commit([append("d")], SMALL)).not.toBeNull();
		expect(values()).toEqual(["a", "meanwhile", "d"]);
	});

	it("is left to the other thread while another process writes (W2)", () => {
		const inline = inlineWriter({ now: () => 0 });
		const other = lockedByOther();
		expect(inline.commit([append("a")], SMALL)).toBeNull();
		other.exec("ROLLBACK");
		expect(inline.commit([append("b")], SMALL)).not.toBeNull();
		expect(values()).toEqual(["b"]);
	});

	it("is left to the other thread when the turn has lasted long enough, or the group is large (W3)", () => {
		expect(inlineWriter({ turn: { isLong: () => true } }).commit([append("a")], SMALL)).toBeNull();
		expect(inlineWriter().commit([append("b")], { ...SMALL, bytes: 1024 * 1024 })).toBeNull();
		expect(values()).toEqual([]);
	});

	it("keeps text as other adapters do, also text that is not well-formed", async () => {
		const log = await open();
		await log.append(TO, [{ key: "k\ud800\0é", value: new Uint8Array([1]), headers: { h: "\u{1f600}\ud800" } }]);
		expect(await log.read(TO, 0)).toMatchObject([{ key: "k\ufffd\0é", headers: { h: "\u{1f600}\ud800" } }]);
	});

	it("does not overtake one that is under way on the other thread (O1)", async () => {
		const log = await open();
		const other = lockedByOther();
		const first = log.append(TO, [record("first")]);
		await sleep(10);
		other.exec("ROLLBACK");
		const second = log.append(TO, [record("second")]);
		expect(await first).toMatchObject({ base: 0 });
		expect(await second).toMatchObject({ base: 1 });
	});

	it("lets timers have their turn, however many follow each other", async () => {
		const log = await open();
		let isOver = false;
		setTimeout(() => {
			isOver = true;
		}, 1);
		while (!isOver) await log.append(TO, [record("x")]);
		expect(isOver).toBe(true);
	});

	it("is in doubt when its commit fails, and the log closes itself (O2)", async () => {
		let isFailing = false;
		const connect = (file: string): DatabaseSync => {
			const db = openForWriting(file);
			const prepare = db.prepare.bind(db);
			db.prepare = (sql) => {
				const statement = prepare(sql);
				const run = statement.run.bind(statement) as () => ReturnType<typeof statement.run>;
				if (sql !== "COMMIT") return statement;
				statement.run = () => {
					if (isFailing) throw Object.assign(new Error("disk I/O error"), { errcode: 1_034 });
					return run();
				};
				return statement;
			};
			return db;
		};
		const log = await EmbeddedLog.open({
			path,
			clock: null,
			start: (listener) => startInline(path, listener),
			openInline: (parts) =>
				new InlineWriter(path, { ...parts, writer: new LogWriter(path, { connect }), turn: NEVER_LONG, now: () => 0 }),
			onClosed: () => {},
		});
		closers.push(() => log.close());
		expect(await log.append(TO, [record("a")])).toMatchObject({ kind: "appended" });
		isFailing = true;
		const both = [log.append(TO, [record("b")]), log.append(TO, [record("c")])];
		for (const each of both) expect(await each).toMatchObject({ kind: "unknown", why: "disk I/O error" });
		await expect(log.append(TO, [record("d")])).rejects.toMatchObject({ code: "ASSENT_LOG_CLOSED" });
	});

	it("is one transaction with what follows from it, when both are called in one turn", async () => {
		const groups: string[][] = [];
		const inner = new LogWriter(path);
		const writer = {
			commit: (appends: readonly WritableAppend[]) => {
				groups.push(appends.map(({ to }) => to.topic));
				return inner.commit(appends);
			},
			close: () => inner.close(),
		};
		const log = await EmbeddedLog.open({
			path,
			clock: null,
			start: (listener) => startInline(path, listener),
			openInline: (parts) => new InlineWriter(path, { ...parts, writer, turn: NEVER_LONG, now: () => 0 }),
			onClosed: () => {},
		});
		closers.push(() => log.close());
		await log.admin().createTopics([{ name: "replies", partitions: 1, cleanup: "keep" }]);
		const append = log.append(TO, [record("entry")], { expected: 0 });
		const after = { append, base: 0 };
		const options = { durability: "ordered", after } as const;
		const reply = log.append({ topic: "replies", partition: 0 }, [record("reply")], options);
		expect([(await append).kind, (await reply).kind]).toEqual(["appended", "appended"]);
		expect(groups).toEqual([["intents", "replies"]]);
	});
});

describe("a turn of the event loop", () => {
	it("is long once reads and appends have gone on for a while in it, and the next one is not", async () => {
		const turn = new LoopTurn();
		expect(turn.isLong()).toBe(false);
		const until = performance.now() + 30;
		while (performance.now() < until);
		expect(turn.isLong()).toBe(true);
		await nextTurn();
		await nextTurn();
		expect(turn.isLong()).toBe(false);
	});
});

describe("the write-ahead log behind appends that do not move it into the file", () => {
	it("begins again at its start once the housekeeping has moved it", () => {
		const writer = new LogWriter(path, { connect: (file) => openForWriting(file, { checkpointPages: 0 }) });
		closers.push(() => writer.close());
		const keeper = new LogWriter(path);
		closers.push(() => keeper.close());
		const large = {
			...append(""),
			isDurable: false,
			records: [writable({ ...record(""), value: new Uint8Array(400_000) })],
		};
		new Housekeeping(keeper).checkpoint();
		for (let times = 0; times < 90; times++) writer.commit([large]);
		expect(walPages(path)).toBeGreaterThan(4_000);
		new Housekeeping(keeper).checkpoint();
		writer.commit([append("small")]);
		expect(walPages(path)).toBeLessThan(10);
	});
});

function inlineWriter(parts: Partial<InlineWriterParts> = {}): InlineWriter {
	const inline = new InlineWriter(path, { turn: NEVER_LONG, onDead: () => {}, ...parts });
	closers.push(() => inline.close());
	return inline;
}

async function open(): Promise<Log> {
	const log = await openEmbeddedLog({ path });
	closers.push(() => log.close());
	return log;
}

function lockedByOther(): DatabaseSync {
	const other = new DatabaseSync(path);
	closers.push(() => other.close());
	other.exec("BEGIN IMMEDIATE");
	return other;
}

function values(): string[] {
	const db = new DatabaseSync(path);
	try {
		return db
			.prepare("SELECT CAST(value AS TEXT) AS value FROM records ORDER BY off")
			.all()
			.map((row) => String(row["value"]));
	} finally {
		db.close();
	}
}

function walPages(file: string): number {
	const db = new DatabaseSync(file);
	try {
		return Number(db.prepare("PRAGMA wal_checkpoint(NOOP)").get()?.["log"]);
	} finally {
		db.close();
	}
}
