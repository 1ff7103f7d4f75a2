/**
 * What must not be on a log, put there on a real Kafka by clients that keep to no rule. Each ends in a recorded denial or a
 * clear error; nothing is lost, and the partitions that are well go on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import kafkajs from "kafkajs";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { crc32c } from "../../src/adapters/kafka/protocol/crc32c.ts";
import { assertFit } from "../../src/app/node.ts";
import { decodeDerived, decodeEntry } from "../../src/core/codec/decode.ts";
import { encodeEntry, encodeInput } from "../../src/core/codec/encode.ts";
import { HEADER } from "../../src/core/codec/headers.ts";
import { beginFold, foldRecord } from "../../src/core/ledger/fold.ts";
import { ledgerHeaders } from "../../src/core/ledger/validity.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import { lossesOf } from "../../src/operations/examine/input-findings.ts";
import { sendSkip } from "../../src/operations/operators.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { readSnapshot } from "../../src/reading/snapshot-reader.ts";
import { type CheckReport, checkLog } from "../support/checker.ts";
import { intentOf } from "../support/engine-world.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/cluster.ts";
import { Deployment, type DeploymentOptions, type Running, WHO } from "../support/kafka/deployment.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { recompute } from "../support/recompute.ts";
import { over, until } from "../support/world.ts";

const { CompressionCodecs, CompressionTypes } = kafkajs;
const WAIT_MS = 60_000;
vi.setConfig({ testTimeout: 60_000 });

/** The partition that bad things happen to. */
const HERE = 0;
const OTHERS = [1, 2] as const;

const deployments: Deployment[] = [];

async function deploy(options: DeploymentOptions = {}): Promise<Deployment> {
	const made = await Deployment.make(options);
	deployments.push(made);
	return made;
}

afterEach(async () => {
	await Promise.all(deployments.splice(0).map((each) => each.close()));
});

