/**
 * An echo over the embedded log itself: a request and its answer, each appended durably, between two processes. What a
 * decision takes beyond it is Assent's own work.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedLog } from "../src/adapters/embedded/open.ts";
import type { OutRecord } from "../src/ports/log/log.ts";
import { openLoop, type Pace } from "./open-loop.ts";

const REQUESTS = { topic: "requests", partition: 0 };
const ANSWERS = { topic: "answers", partition: 0 };
const RECORD: OutRecord = { key: "tenant/agent", value: Buffer.alloc(420, 7), headers: { ce_type: "bench.echo.v1" } };

/** Milliseconds from each request's append until its answer was read, sorted. */
export async function logEcho(pace: Pace): Promise<readonly number[]> {
	const folder = mkdtempSync(join(tmpdir(), "assent-bench-"));
	const path = join(folder, "log.db");
	const log = await openEmbeddedLog({ path });
	await log
		.admin()
		.createTopics([REQUESTS, ANSWERS].map(({ topic }) => ({ name: topic, partitions: 1, cleanup: "keep" })));
	const echo = fork(import.meta.filename, [path], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
	const stop = new AbortController();
	try {
		await once(echo, "message");
		const waiting: (() => void)[] = [];
		const listening = (async () => {
			for (let next = 0; !stop.signal.aborted; ) {
				await log.waitFor([{ ...ANSWERS, offset: next }], { timeoutMs: 1_000, signal: stop.signal });
				const answers = await log.read(ANSWERS, next);
				next += answers.length;
				for (const _ of answers) waiting.shift()?.();
			}
		})();
		const took = await openLoop(pace, () => {
			const answered = new Promise<void>((resolve) => waiting.push(resolve));
			void log.append(REQUESTS, [RECORD]);
			return answered;
		});
		stop.abort();
		await listening;
		return took;
	} finally {
		echo.send("stop");
		await once(echo, "exit");
		await log.close();
		rmSync(folder, { recursive: true, force: true });
	}
}

async function answer(path: string): Promise<void> {
	const log = await openEmbeddedLog({ path });
	const stop = new AbortController();
	process.on("message", () => stop.abort());
	process.on("disconnect", () => stop.abort());
	process.send?.("ready");
	for (let next = 0; !stop.signal.aborted; ) {
		await log.waitFor([{ ...REQUESTS, offset: next }], { timeoutMs: 1_000, signal: stop.signal });
		const requests = await log.read(REQUESTS, next);
		if (requests.length === 0) continue;
		next += requests.length;
		await log.append(
			ANSWERS,
			requests.map(() => RECORD),
		);
	}
	await log.close();
	process.disconnect();
}

if (import.meta.main) await answer(process.argv[2] ?? "");
