import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFile } from "../../../../src/adapters/embedded/file.ts";
import {
	type AppendRequest,
	FrameWriter,
	unpackFrame,
	type WritableAppend,
	writable,
} from "../../../../src/adapters/embedded/frame.ts";
import { Housekeeping } from "../../../../src/adapters/embedded/housekeeping.ts";
import { EmbeddedLog } from "../../../../src/adapters/embedded/log.ts";
import { openEmbeddedLog } from "../../../../src/adapters/embedded/open.ts";
import { openForWriting } from "../../../../src/adapters/embedded/sqlite.ts";
import { startInline } from "../../../../src/adapters/embedded/thread.ts";
import { growWal } from "../../../../src/adapters/embedded/wal.ts";
import { LogWriter, type WriterOptions } from "../../../../src/adapters/embedded/writer.ts";
import type { EntrySummary } from "../../../../src/core/ledger/projections/summary.ts";
import type { OutRecord, TopicPartition } from "../../../../src/ports/log/log.ts";

const LEDGER: TopicPartition = { topic: "decisions", partition: 0 };
const REPLIES: TopicPartition = { topic: "replies", partition: 1 };
const POLICIES: TopicPartition = { topic: "policies", partition: 0 };

let folder = "";
let path = "";
const opened: LogWriter[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-writer-"));
	path = join(folder, "log.db");
	createFile(path);
});

afterEach(() => {
	for (const writer of opened.splice(0)) writer.close();
	rmSync(folder, { recursive: true, force: true });
});

describe("a file whose table of topics was changed", () => {
	it.each([0, -1, 1_025, 1_000_000_000, "9007199254740993"])("is damaged, with %s partitions", async (partitions) => {
		const writer = open();
		writer.db.exec(`UPDATE topics SET partitions = ${partitions}`);
		const log = await openEmbeddedLog({ path, readOnly: true });
		const damaged = { code: "ASSENT_LOG_CORRUPT" };
		await expect(log.admin().topics()).rejects.toMatchObject(damaged);
		await expect(log.bounds(LEDGER)).rejects.toMatchObject(damaged);
		await log.close();
		const { answers } = writer.commit(pack([{ to: LEDGER, records: [record("a")] }]));
		expect(JSON.stringify(answers)).toContain("is damaged");
		expect(() => new Housekeeping(writer).retain(0)).toThrow(/topics|too large/);
	});
});

