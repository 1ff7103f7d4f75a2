/** Several processes on one file: all may write, each hears of the others, and a killed one loses nothing it was promised. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEmbeddedLog } from "../../src/adapters/embedded/open.ts";
import type { Log } from "../../src/ports/log/log.ts";

const TO = { topic: "intents", partition: 0 };
const WRITER = new URL("./embedded-writer.ts", import.meta.url);

let folder = "";
let path = "";
let log: Log;
const children: ChildProcess[] = [];

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), "assent-processes-"));
	path = join(folder, "log.db");
	log = await openEmbeddedLog({ path });
	await log.admin().createTopics([{ name: "intents", partitions: 2, cleanup: "keep" }]);
});

afterEach(async () => {
	for (const child of children.splice(0)) child.kill("SIGKILL");
	await log.close();
	rmSync(folder, { recursive: true, force: true });
});

describe("an embedded log shared by processes", () => {
	it("takes appends of several processes at once, densely and in each one's order", async () => {
		const writers = ["a", "b"].map((name) => writer(name, 200));
		const own = Array.from({ length: 200 }, (_, at) =>
			log.append(TO, [{ key: "own", value: Buffer.from(`own:${at}`), headers: {} }]),
		);
		await Promise.all([...own, ...writers.map((each) => each.exited)]);
		const read = await log.read(TO, 0, { recordsMax: 1_000 });
		expect(read.map((record) => record.offset)).toEqual(Array.from({ length: 600 }, (_, offset) => offset));
		for (const name of ["a", "b", "own"]) {
			const texts = read.filter((record) => record.key === name).map((record) => String(Buffer.from(record.value)));
			expect(texts).toEqual(Array.from({ length: 200 }, (_, at) => `${name}:${at}`));
		}
	});

	it("wakes a waiting process when another one appends", async () => {
		const waiting = log.waitFor([{ ...TO, offset: 0 }], { timeoutMs: 60_000 });
		await writer("other", 1).exited;
		await waiting;
		expect(await log.read(TO, 0)).toMatchObject([{ offset: 0, key: "other" }]);
	});

	it("keeps every acknowledged record of a process that is killed in the middle of its appends", async () => {
		const acknowledged = new Map<string, number>();
		for (let round = 0; round < 8; round++) {
			const name = `killed-${round}`;
			const { child, exited } = writer(name, 0);
			child.on("message", (at) => {
				acknowledged.set(name, Number(at));
				if (Number(at) === 10 + 7 * round) child.kill("SIGKILL");
			});
			await exited;
		}
		const read = await log.read(TO, 0, { recordsMax: 10_000 });
		expect(read.map((record) => record.offset)).toEqual(read.map((_, offset) => offset));
		for (const [name, last] of acknowledged) {
			const texts = read.filter((record) => record.key === name).map((record) => String(Buffer.from(record.value)));
			expect(texts.length).toBeGreaterThan(last);
			expect(texts).toEqual(texts.map((_, at) => `${name}:${at}`));
		}
		expect(acknowledged.size).toBe(8);
	});

	it("forgets the socket of a killed process at the next append", async () => {
		await log.waitFor([{ ...TO, offset: 0 }], { timeoutMs: 1 });
		const { child, exited } = writer("waiter", 0);
		await new Promise((resolve) => child.once("message", resolve));
		child.kill("SIGKILL");
		await exited;
		await log.append(TO, [{ key: null, value: Buffer.from("x"), headers: {} }]);
		expect(readdirSync(folder).filter((name) => name.endsWith(".sock"))).toHaveLength(1);
	});
});

function writer(name: string, count: number): { child: ChildProcess; exited: Promise<void> } {
	const child = fork(WRITER, [path, name, String(count)], {
		execArgv: [],
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});
	children.push(child);
	return { child, exited: new Promise((resolve) => child.once("exit", () => resolve())) };
}