describeKafka("records on the inputs that nobody should have written", () => {
	it("garbage is recorded, answered where the call can be read, and filed as dead letters", async () => {
		const on = await deploy();
		const running = await on.startProcessor();
		const torn = aGoodIntent(on, "torn").subarray(0, -3);
		await on.put(TOPICS.intents, HERE, [
			{ value: "this is not avro" },
			{ value: Buffer.alloc(0) },
			{ value: Buffer.alloc(5_000, 0xff) },
			{ value: torn, headers: repliesTo("r-torn") },
		]);
		await on.put(TOPICS.control, HERE, [{ value: "this is not avro" }, { value: Buffer.of(0xc3, 1) }]);
		await on.consumed(running);
		await expectDecided(on);
		const { counts } = await expectSound(on, running);
		expect(counts.deadLetters).toBe(6);
		expect(await toldOf(on)).toEqual([
			"control input.rejected RECORD_MALFORMED",
			"control input.rejected RECORD_TRUNCATED",
			"control policy.activated",
			"intents decision.made allow",
			"intents input.rejected RECORD_MALFORMED",
			"intents input.rejected RECORD_MALFORMED",
			"intents input.rejected RECORD_TRUNCATED",
			"intents input.rejected RECORD_TRUNCATED",
		]);
		expect(await repliesOf(on)).toMatchObject([
			{ replyId: "r-torn", verdict: "deny", call: { id: "torn" } },
			{ verdict: "allow" },
		]);
	});

	it("reply topics that do not exist, a new one each time, delay nobody else's answer", async () => {
		const on = await deploy();
		const running = await on.startProcessor();
		await expectDecided(on);
		let asked = 0;
		const strangers = (async () => {
			for (; asked < 60; asked++) {
				const headers = { [HEADER.replyTo]: `replies.none-${asked}`, [HEADER.replyId]: "r" };
				await on.put(TOPICS.intents, HERE, [{ value: aGoodIntent(on, `stranger-${asked}`), headers }]);
				await sleep(80);
			}
		})();
		const took: number[] = [];
		while (asked < 50) {
			await sleep(500);
			const startedAt = performance.now();
			await expectDecided(on, [HERE]);
			took.push(performance.now() - startedAt);
		}
		await strangers;
		expect(took.length).toBeGreaterThan(1);
		// Each answer waited for all reply topics before it, of which each took 0.3 s and more: the last ones for ten seconds.
		expect(Math.min(...took.slice(-3))).toBeLessThan(2_000);
		expect(running.heard.said("reply.undelivered").length).toBeLessThanOrEqual(8);
		await on.consumed(running);
		await expectSound(on, running);
	});

	it("schemas of strangers are recorded: a schema registry's id, and a fingerprint that nobody knows", async () => {
		const on = await deploy();
		const running = await on.startProcessor();
		const body = aGoodIntent(on, "foreign").subarray(10);
		const confluent = Buffer.concat([Buffer.of(0, 0, 0, 0, 7), body]);
		await on.put(TOPICS.intents, HERE, [{ value: confluent }, { value: withUnknownSchema(aGoodIntent(on, "newer")) }]);
		await on.put(TOPICS.control, HERE, [{ value: confluent }]);
		await on.consumed(running);
		await expectDecided(on);
		const { counts } = await expectSound(on, running);
		expect(counts.deadLetters).toBe(3);
		expect(await toldOf(on)).toEqual([
			"control input.rejected RECORD_MALFORMED",
			"control policy.activated",
			"intents decision.made allow",
			"intents input.rejected RECORD_MALFORMED",
			"intents input.rejected RECORD_SCHEMA_UNKNOWN",
		]);
	});

	it("a control record of an unknown schema, which could be a halt, pauses its partition alone", async () => {
		const on = await deploy();
		const running = await on.startProcessor();
		const tick = encodeInput({ type: "clock.ticked", id: "t", issuedBy: "ops", issuedAt: 1 });
		const at = await on.put(TOPICS.control, HERE, [{ value: withUnknownSchema(Buffer.from(tick)) }]);
		await until(() => running.heard.said("partition.paused").length > 0, "the pause", WAIT_MS);
		expect(running.heard.said("partition.paused")).toMatchObject([{ partition: HERE, offset: at }]);
		expect(running.heard.said("partition.paused")[0]?.["why"]).toContain("upgrade");
		await expectDecided(on, OTHERS);
		await expectSound(on, running, "consumed");
		expect(await toldOf(on)).toEqual(["control policy.activated"]);
	});

	it("a value of 10 MB is denied to whoever it names", async () => {
		const on = await deploy();
		await on.settings(TOPICS.intents, { "max.message.bytes": "20000000" });
		const running = await on.startProcessor();
		const value = Buffer.concat([aGoodIntent(on, "huge"), Buffer.alloc(10_000_000)]);
		await eventually(() => on.put(TOPICS.intents, HERE, [{ value, headers: repliesTo("r-huge") }]));
		await on.consumed(running);
		await expectDecided(on);
		await expectSound(on, running);
		expect(await toldOf(on)).toEqual([
			"control policy.activated",
			"intents decision.made allow",
			"intents input.rejected RECORD_OVERSIZED",
		]);
		expect((await repliesOf(on))[0]).toMatchObject({ replyId: "r-huge", verdict: "deny", call: { id: "huge" } });
	});

	it("large records that were all read make room for what comes behind them", async () => {
		const on = await deploy({ policy: null });
		const from = { topic: TOPICS.intents, partition: HERE };
		const large = { value: Buffer.alloc(800_000, "x") };
		await on.put(TOPICS.intents, HERE, [{ value: "small" }]);
		await on.log.waitFor([{ ...from, offset: 0 }], { timeoutMs: WAIT_MS });
		for (let at = 0; at < 3; at++) await on.put(TOPICS.intents, HERE, [large]);
		// Each is more than is fetched ahead.
		let next = 0;
		const readOn = async (): Promise<boolean> => {
			next += (await on.log.read(from, next)).length;
			return next === 4;
		};
		await until(readOn, "all of them", WAIT_MS);
		await on.put(TOPICS.intents, HERE, [{ value: "behind" }]);
		expect(await on.log.waitFor([{ ...from, offset: 4 }], { timeoutMs: WAIT_MS / 2 })).toMatchObject([from]);
		expect((await on.log.read(from, 4)).map(({ offset }) => offset)).toEqual([4]);
	});

	it("what lies in another partition than its key's is not decided there", async () => {
		const on = await deploy();
		const running = await on.startProcessor();
		await on.put(TOPICS.intents, 1, [{ key: `acme/${on.agentOf(HERE)}`, value: aGoodIntent(on, "astray") }]);
		await on.consumed(running);
		await expectDecided(on);
		await expectSound(on, running);
		expect(await toldOf(on, 1)).toEqual([
			"control policy.activated",
			"intents decision.made allow",
			"intents input.rejected intent.misrouted",
		]);
	});

	it.each<{ what: string; write: (on: Deployment) => Promise<unknown>; told: string }>([
		{
			what: "with 50,000 headers is decided, by the first of them",
			write: (on) => {
				const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`h${at}`, ""]));
				const headers = { ...repliesTo("r-odd"), ...many };
				return on.put(TOPICS.intents, HERE, [{ value: aGoodIntent(on, "odd"), headers }]);
			},
			told: "intents decision.made allow",
		},
		{
			what: "without a key is decided",
			write: (on) => putOdd(on, CompressionTypes.None),
			told: "intents decision.made allow",
		},
		{
			what: "without a value (a tombstone) is recorded",
			write: (on) => on.put(TOPICS.intents, HERE, [{ key: "odd", value: null }]),
			told: "intents input.rejected RECORD_TRUNCATED",
		},
		{
			what: "packed with gzip is decided",
			write: (on) => putOdd(on, CompressionTypes.GZIP),
			told: "intents decision.made allow",
		},
		{
			what: "packed with gzip, which the broker leaves packed, is decided",
			write: async (on) => {
				await on.settings(TOPICS.intents, { "compression.type": "producer" });
				await putOdd(on, CompressionTypes.GZIP);
			},
			told: "intents decision.made allow",
		},
		{
			what: "packed with snappy, which the broker unpacks, is decided",
			write: (on) => putOdd(on, CompressionTypes.Snappy),
			told: "intents decision.made allow",
		},
		{
			what: "packed with snappy, which the broker leaves packed, is decided",
			write: async (on) => {
				await on.settings(TOPICS.intents, { "compression.type": "producer" });
				await putOdd(on, CompressionTypes.Snappy);
			},
			told: "intents decision.made allow",
		},
	])("a record $what", async ({ write, told }) => {
		const on = await deploy();
		const running = await on.startProcessor();
		await write(on);
		await on.consumed(running);
		await expectDecided(on);
		await expectSound(on, running);
		expect(await toldOf(on)).toEqual(["control policy.activated", "intents decision.made allow", told]);
		const replies = (await repliesOf(on)).filter(({ replyId }) => replyId === "r-odd");
		expect(replies).toHaveLength(told.endsWith("allow") ? 1 : 0);
	});

	it("records whose places are made up are decided where they lie, each once", async () => {
		const on = await deploy();
		const running = await on.startProcessor();
		await on.putBatch(TOPICS.intents, HERE, craftedBatch([{ value: aGoodIntent(on, "far"), delta: 7 }]));
		await on.putBatch(
			TOPICS.intents,
			HERE,
			craftedBatch([
				{ value: aGoodIntent(on, "second"), delta: 1 },
				{ value: aGoodIntent(on, "first"), delta: 0 },
				{ value: aGoodIntent(on, "before"), delta: -3 },
			]),
		);
		await on.consumed(running);
		await expectDecided(on);
		await expectSound(on, running);
		expect((await toldOf(on)).filter((told) => told === "intents decision.made allow")).toHaveLength(5);
	});

	it.each(["commit", "abort"] as const)(
		"a transaction's %s is passed over, and what was written in it is decided if it was committed",
		async (end) => {
			const on = await deploy();
			const running = await on.startProcessor();
			const producer = await on.foreignProducer(`${on.prefix}writer`);
			const transaction = await producer.transaction();
			await transaction.send({
				topic: on.prefix + TOPICS.intents,
				messages: [{ partition: HERE, value: aGoodIntent(on, "within") }],
			});
			// As long as the transaction is open nothing of it is decided.
			await new Promise((resolve) => setTimeout(resolve, 500));
			expect(await toldOf(on)).toEqual(["control policy.activated"]);
			expect(await findingsOf(on, TOPICS.intents)).toContainEqual(
				expect.objectContaining({
					level: "warning",
					message: expect.stringContaining("still open holds back 1 offsets"),
				}),
			);
			await transaction[end]();
			// The marker is written after the coordinator has answered.
			const endOf = async (): Promise<number> => (await on.log.bounds({ topic: TOPICS.intents, partition: HERE })).end;
			await until(async () => (await endOf()) === 2, "the marker", WAIT_MS);
			await on.put(TOPICS.intents, HERE, [{ value: aGoodIntent(on, "behind") }]);
			await on.consumed(running);
			await expectDecided(on);
			await expectSound(on, running);
			const allowed = (await toldOf(on)).filter((told) => told === "intents decision.made allow");
			expect(allowed).toHaveLength(end === "commit" ? 3 : 2);
		},
	);
});