describe("a group of appends", () => {
	it("gives each append its own answer", () => {
		const writer = open();
		const group = pack([
			{ to: LEDGER, records: [record("claim")] },
			{ to: LEDGER, records: [record("a"), record("b")], expected: 1 },
			{ to: LEDGER, records: [record("late")], expected: 1 },
			{ to: { topic: "nowhere", partition: 0 }, records: [record("x")] },
			{ to: LEDGER, records: [record("c")], expected: 3 },
		]);
		const { answers, touched, failure } = writer.commit(group);
		expect(answers).toMatchObject([
			{ id: 0, appended: { kind: "appended", base: 0 } },
			{ id: 1, appended: { kind: "appended", base: 1 } },
			{ id: 2, appended: { kind: "superseded", end: 3 } },
			{ id: 3, error: { code: "ASSENT_LOG_TOPIC" } },
			{ id: 4, appended: { kind: "appended", base: 3 } },
		]);
		expect(touched).toEqual([{ ...LEDGER, end: 4 }]);
		expect(failure).toBeNull();
	});

	it("withholds what follows from an append that was not written, and writes what follows from one that was", () => {
		const { answers, touched } = open().commit(
			pack([
				{ to: LEDGER, records: [record("claim")] },
				{ to: REPLIES, records: [record("counts")], after: 0 },
				{ to: LEDGER, records: [record("late")], expected: 0 },
				{ to: REPLIES, records: [record("answers what is late")], after: 2 },
				{ to: REPLIES, records: [record("answers that answer")], after: 3 },
				{ to: { topic: "nowhere", partition: 0 }, records: [record("x")] },
				{ to: REPLIES, records: [record("answers nobody")], after: 5 },
			]),
		);
		expect(answers.map((each) => ("appended" in each ? each.appended.kind : each.error.code))).toEqual([
			"appended",
			"appended",
			"superseded",
			"withheld",
			"withheld",
			"ASSENT_LOG_TOPIC",
			"withheld",
		]);
		expect(touched).toEqual([
			{ ...LEDGER, end: 1 },
			{ ...REPLIES, end: 1 },
		]);
	});

	it("stamps with the sender's clock where it has one", () => {
		const { answers } = open().commit(pack([{ to: LEDGER, records: [record("a")] }], 1_234));
		expect(answers).toMatchObject([{ appended: { timestamp: 1_234 } }]);
	});

	it("writes three pages at most in the mean, whatever order their partitions come in", () => {
		const writer = open();
		writer.createTopics([{ name: "intents", partitions: 12, cleanup: "keep" }]);
		const pages = () => Number(writer.db.prepare("PRAGMA wal_checkpoint(NOOP)").get()?.["log"]);
		const before = pages();
		for (let index = 0; index < 240; index++)
			writer.commit(
				pack([{ to: { topic: "intents", partition: (index * 7) % 12 }, records: [record("x".repeat(800))] }]),
			);
		expect((pages() - before) / 240).toBeLessThan(3);
	});

	it("writes the index row of a record in the same transaction, and removes it with the record", () => {
		const writer = open();
		writer.commit(pack([{ to: LEDGER, records: [record("a", { index: row(0) }), record("b", { index: row(1) })] }]));
		expect(query("SELECT part, off, seq, verdict, tool FROM decisions_index")).toEqual([
			{ part: 0, off: 0, seq: 0, verdict: "deny", tool: "shell" },
			{ part: 0, off: 1, seq: 1, verdict: "deny", tool: "shell" },
		]);
		new Housekeeping(writer).trim(LEDGER, 1);
		expect(query("SELECT off FROM decisions_index")).toEqual([{ off: 1 }]);
	});

	it("can be read by name with any SQLite tool", () => {
		open().commit(
			pack([{ to: LEDGER, records: [record("abc", { key: "k", headers: { h: "é" } })] }], 1_700_000_000_123),
		);
		expect(query("SELECT topic, part, off, time, key, headers, bytes FROM records_by_name")).toEqual([
			{
				topic: "decisions",
				part: 0,
				off: 0,
				time: "2023-11-14 22:13:20.123",
				key: "k",
				headers: '{"h":"é"}',
				bytes: 3,
			},
		]);
	});

	it("with a row that does not fit the index is refused whole, and the log goes on", () => {
		const writer = open();
		const broken = { ...row(0), seq: 0.5 };
		const { answers, failure } = writer.commit(
			pack([
				{ to: LEDGER, records: [record("a")] },
				{ to: LEDGER, records: [record("b", { index: broken })] },
			]),
		);
		expect(answers.map((each) => ("appended" in each ? each.appended.kind : "error"))).toEqual(["failed", "failed"]);
		expect(failure).toBeNull();
		expect(writer.commit(pack([{ to: LEDGER, records: [record("c")] }])).answers).toMatchObject([
			{ appended: { kind: "appended", base: 0 } },
		]);
	});
});

