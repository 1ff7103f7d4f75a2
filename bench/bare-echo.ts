/**
 * What a request and a durable answer cost at least: two processes with one SQLite file and a socket, and nothing of Assent.
 * Each side inserts a row of 500 bytes, commits it (WAL, synchronous=FULL) on its only thread, and writes the other a byte.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { retryWhileBusy } from "../src/adapters/embedded/sqlite.ts";
import { openLoop, type Pace } from "./open-loop.ts";

const VALUE = Buffer.alloc(500, 7);

/** Milliseconds from before each request's commit until its answer was read, sorted. */
export async function bareEcho(pace: Pace): Promise<number[]> {
	const folder = mkdtempSync(join(tmpdir(), "assent-bench-"));
	const path = join(folder, "bare.db");
	const side = new Side(path);
	const echo = fork(import.meta.filename, [path], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
	try {
		await once(echo, "message");
		const socket = connect(`${path}.sock`);
		await once(socket, "connect");
		const waiting: (() => void)[] = [];
		// Its other end is killed when all is done.
		socket.on("error", () => {});
		socket.on("data", () => {
			for (let answers = side.read("answers"); answers > 0; answers--) waiting.shift()?.();
		});
		return await openLoop(pace, () => {
			const answered = new Promise<void>((resolve) => waiting.push(resolve));
			side.write("requests", 1);
			socket.write("r");
			return answered;
		});
	} finally {
		echo.kill();
		await once(echo, "exit");
		side.close();
		rmSync(folder, { recursive: true, force: true });
	}
}

type Table = "requests" | "answers";

class Side {
	readonly #path: string;
	readonly #db: DatabaseSync;
	readonly #insert: Readonly<Record<Table, StatementSync>>;
	readonly #rows: Readonly<Record<Table, StatementSync>>;
	#next = 1;

	constructor(path: string) {
		this.#path = path;
		this.#db = new DatabaseSync(path, { timeout: 0 });
		this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
		for (const table of ["requests", "answers"])
			this.#db.exec(`CREATE TABLE IF NOT EXISTS ${table} (id INTEGER PRIMARY KEY, value BLOB NOT NULL)`);
		const both = (sql: (table: Table) => string) => ({
			requests: this.#db.prepare(sql("requests")),
			answers: this.#db.prepare(sql("answers")),
		});
		this.#insert = both((table) => `INSERT INTO ${table} (value) VALUES (?)`);
		this.#rows = both((table) => `SELECT id, value FROM ${table} WHERE id >= ? ORDER BY id`);
	}

	write(table: Table, rows: number): void {
		retryWhileBusy(() => this.#db.exec("BEGIN IMMEDIATE"), this.#path);
		for (let row = 0; row < rows; row++) this.#insert[table].run(VALUE);
		this.#db.exec("COMMIT");
	}

	/** How many rows were added since the last look. */
	read(table: Table): number {
		const rows = this.#rows[table].all(this.#next);
		this.#next += rows.length;
		return rows.length;
	}

	close(): void {
		this.#db.close();
	}
}

function answer(path: string): void {
	const side = new Side(path);
	const server = createServer((socket: Socket) => {
		socket.on("error", () => {});
		socket.on("data", () => {
			const requests = side.read("requests");
			if (requests === 0) return;
			side.write("answers", requests);
			socket.write("a");
		});
	});
	server.listen(`${path}.sock`, () => process.send?.("ready"));
}

if (import.meta.main) answer(process.argv[2] ?? "");