describeKafka("garbage on what a processor reads back", () => {
	it("is passed over among snapshots and policies", async () => {
		const on = await deploy();
		const former = await on.startProcessor({ instance: "former", snapshotEvery: 2 });
		await expectDecided(on);
		await former.processor.drain();
		for (const partition of on.partitions)
			await on.put(TOPICS.snapshots, partition, [
				{ key: "1/0", value: "garbage" },
				{ key: "1/manifest", value: null },
			]);
		await on.put(TOPICS.policies, 0, [
			{ key: "garbage", value: "garbage" },
			{ key: "nothing", value: null },
		]);
		const running = await on.startProcessor({ instance: "next" });
		await expectDecided(on);
		for (const facts of running.heard.said("partition.restored")) expect(facts).toMatchObject({ fromSnapshot: 2 });
		const { counts } = await expectSound(on, running);
		expect(counts).toMatchObject({ decisions: 6, snapshots: 3 });
	});
});

describeKafka("entries that are forged", () => {
	it.each<{ what: string; headers: (claims: readonly string[], seq: number) => Record<string, string> }>([
		{ what: "without a claim", headers: () => ({}) },
		{
			what: "under a claim that was superseded",
			headers: ([stale = ""], seq) => ({ ...ledgerHeaders({ claim: stale, seq, first: seq }) }),
		},
		{
			what: "under the claim in force, with a place that is not the next",
			headers: (claims, seq) => ({ ...ledgerHeaders({ claim: claims.at(-1) ?? "", seq: seq + 1, first: seq + 1 }) }),
		},
		{
			what: "under the claim in force, in a place that is taken",
			headers: (claims, seq) => ({ ...ledgerHeaders({ claim: claims.at(-1) ?? "", seq: seq - 1, first: seq - 1 }) }),
		},
	])("$what are void, and the owner claims again", async ({ headers }) => {
		const on = await deploy();
		// Two tenures, so that there is a claim that was superseded.
		const { processor: former } = await on.startProcessor({ instance: "former" });
		await expectDecided(on);
		await former.drain();
		const running = await on.startProcessor({ instance: "owner" });
		await expectDecided(on);

		const { entries, claims } = await ledgerOf(on);
		const last = entries.at(-1);
		if (last === undefined || claims.length !== 2) throw new Error("the ledger is not as it was meant");
		const seq = last.seq + 1;
		const forged = encodeEntry({ ...last, seq, stateDigest: "" } as LedgerEntry);
		await on.put(TOPICS.decisions, HERE, [{ value: Buffer.from(forged), headers: headers(claims, seq) }]);
		// What the owner appends next counts, but it learns that only by claiming again; then it answers.
		const after = await on.decide(HERE, { deadlineMs: 6_000 });
		expect(after).toMatchObject({ verdict: "allow", status: "open", source: "reply", seq });
		await expectDecided(on);

		expect(running.heard.said("partition.reclaimed")).toMatchObject([
			{ partition: HERE, why: expect.stringContaining("superseded") },
		]);
		const { counts } = await expectSound(on, running);
		expect(counts).toMatchObject({ voids: 1, claims: 3 + 3 + 1, decisions: 3 + 3 + 1 + 3, repetitions: 0 });
		expect((await ledgerOf(on)).entries.map(({ kind }) => kind)).toEqual([
			"policy.activated",
			"decision.made",
			"decision.made",
			"decision.made",
			"decision.made",
		]);
	});
});

