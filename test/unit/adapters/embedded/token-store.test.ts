/** The file of used tokens: restarts, processes that race, a machine that was started anew, and files that are lost or locked. */
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteTokenStore } from "../../../../src/adapters/embedded/token-store.ts";

const NOW = 1_800_000_000_000;
const use = (id: string, issuedAt = NOW + 1_000) => ({ id, issuedAt, until: NOW + 600_000 });
let folder = "";
let path = "";

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-tokens-"));
	path = join(folder, "used.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the file of used tokens", () => {
	it("remembers across restarts", () => {
		const first = new SqliteTokenStore(path, NOW);
		expect(first.consume(use("a"), NOW)).toBe("consumed");
		first.close();
		const second = new SqliteTokenStore(path, NOW + 60_000);
		expect(second.consume(use("a"), NOW)).toBe("used");
		// It was there all along: what was issued meanwhile is known.
		expect(second.consume(use("b", NOW + 5_000), NOW)).toBe("consumed");
		second.close();
	});

	it("is shared: of several that consume the same tokens at once, each is used by one", async () => {
		new SqliteTokenStore(path, NOW).close();
		const child = `
			import { SqliteTokenStore } from ${JSON.stringify(join(import.meta.dirname, "../../../../src/adapters/embedded/token-store.ts"))};
			const store = new SqliteTokenStore(${JSON.stringify(path)}, ${NOW});
			const won = [];
			for (let n = 0; n < 500; n++) {
				if (store.consume({ id: "t" + n, issuedAt: ${NOW}, until: ${NOW + 600_000} }, ${NOW}) === "consumed") won.push(n);
			}
			console.log(JSON.stringify(won));
		`;
		const runs = await Promise.all(
			[0, 1, 2].map(() => promisify(execFile)(process.execPath, ["--input-type=module", "-e", child])),
		);
		const won = runs.flatMap(({ stdout }) => JSON.parse(stdout) as number[]);
		expect(won.sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, n) => n));
	});

	it("survives a process that is killed in the middle", async () => {
		new SqliteTokenStore(path, NOW).close();
		const child = `
			import { SqliteTokenStore } from ${JSON.stringify(join(import.meta.dirname, "../../../../src/adapters/embedded/token-store.ts"))};
			const store = new SqliteTokenStore(${JSON.stringify(path)}, ${NOW});
			for (let n = 0; n < 50; n++) store.consume({ id: "t" + n, issuedAt: ${NOW}, until: ${NOW + 600_000} }, ${NOW});
			process.kill(process.pid, "SIGKILL");
		`;
		await expect(promisify(execFile)(process.execPath, ["--input-type=module", "-e", child])).rejects.toMatchObject({
			signal: "SIGKILL",
		});
		const store = new SqliteTokenStore(path, NOW);
		for (let n = 0; n < 50; n++) expect(store.consume(use(`t${n}`), NOW)).toBe("used");
		expect(store.consume(use("t50"), NOW)).toBe("consumed");
		store.close();
	});

	it("does not know what was used before the machine was started anew", () => {
		const before = new SqliteTokenStore(path, NOW, { boot: "one" });
		before.consume(use("a"), NOW);
		before.close();
		const after = new SqliteTokenStore(path, NOW + 30_000, { boot: "two" });
		expect(after.consume(use("b"), NOW + 30_000)).toBe("unknown");
		expect(after.consume(use("c", NOW + 30_000), NOW + 30_000)).toBe("consumed");
		after.close();
	});

	it("denies once it was removed or replaced, also after it was made anew", () => {
		const store = new SqliteTokenStore(path, NOW);
		expect(store.consume(use("a"), NOW)).toBe("consumed");
		for (const end of ["", "-wal", "-shm"]) renameSync(`${path}${end}`, join(folder, `away${end}`));
		expect(() => store.consume(use("b"), NOW)).toThrow(expect.objectContaining({ code: "TOKEN_STORE" }));
		const other = new SqliteTokenStore(path, NOW + 5_000);
		expect(() => store.consume(use("b"), NOW)).toThrow(/replaced/);
		expect(other.consume(use("a"), NOW + 5_000)).toBe("unknown");
		store.close();
		other.close();
	});

	it("denies where it is damaged, another program's, or nowhere", () => {
		writeFileSync(path, "this is no database, and long enough to be looked at as one ".repeat(100));
		expect(() => new SqliteTokenStore(path, NOW)).toThrow(expect.objectContaining({ code: "TOKEN_STORE" }));
		const foreign = join(folder, "foreign.db");
		const database = new DatabaseSync(foreign);
		database.exec("CREATE TABLE theirs (a)");
		database.close();
		expect(() => new SqliteTokenStore(foreign, NOW)).toThrow(/another program/);
		expect(() => new SqliteTokenStore(join(folder, "no", "where.db"), NOW)).toThrow(
			expect.objectContaining({ code: "TOKEN_STORE" }),
		);
	});

	it("denies while it cannot be written", () => {
		const store = new SqliteTokenStore(path, NOW);
		const other = new DatabaseSync(path);
		other.exec("PRAGMA query_only = 0; BEGIN EXCLUSIVE");
		expect(() => store.consume(use("a"), NOW)).toThrow(expect.objectContaining({ code: "TOKEN_STORE" }));
		other.exec("ROLLBACK");
		other.close();
		expect(store.consume(use("a"), NOW)).toBe("consumed");
		store.close();
		chmodSync(path, 0o400);
		chmodSync(folder, 0o500);
		try {
			const opening = () => new SqliteTokenStore(path, NOW).close();
			// The superuser may write to everything.
			if (process.getuid?.() === 0) expect(opening).not.toThrow();
			else expect(opening).toThrow(expect.objectContaining({ code: "TOKEN_STORE" }));
		} finally {
			chmodSync(folder, 0o700);
		}
	});
});
