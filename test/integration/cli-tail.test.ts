/** `assent tail`: what a person reads of a topic, and how little of it is read for that. */
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openEmbeddedLog } from "../../src/adapters/embedded/open.ts";
import { encodeDerived } from "../../src/core/codec/encode.ts";
import { claimHeaders, ledgerHeaders } from "../../src/core/ledger/validity.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import { type TailedRecord, tail } from "../../src/operations/tail.ts";
import type { Log, TopicPartition } from "../../src/ports/log/log.ts";
import { topicSpecs } from "../../src/ports/log/topics.ts";
import { scratchFolder } from "../support/cli.ts";
import { runCli } from "../support/run-cli.ts";

const AT: TopicPartition = { topic: "decisions", partition: 0 };
const [FIRST, SECOND] = ["a".repeat(32), "b".repeat(32)] as const;

let path: string;
let log: Log;

beforeEach(async () => {
	path = join(scratchFolder(), "log.db");
	log = await openEmbeddedLog({ path });
	onTestFinished(() => log.close());
	await log.admin().createTopics(topicSpecs({ ...DEFAULT_LAYOUT, partitions: 1 }));
});

const append = (headers: Readonly<Record<string, string>>) =>
	log.append(AT, [{ key: null, value: new Uint8Array(8), headers }]);

const entry = (claim: string, seq: number, first = seq) => append(ledgerHeaders({ claim, seq, first }));

describe("tail from the end", () => {
	/** Follows from the end while `write` writes; the validity of what was written. */
	async function validity(write: () => Promise<unknown>): Promise<(boolean | undefined)[]> {
		const reads: number[] = [];
		const counting = new Proxy(log, {
			get: (of, key) => {
				const value = Reflect.get(of, key) as unknown;
				if (typeof value !== "function") return value;
				return (...args: unknown[]): unknown => {
					if (key === "read") reads.push(args[1] as number);
					return Reflect.apply(value, of, args) as unknown;
				};
			},
		});
		const { end } = await log.bounds(AT);
		const stop = new AbortController();
		const records = tail(counting, { topic: "decisions", from: "end", follow: true, signal: stop.signal });
		const seen: TailedRecord[] = [];
		const following = (async () => {
			for await (const record of records) seen.push(record);
		})();
		await expect.poll(() => reads.length).toBeGreaterThan(0);
		await write();
		const { end: after } = await log.bounds(AT);
		await expect.poll(() => seen.length).toBe(after - end);
		stop.abort();
		await following;
		expect(Math.min(...reads)).toBeGreaterThanOrEqual(end - 64);
		return seen.map(({ valid }) => valid);
	}

	it("judges what follows, having read a few records before it", async () => {
		await append(claimHeaders(FIRST));
		for (let seq = 0; seq < 200; seq++) await entry(FIRST, seq);
		const valid = await validity(async () => {
			await entry(FIRST, 200);
			await entry(FIRST, 200);
			await append(claimHeaders(SECOND));
			await entry(FIRST, 201);
			await entry(SECOND, 201);
		});
		expect(valid).toEqual([true, false, true, false, true]);
	});

	it("learns it from the first append where one append or nothing but a claim lies before", async () => {
		await append(claimHeaders(FIRST));
		for (let seq = 0; seq < 100; seq++) await entry(FIRST, seq, 0);
		expect(await validity(() => entry(FIRST, 100))).toEqual([true]);
	});

	it("reads nothing at all where nothing is to be printed", async () => {
		await append(claimHeaders(FIRST));
		for (let seq = 0; seq < 200; seq++) await entry(FIRST, seq);
		const { exit, stdout } = await runCli(["tail", "decisions", "--from", "end", "--log", `file:${path}`]);
		expect([exit, stdout]).toEqual([0, ""]);
	});
});

describe("a line", () => {
	it("says date and zone, and of a dead letter where the record lies and what was wrong", async () => {
		const value = encodeDerived({
			type: "record.dead",
			topic: "intents",
			partition: 7,
			offset: 12,
			code: "record.unreadable",
			detail: "the record ends too early",
			recordDigest: "0".repeat(64),
		});
		await log.append({ topic: "dead-letters", partition: 0 }, [{ key: null, value, headers: {} }]);
		const { stdout } = await runCli(["tail", "dead-letters", "--log", `file:${path}`]);
		expect(stdout).toMatch(
			/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z {2}dead-letters\/0@0 {2}record\.unreadable {2}of intents\/7@12 {2}the record ends too early\n$/,
		);
	});
});

describe("tail of a topic", () => {
	it("that no deployment has is a slip of the pen: usage, with the name that was meant", async () => {
		const run = await runCli(["tail", "desicions", "--log", `file:${path}`]);
		expect(run.exit).toBe(2);
		expect(run.stderr).toContain("there is no topic `desicions`");
		expect(run.stderr).toContain("did you mean `decisions`?");
	});

	it("that this deployment does not have yet is not there", async () => {
		const run = await runCli(["tail", "replies.gateway-1", "--log", `file:${path}`]);
		expect(run.exit).toBe(3);
		expect(run.stderr).toContain("there is no topic `replies.gateway-1`");
	});
});