describe("a full disk", () => {
	it("fails the append with ASSENT_LOG_FULL, writes nothing of it, and the log resumes when there is space", () => {
		let db: DatabaseSync | null = null;
		const connect = (at: string) => {
			db = openForWriting(at);
			return db;
		};
		const writer = open({ connect });
		writer.commit(pack([{ to: LEDGER, records: [record("kept")] }]));
		db = db as DatabaseSync | null;
		const pages = Number(db?.prepare("PRAGMA page_count").get()?.["page_count"]);
		db?.exec(`PRAGMA max_page_count = ${pages + 4}`);
		const large = record("", { value: new Uint8Array(100_000) });
		const { answers, failure } = writer.commit(
			pack([
				{ to: LEDGER, records: [record("small")], expected: 1 },
				{ to: LEDGER, records: [large], expected: 2 },
			]),
		);
		expect(answers).toMatchObject([
			{ appended: { kind: "failed", problem: { code: "ASSENT_LOG_FULL" } } },
			{ appended: { kind: "failed", problem: { code: "ASSENT_LOG_FULL" } } },
		]);
		expect(failure).toBeNull();
		expect(query("SELECT off FROM records")).toEqual([{ off: 0 }]);
		db?.exec("PRAGMA max_page_count = 1000000");
		expect(writer.commit(pack([{ to: LEDGER, records: [large], expected: 1 }])).answers).toMatchObject([
			{ appended: { kind: "appended", base: 1 } },
		]);
	});
});

describe("a failing disk", () => {
	it("leaves the append in doubt when the commit fails, and the log closes itself", async () => {
		const { log, fail } = await failingLog();
		expect(await log.append(LEDGER, [row1()])).toMatchObject({ kind: "appended", base: 0 });
		fail("COMMIT");
		const waiting = log.waitFor([{ ...LEDGER, offset: 5 }], { timeoutMs: 60_000 });
		const appends = [log.append(LEDGER, [row1()]), log.append(LEDGER, [row1()])];
		for (const append of appends) expect(await append).toMatchObject({ kind: "unknown", why: "disk I/O error" });
		await waiting;
		for (const use of [log.append(LEDGER, [row1()]), log.read(LEDGER, 0), log.admin().topics()])
			await expect(use).rejects.toMatchObject({
				code: "ASSENT_LOG_CLOSED",
				message: expect.stringContaining("disk I/O"),
			});
		await log.close();
		await log.close();
	});

	it("fails the append when it is noticed before the commit: nothing was written", async () => {
		const { log, fail } = await failingLog();
		fail("INSERT INTO records");
		expect(await log.append(LEDGER, [row1()])).toMatchObject({
			kind: "failed",
			problem: { code: "ASSENT_LOG_UNAVAILABLE" },
		});
		await expect(log.append(LEDGER, [row1()])).rejects.toMatchObject({ code: "ASSENT_LOG_CLOSED" });
		await log.close();
		expect(query("SELECT off FROM records")).toEqual([]);
	});

	it("is answered for appends that are already on their way as certainly not written", async () => {
		const { log, fail } = await failingLog();
		fail("COMMIT");
		const first = log.append(LEDGER, [row1()]);
		const made = log.admin().createTopics([{ name: "more", partitions: 1, cleanup: "keep" }]);
		const second = log.append(LEDGER, [row1()]);
		expect(await first).toMatchObject({ kind: "unknown" });
		await expect(made).rejects.toMatchObject({ code: expect.stringMatching(/^ASSENT_LOG/) });
		expect((await second).kind).not.toBe("appended");
		await log.close();
	});

	const row1 = () => record("x");

	async function failingLog(): Promise<{ log: EmbeddedLog; fail: (sql: string) => void }> {
		let failing: string | null = null;
		const connect = (at: string): DatabaseSync => {
			const db = openForWriting(at);
			const prepare = db.prepare.bind(db);
			db.prepare = (sql) => {
				const statement = prepare(sql);
				return new Proxy(statement, {
					get(target, name) {
						if (name === "run" && failing !== null && sql.startsWith(failing))
							throw Object.assign(new Error("disk I/O error"), { errcode: 1_034 });
						const member: unknown = Reflect.get(target, name);
						return typeof member === "function" ? member.bind(target) : member;
					},
				});
			};
			return db;
		};
		const start = (listener: Parameters<typeof startInline>[1]) =>
			startInline(path, listener, new LogWriter(path, { connect }));
		const log = await EmbeddedLog.open({ path, clock: null, start, openInline: null, onClosed: () => {} });
		await log.admin().createTopics([{ name: "decisions", partitions: 1, cleanup: "keep" }]);
		return { log, fail: (sql) => (failing = sql) };
	}
});

