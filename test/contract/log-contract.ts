/**
 * What every log keeps, whichever adapter stands behind the port. An adapter's test file calls `logContract` with how to
 * open a log, and a second handle on the same log as another process would have it. L1–L6 are the port's promises.
 */
import { afterEach, describe, expect, it } from "vitest";
import { AssentError } from "../../src/core/base/errors.ts";
import type { Log, OutRecord, TopicPartition, TopicSpec } from "../../src/ports/log/log.ts";
import { readToEnd } from "../../src/ports/log/log.ts";

export interface LogUnderTest {
	readonly log: Log;
	/** Another handle on the same log, as a second process has. */
	secondHandle(): Promise<Log>;
	/** Present where records outlive the handles: opens the same log after all handles were closed. */
	readonly reopen?: () => Promise<Log>;
}

const CONTRACT_TOPICS: readonly TopicSpec[] = [
	{ name: "intents", partitions: 3, cleanup: "keep" },
	{ name: "decisions", partitions: 3, cleanup: "keep" },
	{ name: "policies", partitions: 1, cleanup: "compact" },
	{ name: "replies.gateway-1", partitions: 3, cleanup: "delete", retentionMs: 3_600_000 },
];

const INTENTS: TopicPartition = { topic: "intents", partition: 0 };
const LEDGER: TopicPartition = { topic: "decisions", partition: 1 };

const record = (text: string, more: Partial<OutRecord> = {}): OutRecord => ({
	key: null,
	value: Buffer.from(text),
	headers: {},
	...more,
});