describeKafka("settings that break what Assent promises", () => {
	it("times of the publishers' choice are refused by whoever starts a processor", async () => {
		const on = await deploy();
		for (const topic of [TOPICS.intents, TOPICS.control]) {
			await on.settings(topic, { "message.timestamp.type": "CreateTime" });
			expect(await errorsOf(on, topic)).toMatchObject([
				{
					message: expect.stringContaining("CreateTime"),
					help: helpFor(on, topic, "message.timestamp.type=LogAppendTime"),
				},
			]);
			const refused = assertFit(on.log, on.layout, silentTelemetry);
			await expect(refused).rejects.toMatchObject({ code: "ASSENT_LOG_SETTINGS" });
			await on.settings(topic, { "message.timestamp.type": "LogAppendTime" });
			await until(async () => (await errorsOf(on, topic)).length === 0, "the fixed setting", WAIT_MS);
		}
		await assertFit(on.log, on.layout, silentTelemetry);
	});

	it("a ledger that is compacted by mistake takes no entries, says so, and goes on when that is fixed", async () => {
		const on = await deploy();
		const running = await on.startProcessor();
		await expectDecided(on);
		await on.settings(TOPICS.decisions, { "cleanup.policy": "compact" });
		await until(async () => (await errorsOf(on, TOPICS.decisions)).length > 0, "the setting", WAIT_MS);
		expect(await errorsOf(on, TOPICS.decisions)).toMatchObject([
			{ help: helpFor(on, TOPICS.decisions, "cleanup.policy=delete,retention.ms=-1") },
		]);
		const asked = Promise.all(on.partitions.map((partition) => on.decide(partition)));
		const isHeardEverywhere = (): boolean =>
			on.partitions.every((each) =>
				running.heard.said("partition.reclaimed").some(({ partition }) => partition === each),
			);
		await until(isHeardEverywhere, "the refusals", WAIT_MS);
		for (const { why } of running.heard.said("partition.reclaimed")) expect(why).toContain("ASSENT_LOG_SETTINGS");
		const entries = await Promise.all(on.partitions.map(async (each) => (await ledgerOf(on, each)).entries.length));
		expect(entries).toEqual([2, 2, 2]);

		await on.settings(TOPICS.decisions, { "cleanup.policy": "delete" });
		expect(await asked).toMatchObject(
			on.partitions.map((partition) => ({ verdict: "allow", source: "reply", partition })),
		);
		await expectDecided(on);
		await expectSound(on, running);
	});
});

