/** Topics that were recreated, cut or given back from an older day: nobody goes on there as if nothing had been. */
import { afterEach, describe, expect, it } from "vitest";
import { openMemoryLog } from "../../../src/adapters/memory/log.ts";
import { MemoryStore } from "../../../src/adapters/memory/store.ts";
import { encodeInput } from "../../../src/core/codec/encode.ts";
import { type Log, TOPICS } from "../../../src/ports/log/log.ts";
import { topicSpecs } from "../../../src/ports/log/topics.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { assertOwn } from "../../../src/reading/history.ts";
import { checkLog } from "../../support/checker.ts";
import { intentOf } from "../../support/engine-world.ts";
import { type Heard, LogWorld, over, startProcessor, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

const running: Processor[] = [];

afterEach(async () => {
	await Promise.all(running.splice(0).map((processor) => processor.drain()));
});

/** A deployment that has decided, denied, dropped and snapshotted. */
async function lived(intents = 70): Promise<LogWorld> {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	const { processor } = await startProcessor(world, { snapshotEvery: 20 });
	await world.put(TOPICS.intents, 0, Uint8Array.of(1, 2, 3));
	for (let at = 0; at < intents; at++) {
		await world.submit({ id: `old-${at}`, tool: at % 3 === 0 ? "wipe" : "shell.run" });
		if (at % 10 === 0) await world.consumed();
	}
	await world.consumed();
	await processor.drain();
	return world;
}

/** The same log with some topics cut to so many records; 0: made anew. Offsets and times stay. */
async function cut(world: LogWorld, left: Readonly<Record<string, number>>): Promise<Log> {
	const store = new MemoryStore();
	store.createTopics(topicSpecs(world.layout));
	let stamp = 0;
	const copy = openMemoryLog({ store, clock: { now: () => stamp } });
	for (const { name } of topicSpecs(world.layout)) {
		for (const record of (await world.records(name)).slice(0, left[name] ?? Number.POSITIVE_INFINITY)) {
			stamp = record.timestamp;
			// Compaction would change offsets: the copy must not compact again.
			await copy.append({ topic: name, partition: 0 }, [{ ...record, key: null }]);
		}
	}
	return openMemoryLog({ store });
}

const withKeys = { key: null };

async function goOn(log: Log): Promise<{ processor: Processor; heard: Heard }> {
	const world = new LogWorld();
	const started = await startProcessor(world, { log });
	running.push(started.processor);
	return started;
}

const submitTo = (log: Log, id: string) =>
	log.append({ topic: TOPICS.intents, partition: 0 }, [
		{ ...withKeys, value: encodeInput(intentOf({ id, issuedAt: Date.now() })), headers: {} },
	]);

async function expectRefusal(log: Log, words: string): Promise<void> {
	const before = (await log.bounds({ topic: TOPICS.replies, partition: 0 })).end;
	const { processor, heard } = await goOn(log);
	await submitTo(log, "new");
	await until(() => heard.said("partition.failed").length > 0, "a refusal");
	const [facts] = heard.said("partition.failed");
	expect(facts).toMatchObject({ code: "ASSENT_LOG_OTHER" });
	expect(facts?.["why"]).toContain(words);
	expect(facts?.["why"]).toContain("new deployment");
	expect(processor.status().partitions).toMatchObject([{ phase: "failed" }]);
	expect((await log.bounds({ topic: TOPICS.replies, partition: 0 })).end).toBe(before);
}

describe("a log that was not always this one", () => {
	it("whose ledger was recreated while its checkpoints were not is refused, without a claim", async () => {
		const log = await cut(await lived(), { [TOPICS.decisions]: 0 });
		await expectRefusal(log, "`decisions` was recreated");
		expect(await log.bounds({ topic: TOPICS.decisions, partition: 0 })).toEqual({ begin: 0, end: 0 });
	});

	it("is refused at the start already where no partition has a ledger any more", async () => {
		const world = await lived(5);
		await assertOwn(world.log);
		await assertOwn(new LogWorld().log);
		const refusal = assertOwn(await cut(world, { decisions: 0 }));
		await expect(refusal).rejects.toMatchObject({ code: "ASSENT_LOG_OTHER" });
	});

	it("whose ledger and inputs were recreated beside a forgotten snapshot is not decided out of that", async () => {
		const anew = { decisions: 0, intents: 0, control: 0, checkpoints: 0, violations: 0, "dead-letters": 0, replies: 0 };
		await expectRefusal(await cut(await lived(), anew), "`snapshots` has records derived");
	});

	it("whose ledger has lived on beside the snapshot of an earlier one passes that over and says so", async () => {
		const old = await lived();
		const log = await cut(old, Object.fromEntries(topicSpecs(TEST_LAYOUT).map(({ name }) => [name, 0])));
		const first = await goOn(log);
		await submitTo(log, "a");
		await until(() => (first.processor.status().partitions[0]?.entries ?? 0) === 1);
		await first.processor.drain();
		for (const record of await old.records(TOPICS.snapshots)) {
			await log.append({ topic: TOPICS.snapshots, partition: 0 }, [record]);
		}
		const { processor, heard } = await goOn(log);
		await submitTo(log, "b");
		await until(() => (processor.status().partitions[0]?.entries ?? 0) === 2);
		expect(heard.said("snapshot.passed")[0]?.["why"]).toContain("another ledger");
		expect(heard.said("partition.restored")).toMatchObject([{ fromSnapshot: 0 }]);
	});

	it("whose ledger has lost its end is refused", async () => {
		const world = await lived();
		const { end } = await world.log.bounds({ topic: TOPICS.decisions, partition: 0 });
		await expectRefusal(await cut(world, { decisions: end - 30 }), "it has lost its end");
		await expectRefusal(await cut(world, { decisions: end - 30, snapshots: 0 }), "tells of 64");
		await expectRefusal(
			await cut(world, { decisions: end - 5, snapshots: 0, checkpoints: 0 }),
			"`violations` tells of",
		);
	});

	it("whose ledger has lost its end says nothing of what it still holds", async () => {
		const world = await lived();
		const { end } = await world.log.bounds({ topic: TOPICS.decisions, partition: 0 });
		const log = await cut(world, { decisions: end - 30, checkpoints: 0, violations: 0, "dead-letters": 0 });
		await expectRefusal(log, "it has lost its end");
		for (const topic of [TOPICS.checkpoints, TOPICS.violations, TOPICS.deadLetters])
			expect(await log.bounds({ topic, partition: 0 })).toEqual({ begin: 0, end: 0 });
	});

	it("whose ledger is another one of the same length is refused by its last checkpoint", async () => {
		const [world, other] = [await lived(), await lived()];
		const log = await cut(world, { decisions: 0, snapshots: 0, intents: 0, control: 0 });
		for (const topic of [TOPICS.decisions, TOPICS.intents, TOPICS.control]) {
			for (const record of await other.records(topic)) await log.append({ topic, partition: 0 }, [record]);
		}
		await expectRefusal(log, "another root at size 64");
	});

	it.each([TOPICS.intents, TOPICS.control])(
		"whose `%s` was recreated is refused while it is shorter",
		async (topic) => {
			await expectRefusal(await cut(await lived(), { [topic]: 0 }), `\`${topic}/0\` ends at offset`);
		},
	);

	it("whose `intents` was recreated is refused when it has grown past what was consumed", async () => {
		const log = await cut(await lived(), { intents: 0 });
		for (let at = 0; at < 80; at++) await submitTo(log, `new-${at}`);
		await expectRefusal(log, "has another record at offset 70");
	});

	it("is begun again by a process that knew the old one, where nothing is left of that, and it says so", async () => {
		const old = await lived(30);
		const anew = new LogWorld();
		await anew.policies(TEST_POLICY);
		let behind = old.log;
		let isBroken = false;
		const log = over(old.log, {
			bounds: (of) => behind.bounds(of),
			read: (from, at, options) => behind.read(from, at, options),
			waitFor: (any, options) => behind.waitFor(any, { ...options, timeoutMs: Math.min(options.timeoutMs, 5) }),
			append: async (to, records, options) => {
				if (isBroken && to.topic === TOPICS.decisions && options?.expected !== undefined) {
					isBroken = false;
					return { kind: "unknown", why: "no answer" };
				}
				return behind.append(to, records, options);
			},
		});
		const { processor, heard } = await startProcessor(old, { log });
		running.push(processor);
		await until(() => processor.status().partitions[0]?.phase === "deciding");
		await old.submit({ id: "last" });
		await old.consumed();
		behind = anew.log;
		isBroken = true;
		// Nothing tells it but that its next append is refused.
		await old.submit({ id: "unseen" });
		for (let at = 0; at < 40; at++) await anew.submit({ id: `new-${at}`, tool: "wipe" });
		await until(() => heard.said("ledger.recreated").length > 0, "the new ledger to be noticed");
		await anew.consumed();
		expect(heard.said("ledger.recreated")).toHaveLength(1);
		await processor.drain();
		expect((await checkLog(anew.log, { layout: TEST_LAYOUT })).findings).toEqual([]);
	});

	it("is refused or comes out sound, whichever topics were recreated", async () => {
		const world = await lived();
		const topics = [
			"decisions",
			"intents",
			"control",
			"snapshots",
			"checkpoints",
			"violations",
			"dead-letters",
			"replies",
		];
		for (let chosen = 0; chosen < 2 ** topics.length; chosen++) {
			const anew = topics.filter((_, bit) => (chosen >> bit) & 1);
			const log = await cut(world, Object.fromEntries(anew.map((topic) => [topic, 0])));
			const { processor, heard } = await goOn(log);
			const phase = () => processor.status().partitions[0]?.phase;
			await until(() => phase() === "deciding" || phase() === "failed", `an end with ${anew} anew`);
			const isSound = phase() === "deciding";
			if (isSound) {
				await submitTo(log, "more");
				const { end } = await log.bounds({ topic: TOPICS.intents, partition: 0 });
				await until(() => processor.status().partitions[0]?.consumed.intents === end);
			}
			await processor.drain();
			if (isSound) {
				// What was deleted of the derived topics alone is missing there; nothing may be wrong, or there twice.
				const { findings } = await checkLog(log, { layout: TEST_LAYOUT, isSettled: false });
				expect(findings, `${anew} anew`).toEqual([]);
			} else {
				expect(heard.said("partition.failed")[0]?.["code"], `${anew} anew`).toBe("ASSENT_LOG_OTHER");
			}
			// The ledger alone can begin anew only where nothing is left of it; its inputs cannot without it.
			const left = topics.filter((topic) => !anew.includes(topic) && topic !== "intents" && topic !== "control");
			const isAllGone = left.length === 0;
			const isKept = !anew.includes("decisions") && !anew.includes("intents") && !anew.includes("control");
			expect(isSound, `${anew} anew`).toBe(isAllGone || isKept);
		}
	});
});