describe("retention", () => {
	it("forgets records of a `delete` topic that are older than it says, a chunk at a time", () => {
		const writer = open();
		for (let at = 0; at < 6; at++)
			writer.commit(pack([{ to: REPLIES, records: Array.from({ length: 1_000 }, () => record("x")) }], 1_000 * at));
		expect(new Housekeeping(writer).retain(3_500)).toBe(false);
		expect(bounds(REPLIES)).toEqual({ begin: 0, rows: 6_000 });
		expect(new Housekeeping(writer).retain(13_500)).toBe(true);
		expect(bounds(REPLIES)).toEqual({ begin: 2_000, rows: 4_000 });
		expect(new Housekeeping(writer).retain(13_500)).toBe(true);
		expect(new Housekeeping(writer).retain(13_500)).toBe(false);
		expect(bounds(REPLIES)).toEqual({ begin: 4_000, rows: 2_000 });
	});

	it("keeps everything behind a record that is young, so that offsets stay dense when a clock went back", () => {
		const writer = open();
		for (const at of [5_000, 90_000, 6_000]) writer.commit(pack([{ to: REPLIES, records: [record("x")] }], at));
		new Housekeeping(writer).retain(50_000);
		expect(bounds(REPLIES)).toEqual({ begin: 1, rows: 2 });
	});

	it("leaves topics alone that keep or compact", () => {
		const writer = open();
		writer.commit(pack([{ to: LEDGER, records: [record("x")] }], 0));
		writer.commit(pack([{ to: POLICIES, records: [record("x")] }], 0));
		expect(new Housekeeping(writer).retain(1e12)).toBe(false);
		expect(query("SELECT count(*) AS n FROM records")).toEqual([{ n: 2 }]);
	});

	it("trims thousands of records, and the next append goes on at the end", () => {
		const writer = open();
		writer.commit(pack([{ to: LEDGER, records: Array.from({ length: 5_000 }, () => record("x")) }]));
		new Housekeeping(writer).trim(LEDGER, 4_500);
		expect(query("SELECT min(off) AS first, count(*) AS n FROM records")).toEqual([{ first: 4_500, n: 500 }]);
		new Housekeeping(writer).trim(LEDGER, 10);
		new Housekeeping(writer).trim(LEDGER, 9_000);
		expect(writer.commit(pack([{ to: LEDGER, records: [record("x")], expected: 5_000 }])).answers).toMatchObject([
			{ appended: { kind: "appended" } },
		]);
	});
});

describe("compaction", () => {
	it("removes the record that a newer one of its key supersedes, and no other", () => {
		const writer = open();
		for (const key of ["a", "b", "a", null, null, "", "a", ""])
			writer.commit(pack([{ to: POLICIES, records: [record("x", { key })] }]));
		expect(query("SELECT off, key FROM records")).toEqual([
			{ off: 1, key: "b" },
			{ off: 3, key: null },
			{ off: 4, key: null },
			{ off: 6, key: "a" },
			{ off: 7, key: "" },
		]);
	});

	it("holds within one append too, and after a trim", () => {
		const writer = open();
		writer.commit(pack([{ to: POLICIES, records: [record("1", { key: "a" }), record("2", { key: "a" })] }]));
		new Housekeeping(writer).trim(POLICIES, 2);
		writer.commit(pack([{ to: POLICIES, records: [record("3", { key: "a" })] }]));
		expect(query("SELECT off, key FROM records")).toEqual([{ off: 2, key: "a" }]);
	});
});