describeKafka("records that are gone", () => {
	it("reading below the beginning and beyond the end names them", async () => {
		const on = await deploy();
		const from = { topic: TOPICS.intents, partition: HERE };
		await on.put(
			TOPICS.intents,
			HERE,
			["a", "b", "c"].map((value) => ({ value })),
		);
		await on.log.admin().trim(from, 2);
		await expect(on.log.read(from, 0)).rejects.toMatchObject({ code: "ASSENT_LOG_OFFSET_GONE", facts: { begin: 2 } });
		expect((await on.log.read(from, 2)).map(({ offset }) => offset)).toEqual([2]);
		expect(await on.log.read(from, 3)).toEqual([]);
		await expect(on.log.read(from, 4)).rejects.toMatchObject({ code: "ASSENT_LOG_REWOUND", facts: { end: 3 } });
		const running = await on.startProcessor();
		await expectGone(running, "begins at offset 2");
		await expectDecided(on, OTHERS);
	});

	it("inputs that were consumed may go; with those that were not, their partition alone stops, until an operator says so", async () => {
		const on = await deploy();
		const running = await on.startProcessor();
		await expectDecided(on);
		await on.log.admin().trim({ topic: TOPICS.intents, partition: HERE }, 1);
		await expectDecided(on);
		expect(running.heard.said("partition.failed")).toEqual([]);
		await running.processor.drain();

		await on.put(
			TOPICS.intents,
			HERE,
			["x", "y", "z"].map((id) => ({ value: aGoodIntent(on, id) })),
		);
		await on.log.admin().trim({ topic: TOPICS.intents, partition: HERE }, 4);
		const next = await on.startProcessor({ instance: "next" });
		await expectGone(next, "begins at offset 4");
		await expectDecided(on, OTHERS);
		const losses = (await Promise.all(on.partitions.map((each) => lossesOf(on.log, on.layout, each)))).flat();
		expect(losses).toMatchObject([{ topic: TOPICS.intents, partition: HERE, from: 2, until: 4 }]);
		for (const loss of losses)
			await sendSkip(on.log, { by: "ops", now: Date.now(), reason: "retention", ...loss, until: loss.until ?? 0 });
		await on.put(TOPICS.intents, HERE, [{ value: aGoodIntent(on, "after") }]);
		await on.consumed(next);
		await next.processor.drain();
		const { findings } = await checkLog(on.log, { layout: on.layout });
		expect(findings).toEqual([]);
		expect(await toldOf(on)).toEqual([
			"control inputs.skipped",
			"control policy.activated",
			"intents decision.made allow",
			"intents decision.made allow",
			"intents decision.made allow",
			"intents decision.made allow",
		]);
	});

	it("a ledger without its head is restored from a snapshot, with everything that it knew", async () => {
		const on = await deploy();
		const former = await on.startProcessor({ instance: "former", snapshotEvery: 4 });
		const first = await on.decide(HERE, { id: "known" });
		for (let at = 0; at < 6; at++) await on.decide(HERE);
		await former.processor.drain();
		const snapshot = await readSnapshot(on.log, HERE, on.layout);
		if (snapshot === null) throw new Error("there is no snapshot");
		await on.log.admin().trim({ topic: TOPICS.decisions, partition: HERE }, snapshot.manifest.ledgerOffset);

		const running = await on.startProcessor({ instance: "next" });
		expect(await on.decide(HERE, { id: "known" })).toMatchObject({ verdict: "allow", source: "reply", seq: 8 });
		const [repeated] = (await on.records(TOPICS.decisions, HERE)).slice(-1).map(({ value }) => decodeEntry(value));
		expect(repeated).toMatchObject({ ok: true, value: { kind: "decision.repeated", seq: 8 } });
		const again = await on.decide(HERE);
		expect(again).toMatchObject({ verdict: "allow", source: "reply", seq: 9 });
		expect(budgetOf(again)).toBe(budgetOf(first) + 7);
		await expectDecided(on);
		expect(running.heard.said("partition.restored").find(({ partition }) => partition === HERE)).toMatchObject({
			entries: 8,
			fromSnapshot: snapshot.manifest.seq,
		});
		expect(running.heard.said("partition.failed")).toEqual([]);
	});

	it("a ledger without its head and without a snapshot stops its partition alone", async () => {
		const on = await deploy();
		const former = await on.startProcessor({ instance: "former" });
		await expectDecided(on);
		await former.processor.drain();
		await on.log.admin().trim({ topic: TOPICS.decisions, partition: HERE }, 2);
		const running = await on.startProcessor({ instance: "next" });
		await expectGone(running, "no snapshot reaches back");
		await expectDecided(on, OTHERS);
		const late = await on.decide(HERE, { deadlineMs: 500 });
		expect(late).toMatchObject({ verdict: "deny", source: "timeout" });
	});
});

