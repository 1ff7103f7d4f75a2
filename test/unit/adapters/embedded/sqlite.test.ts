import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	checkFileSystem,
	createFile,
	fileSystemKind,
	inspectFile,
	isOpenHere,
} from "../../../../src/adapters/embedded/file.ts";
import { openEmbeddedLog } from "../../../../src/adapters/embedded/open.ts";
import {
	asLogError,
	checkSqliteVersion,
	openForWriting,
	retryWhileBusy,
	sqliteFault,
} from "../../../../src/adapters/embedded/sqlite.ts";

let folder = "";
let path = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-sqlite-"));
	path = join(folder, "log.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the version of SQLite", () => {
	it("must be without the bug that damages files shared by writers", () => {
		for (const version of ["3.7.0", "3.45.1", "3.51.2", "0"])
			expect(() => checkSqliteVersion(version), version).toThrow(/can damage a log/);
		for (const version of ["3.51.3", "3.53.4", "3.100.0", "4.0.0"]) checkSqliteVersion(version);
	});
});

describe("trouble with SQLite", () => {
	const trouble = (errcode: number) => Object.assign(new Error("boom"), { errcode });

	it("is told apart by its code, extended codes included", () => {
		const faults = [5, 517, 6, 10, 1_034, 11, 26, 13, 1].map((code) => sqliteFault(trouble(code)));
		expect(faults).toEqual(["busy", "busy", "busy", "io", "io", "corrupt", "corrupt", "full", "other"]);
		expect([sqliteFault(new Error("x")), sqliteFault("x"), sqliteFault(null)]).toEqual([null, null, null]);
	});

	it("becomes an error of the log's table; other errors stay what they are", () => {
		const codes = [5, 10, 11, 13, 1].map((code) => (asLogError(trouble(code), path) as { code: string }).code);
		expect(codes).toEqual([
			"ASSENT_LOG_UNAVAILABLE",
			"ASSENT_LOG_UNAVAILABLE",
			"ASSENT_LOG_CORRUPT",
			"ASSENT_LOG_FULL",
			"ASSENT_LOG_UNAVAILABLE",
		]);
		const other = new TypeError("x");
		expect(asLogError(other, path)).toBe(other);
	});

	it("is tried again while another connection holds the lock, and only then", () => {
		createFile(path);
		const [one, two] = [openForWriting(path), openForWriting(path)];
		one.exec("BEGIN IMMEDIATE");
		let tries = 0;
		const begin = () => {
			tries += 1;
			if (tries === 200) one.exec("COMMIT");
			two.exec("BEGIN IMMEDIATE");
		};
		retryWhileBusy(begin, path);
		expect(tries).toBe(200);
		expect(() => retryWhileBusy(() => one.exec("BEGIN IMMEDIATE"), path, 5)).toThrow(/locked by another process/);
		expect(() => retryWhileBusy(() => two.exec("nonsense"), path)).toThrow(/syntax error/);
		one.close();
		two.close();
	});
});

describe("a new file", () => {
	it("is a log at once, whoever of several makes it, and nothing else is left", async () => {
		const logs = await Promise.all([1, 2, 3].map(() => openEmbeddedLog({ path })));
		expect(inspectedElsewhere()).toMatchObject({ application_id: 0x41534e54, user_version: 2, journal_mode: "wal" });
		for (const log of logs) await log.close();
		createFile(path);
		expect(inspectFile(path)).toBe(true);
	});

	it("is not opened beside SQLite again while this process has it open", async () => {
		expect(isOpenHere(path)).toBe(false);
		const [one, two] = [await openEmbeddedLog({ path }), await openEmbeddedLog({ path })];
		expect(isOpenHere(path)).toBe(true);
		await one.close();
		expect(isOpenHere(path)).toBe(true);
		await two.close();
		expect(isOpenHere(path)).toBe(false);
	});

	it("cannot be made where there is no folder", async () => {
		const opening = openEmbeddedLog({ path: join(folder, "no", "log.db") });
		await expect(opening).rejects.toMatchObject({ code: "ASSENT_LOG_UNAVAILABLE" });
	});

	it("may lie on a file system of this machine", () => {
		checkFileSystem(path);
		expect(fileSystemKind(join(folder, "missing"))).toBeNull();
	});
});

describe("records on one machine", () => {
	it("carry the time of the clock that was handed in", async () => {
		const clock = { now: () => 42 };
		for (const thread of ["inline", "worker"] as const) {
			const log = await openEmbeddedLog({ path, thread, clock });
			await log.admin().createTopics([{ name: "intents", partitions: 1, cleanup: "keep" }]);
			const appended = await log.append({ topic: "intents", partition: 0 }, [
				{ key: null, value: Buffer.from("x"), headers: {} },
			]);
			expect(appended).toMatchObject({ kind: "appended", timestamp: 42 });
			await log.close();
		}
	});

	it("are owned by the newest member, and the older one is told its name", async () => {
		const [one, two] = [await openEmbeddedLog({ path }), await openEmbeddedLog({ path, thread: "inline" })];
		await one.admin().createTopics([{ name: "intents", partitions: 2, cleanup: "keep" }]);
		const { promise: lost, resolve } = Promise.withResolvers<string>();
		await one.assign("processors", "one", { onAssigned: () => {}, onLost: (_, why) => resolve(why) });
		const assigned: (readonly number[])[] = [];
		await two.assign("processors", "two", { onAssigned: (partitions) => assigned.push(partitions), onLost: () => {} });
		expect(assigned).toEqual([[0, 1]]);
		expect(await lost).toBe("superseded by two");
		const findings = await two.admin().diagnose();
		expect(findings.find((finding) => finding.subject === "group processors")?.message).toBe(
			"owned by two; members: one, two",
		);
		await one.close();
		await two.close();
	});

	it("cannot be assigned before the input topics are made", async () => {
		const log = await openEmbeddedLog({ path, thread: "inline" });
		const assigning = log.assign("g", "m", { onAssigned: () => {}, onLost: () => {} });
		await expect(assigning).rejects.toMatchObject({ code: "ASSENT_LOG_TOPIC" });
		await expect(log.admin().createTopics([{ name: "t", partitions: 0, cleanup: "keep" }])).rejects.toMatchObject({
			code: "ASSENT_LOG_TOPIC",
		});
		await log.close();
	});
});

function inspectedElsewhere(): Record<string, unknown> {
	const db = new DatabaseSync(path);
	try {
		const names = ["application_id", "user_version", "journal_mode"];
		return Object.fromEntries(names.map((name) => [name, db.prepare(`PRAGMA ${name}`).get()?.[name]]));
	} finally {
		db.close();
	}
}