export function logContract(name: string, open: () => Promise<LogUnderTest>): void {
	describe(`the log (${name})`, () => {
		const opened: Log[] = [];

		async function openAll(): Promise<LogUnderTest> {
			const { log, secondHandle, reopen } = await open();
			opened.push(log);
			const also = (next: () => Promise<Log>) => async () => {
				const other = await next();
				opened.push(other);
				return other;
			};
			await log.admin().createTopics(CONTRACT_TOPICS);
			return { log, secondHandle: also(secondHandle), ...(reopen === undefined ? {} : { reopen: also(reopen) }) };
		}

		afterEach(async () => {
			for (const log of opened.splice(0)) await log.close();
		});

		describe("appending", () => {
			it("gives offsets from 0 on without gaps, over several appends (L1, L2)", async () => {
				const { log } = await openAll();
				expect(await log.append(INTENTS, [record("a"), record("b")])).toMatchObject({ kind: "appended", base: 0 });
				expect(await log.append(INTENTS, [record("c")])).toMatchObject({ kind: "appended", base: 2 });
				expect(await texts(log, INTENTS, 0)).toEqual([
					[0, "a"],
					[1, "b"],
					[2, "c"],
				]);
			});

			it("keeps partitions and topics apart", async () => {
				const { log } = await openAll();
				await log.append(INTENTS, [record("a")]);
				await log.append({ ...INTENTS, partition: 2 }, [record("b")]);
				await log.append(LEDGER, [record("c")]);
				expect(await texts(log, INTENTS, 0)).toEqual([[0, "a"]]);
				expect(await texts(log, { ...INTENTS, partition: 2 }, 0)).toEqual([[0, "b"]]);
				expect(await texts(log, LEDGER, 0)).toEqual([[0, "c"]]);
			});

			it("at the expected offset is acknowledged there (L3)", async () => {
				const { log } = await openAll();
				expect(await log.append(LEDGER, [record("claim")])).toMatchObject({ kind: "appended", base: 0 });
				const appended = await log.append(LEDGER, [record("x"), record("y")], { expected: 1 });
				expect(appended).toMatchObject({ kind: "appended", base: 1 });
			});

			it("at an offset that somebody took is superseded, never acknowledged (L3)", async () => {
				const { log, secondHandle } = await openAll();
				const other = await secondHandle();
				await log.append(LEDGER, [record("claim of the first")]);
				await other.append(LEDGER, [record("claim of the second")]);
				expect((await log.append(LEDGER, [record("late")], { expected: 1 })).kind).toBe("superseded");
			});

			it("beyond the end is superseded too", async () => {
				const { log } = await openAll();
				expect((await log.append(LEDGER, [record("x")], { expected: 7 })).kind).toBe("superseded");
			});

			it("from two handles that expect the same offset acknowledges one of them", async () => {
				const { log, secondHandle } = await openAll();
				const other = await secondHandle();
				const both = [log, other].map((each, who) => each.append(LEDGER, [record(`from ${who}`)], { expected: 0 }));
				const kinds = (await Promise.all(both)).map((each) => each.kind);
				expect(kinds.toSorted()).toEqual(["appended", "superseded"]);
			});

			it("from several writers at once loses nothing and keeps each writer's order (L1, L2, L6)", async () => {
				const { log, secondHandle } = await openAll();
				const writers = [log, await secondHandle(), await secondHandle()];
				const lane = async (writer: Log, who: number) => {
					const appends = Array.from({ length: 40 }, (_, at) =>
						writer.append(INTENTS, [record(`${who}:${at}:0`), record(`${who}:${at}:1`)]),
					);
					return Promise.all(appends);
				};
				const answers = await Promise.all(writers.map(lane));
				const read = await texts(log, INTENTS, 0);
				expect(read.map(([offset]) => offset)).toEqual(Array.from({ length: 240 }, (_, offset) => offset));
				for (const [who, own] of answers.entries()) {
					for (const [at, answer] of own.entries()) {
						if (answer.kind !== "appended") throw new Error(`append ${at} of writer ${who}: ${answer.kind}`);
						expect(read.slice(answer.base, answer.base + 2).map(([, text]) => text)).toEqual([
							`${who}:${at}:0`,
							`${who}:${at}:1`,
						]);
					}
					const mine = read.map(([, text]) => text).filter((text) => text.startsWith(`${who}:`));
					expect(mine).toEqual(Array.from({ length: 80 }, (_, at) => `${who}:${at >> 1}:${at % 2}`));
				}
			});

			it("after another append writes once that one is appended, whatever topics they go to", async () => {
				const { log } = await openAll();
				const entry = log.append(LEDGER, [record("entry")], { expected: 0 });
				const reply = log.append(INTENTS, [record("reply")], {
					durability: "ordered",
					after: { append: entry, base: 0 },
				});
				expect(await reply).toMatchObject({ kind: "appended", base: 0 });
				expect(await entry).toMatchObject({ kind: "appended", base: 0 });
				const later = await log.append(INTENTS, [record("later")], { after: { append: entry, base: 0 } });
				expect(later).toMatchObject({ kind: "appended", base: 1 });
				expect(await texts(log, INTENTS, 0)).toEqual([
					[0, "reply"],
					[1, "later"],
				]);
			});

			it("after an append that was not written is withheld, and so is what comes after it", async () => {
				const { log } = await openAll();
				const late = log.append(LEDGER, [record("late")], { expected: 7 });
				const reply = log.append(INTENTS, [record("reply")], { after: { append: late, base: 7 } });
				const next = log.append(INTENTS, [record("next")], { after: { append: reply, base: 0 } });
				const nowhere = log.append({ topic: "nowhere", partition: 0 }, [record("x")]);
				const lost = log.append(INTENTS, [record("lost")], { after: { append: nowhere, base: 0 } });
				expect((await late).kind).toBe("superseded");
				await expect(nowhere).rejects.toThrow(AssentError);
				expect([await reply, await next, await lost]).toEqual(Array(3).fill({ kind: "withheld" }));
				const afterwards = await log.append(INTENTS, [record("other")], { after: { append: late, base: 7 } });
				expect(afterwards.kind).toBe("withheld");
				expect((await log.bounds(INTENTS)).end).toBe(0);
			});

			it("after an append that landed elsewhere than it must is withheld", async () => {
				const { log } = await openAll();
				const entry = log.append(LEDGER, [record("entry")]);
				const reply = log.append(INTENTS, [record("reply")], { after: { append: entry, base: 3 } });
				expect(await entry).toMatchObject({ kind: "appended", base: 0 });
				expect(await reply).toEqual({ kind: "withheld" });
			});

			it("closes only when what follows from an append is written, too", async () => {
				const { log, secondHandle } = await openAll();
				const other = await secondHandle();
				const entry = log.append(LEDGER, [record("entry")]);
				const reply = entry.then(() => log.append(INTENTS, [record("reply")], { after: { append: entry, base: 0 } }));
				await entry;
				await log.close();
				expect((await reply).kind).toBe("appended");
				expect(await texts(other, INTENTS, 0)).toEqual([[0, "reply"]]);
			});

			it("keeps the value that was handed over, whatever the caller does to its bytes afterwards", async () => {
				const { log } = await openAll();
				const value = Buffer.from("before");
				const appended = log.append(INTENTS, [{ key: null, value, headers: {} }]);
				value.write("AFTER!");
				await appended;
				expect(await texts(log, INTENTS, 0)).toEqual([[0, "before"]]);
			});

			it("stamps all records of an append with the log's one time, and says which (L5)", async () => {
				const { log } = await openAll();
				const before = Date.now();
				const appended = await log.append(INTENTS, [record("a"), record("b")]);
				if (appended.kind !== "appended") throw new Error(appended.kind);
				const read = await log.read(INTENTS, 0);
				expect(read.map((each) => each.timestamp)).toEqual([appended.timestamp, appended.timestamp]);
				expect(Math.abs(appended.timestamp - before)).toBeLessThan(60_000);
			});

			it("of no records is refused", async () => {
				const { log } = await openAll();
				await expect(log.append(INTENTS, [])).rejects.toThrow(AssentError);
			});

			it("to a topic or partition that does not exist is refused", async () => {
				const { log } = await openAll();
				await expectCode(log.append({ topic: "nowhere", partition: 0 }, [record("x")]), "ASSENT_LOG_TOPIC");
				await expectCode(log.append({ ...INTENTS, partition: 3 }, [record("x")]), "ASSENT_LOG_TOPIC");
				await expectCode(log.append({ ...INTENTS, partition: -1 }, [record("x")]), "ASSENT_LOG_TOPIC");
			});

			it("of projections keeps the order of the calls, mixed with durable appends (L6)", async () => {
				const { log } = await openAll();
				const to = { topic: "replies.gateway-1", partition: 0 };
				const appends = Array.from({ length: 20 }, (_, at) =>
					log.append(to, [record(String(at))], { durability: at % 3 === 0 ? "durable" : "ordered" }),
				);
				const bases = (await Promise.all(appends)).map((each) => (each.kind === "appended" ? each.base : each.kind));
				expect(bases).toEqual(Array.from({ length: 20 }, (_, at) => at));
			});
		});

		describe("a record", () => {
			const cases: Readonly<Record<string, OutRecord>> = {
				"without key, headers and bytes": record(""),
				"with an empty key": record("v", { key: "" }),
				"with a key outside ASCII": record("v", { key: "agént/шум/👩‍🚀/%2F" }),
				"with headers outside ASCII and empty ones": record("v", {
					headers: { ce_source: "naïve/名", empty: "", "": "x" },
				}),
				"with quotes and control characters in headers": record("v", { headers: { 'a"b\\': 'line\n"tab\t\u0000end' } }),
				"with every byte": record("", { value: Uint8Array.from({ length: 256 }, (_, at) => at) }),
				"of a megabyte": record("", { value: new Uint8Array(900_000).fill(0xab) }),
			};
			for (const [what, sent] of Object.entries(cases)) {
				it(`${what} comes back as it was written`, async () => {
					const { log } = await openAll();
					await log.append(INTENTS, [sent]);
					const [read] = await log.read(INTENTS, 0);
					expect(read).toMatchObject({ ...INTENTS, offset: 0, key: sent.key, headers: sent.headers });
					expect(Buffer.from(read?.value ?? []).equals(sent.value)).toBe(true);
				});
			}

			it("is the same for every handle and every time it is read (L1)", async () => {
				const { log, secondHandle } = await openAll();
				await log.append(INTENTS, [record("a", { key: "k", headers: { h: "v" } })]);
				const other = await secondHandle();
				expect(await other.read(INTENTS, 0)).toEqual(await log.read(INTENTS, 0));
			});
		});

		describe("reading", () => {
			it("begins at any offset and is empty at the end", async () => {
				const { log } = await openAll();
				await log.append(INTENTS, [record("a"), record("b"), record("c")]);
				expect(await texts(log, INTENTS, 1)).toEqual([
					[1, "b"],
					[2, "c"],
				]);
				expect(await log.read(INTENTS, 3)).toEqual([]);
			});

			it("beyond the end says that this is not the log that was read before, and waiting there does not last", async () => {
				const { log } = await openAll();
				await log.append(INTENTS, [record("a"), record("b")]);
				for (const at of [3, 99]) {
					const waited = await log.waitFor([{ ...INTENTS, offset: at }], { timeoutMs: 60_000 });
					expect(waited).toMatchObject([INTENTS]);
					const thrown = await thrownBy(log.read(INTENTS, at));
					expect(thrown).toMatchObject({ code: "ASSENT_LOG_REWOUND", facts: { end: 2 } });
				}
				// Nothing of that is left: who begins anew waits for what comes.
				expect(await log.waitFor([{ ...INTENTS, offset: 2 }], { timeoutMs: 30 })).toEqual([]);
				const waiting = log.waitFor([{ ...INTENTS, offset: 2 }], { timeoutMs: 60_000 });
				await log.append(INTENTS, [record("c")]);
				expect(await waiting).toMatchObject([INTENTS]);
				expect(await texts(log, INTENTS, 2)).toEqual([[2, "c"]]);
			});

			it("gives at most the records asked for", async () => {
				const { log } = await openAll();
				await log.append(
					INTENTS,
					Array.from({ length: 10 }, (_, at) => record(String(at))),
				);
				expect((await log.read(INTENTS, 2, { recordsMax: 3 })).map((each) => each.offset)).toEqual([2, 3, 4]);
			});

			it("gives at most the bytes asked for, but always one record", async () => {
				const { log } = await openAll();
				await log.append(
					INTENTS,
					Array.from({ length: 10 }, () => record("x".repeat(100))),
				);
				expect(await log.read(INTENTS, 0, { bytesMax: 250 })).toHaveLength(2);
				expect(await log.read(INTENTS, 0, { bytesMax: 1 })).toHaveLength(1);
			});

			it("of a topic that does not exist is refused", async () => {
				const { log } = await openAll();
				await expectCode(log.read({ topic: "nowhere", partition: 0 }, 0), "ASSENT_LOG_TOPIC");
				await expectCode(log.bounds({ ...INTENTS, partition: 3 }), "ASSENT_LOG_TOPIC");
			});

			it("to the end takes what was there when it began", async () => {
				const { log } = await openAll();
				await log.append(
					INTENTS,
					Array.from({ length: 1_200 }, (_, at) => record(String(at))),
				);
				const seen: number[] = [];
				for await (const records of readToEnd(log, INTENTS, 5)) {
					seen.push(...records.map((each) => each.offset));
					await log.append(INTENTS, [record("meanwhile")]);
				}
				expect(seen).toEqual(Array.from({ length: 1_195 }, (_, at) => at + 5));
			});

			it("knows the bounds of a partition", async () => {
				const { log } = await openAll();
				expect(await log.bounds(INTENTS)).toEqual({ begin: 0, end: 0 });
				await log.append(INTENTS, [record("a"), record("b")]);
				expect(await log.bounds(INTENTS)).toEqual({ begin: 0, end: 2 });
			});
		});

		describe("waiting", () => {
			it("ends at once if the records are there", async () => {
				const { log } = await openAll();
				await log.append(INTENTS, [record("a")]);
				await log.waitFor([{ ...INTENTS, offset: 0 }], { timeoutMs: 60_000 });
			});

			it("ends when this handle appends", async () => {
				const { log } = await openAll();
				const waiting = log.waitFor(
					[
						{ ...LEDGER, offset: 0 },
						{ ...INTENTS, offset: 0 },
					],
					{ timeoutMs: 60_000 },
				);
				await log.append(INTENTS, [record("a")]);
				await waiting;
			});

			it("ends when another handle appends, and the records can be read then", async () => {
				const { log, secondHandle } = await openAll();
				const other = await secondHandle();
				for (let round = 0; round < 5; round++) {
					const waiting = log.waitFor([{ ...INTENTS, offset: round }], { timeoutMs: 60_000 });
					await other.append(INTENTS, [record(String(round))], { durability: round % 2 === 0 ? "durable" : "ordered" });
					await waiting;
					expect(await texts(log, INTENTS, round)).toEqual([[round, String(round)]]);
				}
			});

			it("ends after its time", async () => {
				const { log } = await openAll();
				await log.waitFor([{ ...INTENTS, offset: 0 }], { timeoutMs: 30 });
				expect(await log.bounds(INTENTS)).toEqual({ begin: 0, end: 0 });
			});

			it("ends by its signal, before or while it waits", async () => {
				const { log } = await openAll();
				const stop = new AbortController();
				const waiting = log.waitFor([{ ...INTENTS, offset: 0 }], { timeoutMs: 60_000, signal: stop.signal });
				stop.abort();
				await waiting;
				await log.waitFor([{ ...INTENTS, offset: 0 }], { timeoutMs: 60_000, signal: stop.signal });
			});

			it("ends when the log is closed", async () => {
				const { log } = await openAll();
				const waiting = log.waitFor([{ ...INTENTS, offset: 0 }], { timeoutMs: 60_000 });
				await log.close();
				await waiting;
			});
		});

		describe("topics", () => {
			it("say their shape and bounds", async () => {
				const { log } = await openAll();
				await log.append({ ...INTENTS, partition: 2 }, [record("a")]);
				const topics = await log.admin().topics();
				expect(topics.find((topic) => topic.name === "intents")).toMatchObject({
					partitions: 3,
					cleanup: "keep",
					begin: [0, 0, 0],
					end: [0, 0, 1],
				});
				expect(topics.find((topic) => topic.name === "replies.gateway-1")).toMatchObject({
					cleanup: "delete",
					retentionMs: 3_600_000,
				});
			});

			it("are made once, by whichever handle", async () => {
				const { log, secondHandle } = await openAll();
				await log.append(INTENTS, [record("a")]);
				await (await secondHandle()).admin().createTopics(CONTRACT_TOPICS);
				expect(await texts(log, INTENTS, 0)).toEqual([[0, "a"]]);
			});

			it("with another number of partitions are refused, and none of the request is made", async () => {
				const { log } = await openAll();
				const request = log.admin().createTopics([
					{ name: "brand-new", partitions: 1, cleanup: "keep" },
					{ name: "intents", partitions: 4, cleanup: "keep" },
				]);
				await expectCode(request, "ASSENT_LOG_TOPIC");
				expect((await log.admin().topics()).map((topic) => topic.name)).not.toContain("brand-new");
			});

			it.each([0, 1.5, 1_025, 1_000_000_000])("are not made with %d partitions", async (partitions) => {
				const { log } = await openAll();
				const request = log.admin().createTopics([{ name: "brand-new", partitions, cleanup: "keep" }]);
				await expectCode(request, "ASSENT_LOG_TOPIC");
			});
		});

		describe("forgetting", () => {
			it("trims the front; what is gone is said with the first offset that is left", async () => {
				const { log, secondHandle } = await openAll();
				await log.append(
					INTENTS,
					Array.from({ length: 10 }, (_, at) => record(String(at))),
				);
				await log.admin().trim(INTENTS, 4);
				expect(await log.bounds(INTENTS)).toEqual({ begin: 4, end: 10 });
				expect((await log.read(INTENTS, 4)).map((each) => each.offset)).toEqual([4, 5, 6, 7, 8, 9]);
				const gone = await thrownBy((await secondHandle()).read(INTENTS, 3));
				expect(gone).toMatchObject({ code: "ASSENT_LOG_OFFSET_GONE", facts: { begin: 4 } });
			});

			it("goes on at the next offset after everything was trimmed", async () => {
				const { log } = await openAll();
				await log.append(LEDGER, [record("a"), record("b")]);
				await log.admin().trim(LEDGER, 99);
				expect(await log.bounds(LEDGER)).toEqual({ begin: 2, end: 2 });
				expect(await log.read(LEDGER, 2)).toEqual([]);
				expect(await log.append(LEDGER, [record("c")], { expected: 2 })).toMatchObject({ kind: "appended", base: 2 });
			});

			it("keeps the newest record of each key of a compacted topic, at its offset", async () => {
				const { log } = await openAll();
				const to = { topic: "policies", partition: 0 };
				for (const [key, text] of [
					["a", "1"],
					["b", "2"],
					["a", "3"],
					[null, "4"],
				] as const)
					await log.append(to, [record(text, { key })]);
				const newest = new Map<string | null, readonly [number, string]>();
				for (const each of await log.read(to, 0)) newest.set(each.key, [each.offset, String(Buffer.from(each.value))]);
				expect([...newest]).toEqual(
					expect.arrayContaining([
						["b", [1, "2"]],
						["a", [2, "3"]],
						[null, [3, "4"]],
					]),
				);
				expect((await log.bounds(to)).end).toBe(4);
			});
		});

		describe("a group of processors", () => {
			it("gives every partition to its only member", async () => {
				const { log } = await openAll();
				const first = member();
				await log.assign("processors", "first", first.listener);
				await until(() => first.owned().length === 3);
				expect(first.owned()).toEqual([0, 1, 2]);
			});

			it("gives every partition to exactly one of two members, the newer among them", async () => {
				const { log, secondHandle } = await openAll();
				const [first, second] = [member(), member()];
				await log.assign("processors", "first", first.listener);
				await until(() => first.owned().length === 3);
				await (await secondHandle()).assign("processors", "second", second.listener);
				await until(() => second.owned().length > 0 && first.owned().length + second.owned().length === 3);
				expect([...first.owned(), ...second.owned()].toSorted()).toEqual([0, 1, 2]);
			});

			it("gives the partitions of a member that leaves to those that stay", async () => {
				const { log, secondHandle } = await openAll();
				const [first, second] = [member(), member()];
				await log.assign("processors", "first", first.listener);
				const newer = await (await secondHandle()).assign("processors", "second", second.listener);
				await until(() => second.owned().length > 0);
				await newer.leave();
				await newer.leave();
				await until(() => first.owned().length === 3);
			});

			it("takes a closed log's members out", async () => {
				const { log, secondHandle } = await openAll();
				const [first, second] = [member(), member()];
				await log.assign("processors", "first", first.listener);
				const other = await secondHandle();
				await other.assign("processors", "second", second.listener);
				await other.close();
				await until(() => first.owned().length === 3);
			});

			it("does not touch other groups", async () => {
				const { log, secondHandle } = await openAll();
				const [first, second] = [member(), member()];
				await log.assign("processors", "first", first.listener);
				await (await secondHandle()).assign("others", "second", second.listener);
				await until(() => first.owned().length === 3 && second.owned().length === 3);
			});
		});

		describe("closing", () => {
			it("waits for appends under way and can be done twice", async () => {
				const { log, secondHandle } = await openAll();
				const appends = Array.from({ length: 10 }, (_, at) => log.append(INTENTS, [record(String(at))]));
				await Promise.all([log.close(), log.close()]);
				expect((await Promise.all(appends)).every((each) => each.kind === "appended")).toBe(true);
				expect(await (await secondHandle()).bounds(INTENTS)).toEqual({ begin: 0, end: 10 });
			});

			it("refuses every use afterwards", async () => {
				const { log } = await openAll();
				await log.close();
				await log.close();
				const { listener } = member();
				const uses = [
					log.append(INTENTS, [record("x")]),
					log.read(INTENTS, 0),
					log.bounds(INTENTS),
					log.waitFor([{ ...INTENTS, offset: 0 }], { timeoutMs: 1 }),
					log.assign("processors", "late", listener),
					log.admin().topics(),
					log.admin().createTopics(CONTRACT_TOPICS),
					log.admin().trim(INTENTS, 0),
					log.admin().diagnose(),
				];
				for (const use of uses) await expectCode(use, "ASSENT_LOG_CLOSED");
			});

			it("keeps every acknowledged record for a process that opens the log again (L4)", async () => {
				const { log, reopen } = await openAll();
				if (reopen === undefined) return;
				await log.append(INTENTS, [record("a", { key: "k", headers: { h: "v" } })]);
				await log.append(LEDGER, [record("b")], { durability: "ordered" });
				await log.admin().trim(LEDGER, 1);
				await log.close();
				const again = await reopen();
				expect(await again.read(INTENTS, 0)).toMatchObject([{ offset: 0, key: "k", headers: { h: "v" } }]);
				expect(await again.append(INTENTS, [record("c")], { expected: 1 })).toMatchObject({
					kind: "appended",
					base: 1,
				});
				expect(await again.bounds(LEDGER)).toEqual({ begin: 1, end: 1 });
			});
		});

		it("has something to say to a doctor, and nothing bad of a new log", async () => {
			const { log } = await openAll();
			const findings = await log.admin().diagnose();
			expect(findings.length).toBeGreaterThan(0);
			expect(findings.filter((finding) => finding.level === "error")).toEqual([]);
		});
	});
}

async function texts(log: Log, from: TopicPartition, at: number): Promise<[number, string][]> {
	const read = await log.read(from, at, { recordsMax: 10_000 });
	return read.map(({ offset, value }) => [offset, Buffer.from(value).toString("utf8")]);
}

function member() {
	const owned = new Set<number>();
	const lost: string[] = [];
	return {
		lost,
		owned: () => [...owned].toSorted(),
		listener: {
			onAssigned: (partitions: readonly number[]) => {
				for (const partition of partitions) owned.add(partition);
			},
			onLost: (partitions: readonly number[], why: string) => {
				for (const partition of partitions) owned.delete(partition);
				lost.push(why);
			},
		},
	};
}

/** Waits for what comes about by itself; the test's own time limit ends a wait for what does not. */
async function until(isSo: () => boolean): Promise<void> {
	while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
	return promise.then(
		() => null,
		(thrown: unknown) => thrown,
	);
}

async function expectCode(promise: Promise<unknown>, code: string): Promise<void> {
	expect(await thrownBy(promise)).toMatchObject({ code });
}