describeKafka(
	"on a broker of the suite's own",
	() => {
		const own: { cluster?: KafkaCluster } = {};
		beforeAll(async () => {
			own.cluster = await startKafka({ properties: { "log.cleaner.backoff.ms": "100" } });
		});
		afterAll(() => own.cluster?.stop());
		const cluster = (): KafkaCluster => {
			if (own.cluster === undefined) throw new Error("the broker is started before the tests");
			return own.cluster;
		};

		it("inputs that were compacted by mistake have gaps, over which no processor goes", async () => {
			const on = await deploy({ cluster: cluster() });
			await on.settings(TOPICS.intents, {
				"cleanup.policy": "compact",
				"min.cleanable.dirty.ratio": "0",
				"segment.ms": "100",
			});
			await until(async () => (await errorsOf(on, TOPICS.intents)).length > 0, "the setting", WAIT_MS);
			expect(await errorsOf(on, TOPICS.intents)).toMatchObject([
				{ help: helpFor(on, TOPICS.intents, "cleanup.policy=delete,retention.ms=-1") },
			]);
			let at = 0;
			const isCompacted = async (): Promise<boolean> => {
				at += 1;
				await on.put(TOPICS.intents, HERE, [{ key: "same", value: aGoodIntent(on, `n-${at}`) }]);
				await new Promise((resolve) => setTimeout(resolve, 200));
				const from = { topic: TOPICS.intents, partition: HERE };
				return on.log.read(from, 0).then(
					() => false,
					() => true,
				);
			};
			await until(isCompacted, "the compaction", WAIT_MS);
			const running = await on.startProcessor();
			await expectGone(running, "has no offsets 0 to");
			await expectDecided(on, OTHERS);
			await expectSound(on, running, "consumed");
			expect(await toldOf(on)).toEqual(["control policy.activated"]);
		});

		it("a broker that answers after the time-out loses no decision and doubles none", async () => {
			const on = await deploy({ cluster: cluster(), log: { requestTimeoutMs: 1_000 } });
			const [node] = cluster().nodes;
			const inner = await on.openLog();
			let isDue = false;
			const log = over(inner, {
				append: (to, records, options) => {
					// The request goes out to a broker that has just fallen silent.
					if (isDue && options?.expected !== undefined) {
						isDue = false;
						node?.pause();
					}
					return inner.append(to, records, options);
				},
			});
			const running = await on.startProcessor({ log });
			await expectDecided(on);
			isDue = true;
			const asked = on.partitions.flatMap((partition) =>
				Array.from({ length: 20 }, () => on.decide(partition, { deadlineMs: 12_000 })),
			);
			try {
				await until(() => isUnknown(running), "an append that nobody knows of", WAIT_MS);
			} finally {
				node?.resume();
			}
			for (const decision of await Promise.all(asked))
				expect(decision).toMatchObject({ verdict: "allow", source: "reply", status: "open" });
			await expectDecided(on);
			const { counts } = await expectSound(on, running);
			expect(counts).toMatchObject({ decisions: 3 * 22, admissions: 3 * 22 });
		});
	},
	{ needs: "own" },
);

