/**
 * The embedded log's rates and wake-up latency, a JSON line each: `node bench/embedded-log.ts`. Records have 500 bytes.
 * "Durable" means an fsync per commit; singles are measured with one append at a time and with 64 under way.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openEmbeddedLog } from "../src/adapters/embedded/open.ts";
import type { Log, OutRecord } from "../src/ports/log/log.ts";
import { type BenchRow, median } from "./row.ts";

interface Row {
	readonly name: string;
	readonly [measure: string]: number | string;
}

const TO = { topic: "intents", partition: 0 };
const BACK = { topic: "replies", partition: 0 };
const VALUE = Buffer.alloc(420, 7);
const BARE_VALUE = Buffer.alloc(500, 7);
const RECORD: OutRecord = {
	key: "tenant/agent",
	value: VALUE,
	headers: { ce_type: "dev.assent.intent.submitted.v1", "assent-seq": "1234567" },
};

/**
 * Every measurement, each for about two seconds. The peer is a bare loop over SQLite with the same settings, in one thread
 * and without a log around it.
 */
export async function benchEmbeddedLog(): Promise<BenchRow[]> {
	const rows = await measure(2);
	const flat = rows.flatMap(({ name, batch, underWay, ...measures }) =>
		Object.entries(measures).flatMap(([measured, value]): BenchRow[] => {
			if (typeof value !== "number" || measured === "records" || measured === "perSecond") return [];
			const of =
				batch === undefined ? "" : `, batches of ${batch}${underWay === undefined ? "" : `, ${underWay} under way`}`;
			const isRate = measured === "recordsPerSecond";
			return [{ what: `${name}${of}${isRate ? "" : `, ${measured}`}`, value, unit: isRate ? "records/s" : "ms" }];
		}),
	);
	for (const batch of [1, 100]) flat.push(...(await againstBareSqlite(batch)));
	return flat;
}

/** Both take turns of a fraction of a second, so that a noisy machine is noisy for both; the ratio is the median of the turns. */
async function againstBareSqlite(batch: number): Promise<BenchRow[]> {
	const turns = await withLog(async (log, path) => {
		const records = Array.from({ length: batch }, () => RECORD);
		const bare = new BareSqlite(`${path}.bare`);
		const rateOf = async (append: () => unknown): Promise<number> => {
			const startedAt = performance.now();
			let done = 0;
			for (; performance.now() - startedAt < TURN_MS; done += batch) await append();
			return (done / (performance.now() - startedAt)) * 1_000;
		};
		const rates: { readonly ours: number; readonly peer: number }[] = [];
		for (let turn = 0; turn < TURNS; turn++)
			rates.push({
				peer: await rateOf(() => bare.insert(batch)),
				ours: await rateOf(() => log.append(TO, records)),
			});
		bare.close();
		return rates.slice(1);
	});
	const value = (measure: (turn: (typeof turns)[number]) => number): number => median(turns.map(measure));
	const of = `batches of ${batch}`;
	return [
		{ what: `durable append in turns with its peer, ${of}`, value: value(({ ours }) => ours), unit: "records/s" },
		{ what: `peer: bare SQLite, ${of}`, value: value(({ peer }) => peer), unit: "records/s" },
		{
			what: `time of a durable append against the peer, ${of}`,
			value: value(({ ours, peer }) => peer / ours),
			unit: "×",
		},
	];
}

const TURNS = 12;
const TURN_MS = 300;

/** A loop that does nothing but insert rows of 500 bytes and commit, WAL and synchronous=FULL, on the caller's thread. */
class BareSqlite {
	readonly #db: DatabaseSync;
	readonly #insert: StatementSync;
	#offset = 0;

	constructor(path: string) {
		this.#db = new DatabaseSync(path);
		this.#db.exec(
			"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE records (off INTEGER PRIMARY KEY, value BLOB)",
		);
		this.#insert = this.#db.prepare("INSERT INTO records VALUES (?, ?)");
	}

	insert(rows: number): void {
		this.#db.exec("BEGIN IMMEDIATE");
		for (let row = 0; row < rows; row++) this.#insert.run(this.#offset++, BARE_VALUE);
		this.#db.exec("COMMIT");
	}

	close(): void {
		this.#db.close();
	}
}

async function measure(seconds: number): Promise<Row[]> {
	const rows: Row[] = [];
	for (const batch of [1, 10, 100, 1_000]) rows.push(await rate({ batch, underWay: 1, seconds }));
	rows.push(await rate({ batch: 1, underWay: 64, seconds }));
	rows.push(await rate({ batch: 100, underWay: 4, seconds }));
	rows.push(await ordered(seconds));
	rows.push(await reading());
	rows.push(...(await wakeUps({ perSecond: 500, seconds: Math.max(4, seconds) })));
	return rows;
}

async function withLog<T>(work: (log: Log, path: string) => Promise<T>): Promise<T> {
	const folder = mkdtempSync(join(tmpdir(), "assent-bench-"));
	const path = join(folder, "log.db");
	const log = await openEmbeddedLog({ path });
	try {
		await log.admin().createTopics([
			{ name: "intents", partitions: 12, cleanup: "keep" },
			{ name: "replies", partitions: 12, cleanup: "keep" },
		]);
		return await work(log, path);
	} finally {
		await log.close();
		rmSync(folder, { recursive: true, force: true });
	}
}