describe("the write-ahead log", () => {
	it("is grown a step at a time up to its goal, and appends go on into it", () => {
		const writer = open();
		writer.commit(pack([{ to: LEDGER, records: [record("a")] }]));
		const goal = 5 * 1024 * 1024;
		let steps = 0;
		while (writer.transact(() => growWal(path, goal), { isDurable: false })) steps += 1;
		expect(steps).toBe(3);
		expect(statSync(`${path}-wal`).size).toBe(goal);
		writer.commit(pack([{ to: LEDGER, records: [record("b")] }]));
		expect(statSync(`${path}-wal`).size).toBe(goal);
		for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, join(folder, `copy.db${suffix}`));
		const crashed = new LogWriter(join(folder, "copy.db"));
		opened.push(crashed);
		expect(crashed.commit(pack([{ to: LEDGER, records: [record("c")] }])).answers).toMatchObject([
			{ appended: { kind: "appended", base: 2 } },
		]);
	});

	it("is left alone where there is none", () => {
		expect(growWal(join(folder, "nothing.db"))).toBe(false);
	});
});

describe("another process's transaction", () => {
	it("is waited for, and after a while refused as unavailable", () => {
		const writer = open({ busyMaxMs: 50 });
		const other = new DatabaseSync(path);
		other.exec("BEGIN IMMEDIATE");
		const { answers, failure } = writer.commit(pack([{ to: LEDGER, records: [record("x")] }]));
		expect(answers).toMatchObject([{ appended: { kind: "failed", problem: { code: "ASSENT_LOG_UNAVAILABLE" } } }]);
		expect(failure).toBeNull();
		other.exec("ROLLBACK");
		other.close();
		expect(writer.commit(pack([{ to: LEDGER, records: [record("x")] }])).answers).toMatchObject([
			{ appended: { kind: "appended" } },
		]);
	});
});

function open(options: WriterOptions = {}): LogWriter {
	const writer = new LogWriter(path, options);
	opened.push(writer);
	writer.createTopics([
		{ name: "decisions", partitions: 2, cleanup: "keep" },
		{ name: "replies", partitions: 2, cleanup: "delete", retentionMs: 10_000 },
		{ name: "policies", partitions: 1, cleanup: "compact" },
	]);
	return writer;
}

interface Sent {
	readonly to: TopicPartition;
	readonly records: readonly OutRecord[];
	readonly expected?: number;
	readonly after?: number;
}

function pack(appends: readonly Sent[], now: number | null = null): WritableAppend[] {
	const frame = new FrameWriter();
	for (const [id, { to, records, expected, after }] of appends.entries()) {
		const request: AppendRequest = {
			id,
			to,
			records: records.map(writable),
			expected: expected ?? null,
			isDurable: true,
			after: after ?? null,
		};
		frame.add(request);
	}
	return unpackFrame(frame.take(now));
}

const record = (text: string, more: Partial<OutRecord> = {}): OutRecord => ({
	key: null,
	value: Buffer.from(text),
	headers: {},
	...more,
});

const row = (seq: number): EntrySummary => ({
	seq,
	kind: "decision.made",
	at: 1,
	tenant: "t",
	agent: "a",
	session: "s",
	intent: "i",
	tool: "shell",
	verdict: "deny",
	code: "tool.denied",
	policy: "p",
	rule: "r",
});

/** Asks as another program would; rows as plain objects. */
function query(sql: string): unknown[] {
	const db = new DatabaseSync(path);
	try {
		return db
			.prepare(sql)
			.all()
			.map((each) => ({ ...each }));
	} finally {
		db.close();
	}
}

function bounds({ topic, partition }: TopicPartition): unknown {
	const where = `topic = (SELECT id FROM topics WHERE name = '${topic}') AND part = ${partition}`;
	const [found] = query(
		`SELECT coalesce((SELECT off FROM begins WHERE ${where}), 0) AS begin, count(*) AS rows FROM records WHERE ${where}`,
	);
	return found;
}