/** An intent of an agent of this partition, as bytes. */
function aGoodIntent(on: Deployment, id: string): Buffer {
	return Buffer.from(encodeInput(intentOf({ ...WHO, agent: on.agentOf(HERE), id, issuedAt: Date.now() })));
}

const repliesTo = (replyId: string): Record<string, string> => ({
	[HEADER.replyTo]: TOPICS.replies,
	[HEADER.replyId]: replyId,
});

const putOdd = (on: Deployment, compression: kafkajs.CompressionTypes): Promise<unknown> =>
	on.put(TOPICS.intents, HERE, [{ value: aGoodIntent(on, "odd"), headers: repliesTo("r-odd") }], compression);

function withUnknownSchema(record: Buffer): Buffer {
	const other = Buffer.from(record);
	other.writeUInt8(other.readUInt8(5) ^ 0xff, 5);
	return other;
}

/** A good intent in each of these partitions is decided. */
async function expectDecided(on: Deployment, partitions: readonly number[] = on.partitions): Promise<void> {
	const decisions = await Promise.all(partitions.map((partition) => on.decide(partition)));
	expect(decisions).toMatchObject(
		partitions.map((partition) => ({ verdict: "allow", status: "open", source: "reply", partition })),
	);
}

/** Drains the processor; then nothing is wrong with the log, and deciding it again gives the same bytes. */
async function expectSound(
	on: Deployment,
	{ processor }: Running,
	inputs: "all" | "consumed" = "all",
): Promise<CheckReport> {
	expect(processor.status().isEnded).toBe(false);
	await processor.drain();
	const report = await checkLog(on.log, { layout: on.layout, inputs });
	expect(report.findings).toEqual([]);
	expect(report.counts.entries).toBeGreaterThan(0);
	expect((await recompute(on.log, on.layout)).firstDifference).toBeNull();
	return report;
}

const failuresOf = ({ heard }: Running) => heard.said("partition.failed");

const isOver = ({ processor }: Running): boolean => processor.status().isEnded;

/** The partition of bad things fails over missing records, is tried again, and the processor goes on. */
async function expectGone(running: Running, why: string): Promise<void> {
	await until(() => failuresOf(running).length >= 2 || isOver(running), "the failures", WAIT_MS);
	for (const failure of failuresOf(running)) {
		expect(failure).toMatchObject({ partition: HERE, code: "ASSENT_LOG_OFFSET_GONE" });
		expect(failure["why"]).toContain(why);
	}
	expect(isOver(running)).toBe(false);
	expect(running.processor.status().partitions[HERE]).toMatchObject({ phase: "failed" });
}