function rate(of: { batch: number; underWay: number; seconds: number }): Promise<Row> {
	return withLog(async (log) => {
		const records = Array.from({ length: of.batch }, () => RECORD);
		const times: number[] = [];
		const end = performance.now() + of.seconds * 1_000;
		const start = performance.now();
		const one = async (lane: number) => {
			while (performance.now() < end) {
				const before = performance.now();
				await log.append({ ...TO, partition: lane % 12 }, records);
				times.push(performance.now() - before);
			}
		};
		await Promise.all(Array.from({ length: of.underWay }, (_, lane) => one(lane)));
		const passed = (performance.now() - start) / 1_000;
		return {
			name: "embedded-log durable append",
			batch: of.batch,
			underWay: of.underWay,
			recordsPerSecond: Math.round((times.length * of.batch) / passed),
			...quantiles(times),
		};
	});
}

function ordered(seconds: number): Promise<Row> {
	return withLog(async (log) => {
		const times: number[] = [];
		const end = performance.now() + seconds * 1_000;
		while (performance.now() < end) {
			const before = performance.now();
			await log.append(TO, [RECORD], { durability: "ordered" });
			times.push(performance.now() - before);
		}
		return {
			name: "embedded-log ordered append",
			batch: 1,
			recordsPerSecond: Math.round(times.length / seconds),
			...quantiles(times),
		};
	});
}

function reading(): Promise<Row> {
	return withLog(async (log) => {
		const records = Array.from({ length: 1_000 }, () => RECORD);
		for (let batch = 0; batch < 200; batch++) await log.append(TO, records);
		const start = performance.now();
		let at = 0;
		for (;;) {
			const read = await log.read(TO, at);
			if (read.length === 0) break;
			at += read.length;
		}
		const passed = (performance.now() - start) / 1_000;
		return { name: "embedded-log read", records: at, recordsPerSecond: Math.round(at / passed) };
	});
}

/**
 * Another process waits, and answers each record with one of its own: how long until the record is read there, and how
 * long until the answer is read here. Both processes commit durably and share the machine's clock.
 */
function wakeUps(of: { perSecond: number; seconds: number }): Promise<Row[]> {
	return withLog(async (log, path) => {
		const echo = fork(import.meta.filename, ["echo", path], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
		await new Promise((resolve) => echo.once("message", resolve));
		const total = of.perSecond * of.seconds;
		const sentAt: number[] = [];
		const committed: number[] = [];
		const seen: number[] = [];
		const roundTrips: number[] = [];
		const sending = (async () => {
			const start = now();
			for (let sent = 0; sent < total; sent++) {
				const wait = start + (sent * 1_000) / of.perSecond - now();
				if (wait > 0) await sleep(wait);
				const at = now();
				sentAt.push(at);
				const value = Buffer.from(VALUE);
				value.writeDoubleLE(at, 0);
				void log.append(TO, [{ ...RECORD, value }]).then(() => committed.push(now() - at));
			}
		})();
		let next = 0;
		while (next < total) {
			await log.waitFor([{ ...BACK, offset: next }], { timeoutMs: 5_000 });
			const replies = await log.read(BACK, next);
			for (const { value } of replies) {
				const reply = Buffer.from(value);
				roundTrips.push(now() - (sentAt[next] ?? 0));
				seen.push(reply.readDoubleLE(8) - reply.readDoubleLE(0));
				next += 1;
			}
		}
		await sending;
		echo.send("stop");
		await new Promise((resolve) => echo.once("exit", resolve));
		const at = { perSecond: of.perSecond };
		return [
			{ name: "embedded-log append acknowledged", ...at, ...quantiles(committed) },
			{ name: "embedded-log append to read in another process", ...at, ...quantiles(seen) },
			{ name: "embedded-log request to reply, two processes, both durable", ...at, ...quantiles(roundTrips) },
		];
	});
}

/** The other process: reads, stamps, answers. */
async function echoRecords(path: string): Promise<void> {
	const log = await openEmbeddedLog({ path });
	const stop = new AbortController();
	process.on("message", () => stop.abort());
	process.on("disconnect", () => stop.abort());
	let next = 0;
	await log.waitFor([{ ...TO, offset: next }], { timeoutMs: 50 });
	process.send?.("ready");
	while (!stop.signal.aborted) {
		await log.waitFor([{ ...TO, offset: next }], { timeoutMs: 1_000, signal: stop.signal });
		const records = await log.read(TO, next);
		if (records.length === 0) continue;
		const at = now();
		const replies = records.map(({ value, key, headers }) => {
			const reply = Buffer.from(value);
			reply.writeDoubleLE(at, 8);
			return { key, headers, value: reply };
		});
		next += records.length;
		await log.append(BACK, replies);
	}
	await log.close();
	process.disconnect();
}

/** Milliseconds on a clock that processes share, finer than a millisecond. */
const now = (): number => performance.timeOrigin + performance.now();

function quantiles(times: number[]): { p50Ms: number; p99Ms: number; maxMs: number } {
	const sorted = times.toSorted((a, b) => a - b);
	const at = (share: number) => Number((sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(3));
	return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

if (import.meta.main) {
	const [role, path] = process.argv.slice(2);
	if (role === "echo" && path !== undefined) await echoRecords(path);
	else for (const row of await benchEmbeddedLog()) console.log(JSON.stringify(row));
}