/** A batch as no well-behaved producer writes it: its records say of themselves where they lie. */
function craftedBatch(records: readonly { readonly value: Buffer; readonly delta: number }[]): Buffer {
	const bodies = records.map(({ value, delta }) => {
		const body = [Buffer.of(0, 0), zigzag(delta), zigzag(-1), zigzag(value.length), value, zigzag(0)];
		return Buffer.concat([zigzag(Buffer.concat(body).length), ...body]);
	});
	const head = Buffer.alloc(61);
	const bytes = Buffer.concat([head, ...bodies]);
	bytes.writeInt32BE(bytes.length - 12, 8);
	bytes.writeInt32BE(-1, 12);
	bytes.writeInt8(2, 16);
	bytes.writeInt32BE(records.length - 1, 23);
	bytes.writeBigInt64BE(-1n, 43);
	bytes.writeInt16BE(-1, 51);
	bytes.writeInt32BE(-1, 53);
	bytes.writeInt32BE(records.length, 57);
	bytes.writeUInt32BE(crc32c(bytes, 21, bytes.length), 17);
	return bytes;
}

const zigzag = (value: number): Buffer => varint(value < 0 ? -2 * value - 1 : 2 * value);

const isUnknown = ({ heard }: Running): boolean =>
	heard.said("partition.reclaimed").some(({ why }) => String(why).includes("may or may not have been written"));

async function ledgerOf(on: Deployment, partition = HERE): Promise<{ entries: LedgerEntry[]; claims: string[] }> {
	const folded = beginFold(on.layout, partition);
	const entries: LedgerEntry[] = [];
	const claims: string[] = [];
	for (const record of await on.records(TOPICS.decisions, partition)) {
		const read = foldRecord(folded, record);
		if (!read.ok) throw new Error(read.error.message);
		if (read.value.kind === "entry") entries.push(read.value.entry);
		if (read.value.kind === "claim") claims.push(folded.head.claim ?? "");
	}
	return { entries, claims };
}

/** What the ledger says of each input, in words; control and intents have no order among each other. */
async function toldOf(on: Deployment, partition = HERE): Promise<string[]> {
	const { entries } = await ledgerOf(on, partition);
	return entries
		.map((entry) => {
			const head = `${entry.cause.topic} ${entry.kind}`;
			if (entry.kind === "input.rejected") {
				const fault = /^RECORD_[A-Z]+(?:_[A-Z]+)?/.exec(entry.detail)?.[0];
				return `${head} ${fault ?? entry.code}`;
			}
			if (entry.kind !== "decision.made") return head;
			return `${head} ${[entry.verdict, ...entry.decision.reasons.map(({ rule }) => rule.code)].join(" ")}`;
		})
		.sort();
}

async function repliesOf(on: Deployment) {
	const read = (await on.records(TOPICS.replies, HERE)).map(({ value }) => decodeDerived(value));
	return read.flatMap((each) => (each.ok && each.value.type === "decision.replied" ? [each.value] : []));
}

const findingsOf = async (on: Deployment, topic: string) =>
	(await on.log.admin().diagnose()).filter(({ subject }) => subject === `topic ${topic}`);

const errorsOf = async (on: Deployment, topic: string) =>
	(await findingsOf(on, topic)).filter(({ level }) => level === "error");

/** The command that fixes a topic's setting. */
const helpFor = (on: Deployment, topic: string, setting: string): string =>
	expect.stringContaining(
		`kafka-configs.sh --bootstrap-server ${on.broker} --alter --topic ${on.prefix}${topic} --add-config ${setting}`,
	);

const budgetOf = ({ budgets }: { budgets: readonly { limit: string; after: number }[] }): number =>
	budgets.find(({ limit }) => limit === "calls")?.after ?? Number.NaN;

/** Settings reach a broker a moment after they were made. */
async function eventually(attempt: () => Promise<unknown>): Promise<void> {
	await until(
		() =>
			attempt().then(
				() => true,
				() => false,
			),
		"success",
		WAIT_MS,
	);
}

/** Snappy as it is written when nothing repeats: the length, then literals. */
CompressionCodecs[CompressionTypes.Snappy] = () => ({
	compress: async ({ buffer }: { buffer: Buffer }) => {
		const parts: Buffer[] = [varint(buffer.length)];
		for (let at = 0; at < buffer.length; at += 60) {
			const literal = buffer.subarray(at, at + 60);
			parts.push(Buffer.of((literal.length - 1) << 2), literal);
		}
		return Buffer.concat(parts);
	},
	decompress: () => Promise.reject(new Error("nothing is unpacked here")),
});

function varint(value: number): Buffer {
	const bytes: number[] = [];
	let left = value;
	for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
	return Buffer.from([...bytes, left]);
}
