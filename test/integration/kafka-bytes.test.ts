/**
 * The log decides nothing: the same inputs with the same times, once through an embedded log and once through Kafka, make
 * the same ledger, byte for byte.
 */

import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { openEmbeddedLog } from "../../src/adapters/embedded/open.ts";
import { verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { problem } from "../../src/core/base/errors.ts";
import { decodeDerived } from "../../src/core/codec/decode.ts";
import { encodeDerived, encodeInput } from "../../src/core/codec/encode.ts";
import { submissionHeaders } from "../../src/core/codec/headers.ts";
import type { Input } from "../../src/core/engine/input.ts";
import { beginFold, foldRecord } from "../../src/core/ledger/fold.ts";
import type { InputRecord, InputTopic } from "../../src/core/model/inputs.ts";
import { type Layout, partitionFor } from "../../src/core/model/layout.ts";
import { HOUR, SECOND } from "../../src/core/model/units.ts";
import { stateDigest } from "../../src/core/state/digest.ts";
import { type Headers, type Log, POLICIES_AT, readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { topicSpecs } from "../../src/ports/log/topics.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { Processor } from "../../src/processor/processor.ts";
import { checkLog } from "../support/checker.ts";
import { policyText } from "../support/engine.ts";
import { happen, histories } from "../support/engine-history.ts";
import { compiled, LAYOUT as ONE_PARTITION, World } from "../support/engine-world.ts";
import { Deployment } from "../support/kafka/deployment.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { recompute } from "../support/recompute.ts";
import { over, until } from "../support/world.ts";

const LAYOUT: Layout = { ...ONE_PARTITION, partitions: 3 };
const PARTITIONS = [0, 1, 2] as const;
/** One whose history has every kind of entry that is looked for below. */
const SEED = 20_261_130;
/** Of each partition. */
const HAPPENINGS = 320;
const WAIT_MS = 60_000;

const POLICY = policyText(
	"guard",
	`
approvals:
  default: {approvers: [alice, bob], expires: 20m}
obligations: [{tools: [db.*], deadline: 1m}]
limits:
  - {name: life-calls, measure: tool_calls, scope: agent, max: 90}
  - {name: hour-calls, measure: tool_calls, scope: session, max: 6, per: 1h}
  - {name: tokens, measure: tokens, scope: tenant, max: 300, per: 10m, reserve: 10}
  - {name: cost, measure: cost, scope: agent, max: 0.003}
  - {name: slots, measure: concurrent_calls, scope: agent, max: 3}
  - {name: same, measure: identical_calls, scope: session, max: 3, per: 1h}
`,
	{ tools: "{allow: all, hold: [{name: mails, tools: [mail.*]}]}" },
);

/** A record as it is to stand on its topic. */
interface Written {
	readonly time: number;
	readonly value: Uint8Array;
	readonly headers: Headers;
}

/** Records of one topic that every partition gets, each in its own tenant's name, and the processor's clock meanwhile. */
interface Act {
	readonly topic: InputTopic;
	readonly clock: number;
	readonly inputs: Input[];
}

/** A log under examination: how records get onto it with the times that they are to have. */
interface Side {
	readonly log: Log;
	write(topic: InputTopic, partition: number, records: readonly Written[]): Promise<void>;
}

/** What a ledger came to, partition by partition. */
interface Came {
	readonly leaves: readonly string[];
	readonly root: string;
	readonly stateDigest: string;
	readonly digests: readonly string[];
	readonly checkpoints: readonly unknown[];
	readonly kinds: readonly string[];
}

const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
	for (const end of endings.splice(0).reverse()) await end();
});

describeKafka("the same inputs with the same times", () => {
	it(`make the same leaves, roots and state digests on both logs (seed ${SEED})`, async () => {
		const acts = story();
		const embedded = await decideOn(await embeddedSide(), acts);
		const kafka = await decideOn(await kafkaSide(), acts);
		for (const partition of PARTITIONS) {
			const [theirs, ours] = [embedded[partition], kafka[partition]];
			expect(ours?.leaves.length).toBeGreaterThan(HAPPENINGS);
			expect(ours?.digests.length).toBeGreaterThan(HAPPENINGS / 64);
			// The first entry carries a digest, and there is nothing before it to be checked.
			expect(ours?.checkpoints).toHaveLength((ours?.digests.length ?? 0) - 1);
			expect(ours).toEqual(theirs);
		}
		expect([...new Set(kafka[0]?.kinds)].sort()).toEqual([
			"approval.recorded",
			"budget.adjusted",
			"clock.ticked",
			"decision.held",
			"decision.made",
			"decision.repeated",
			"halt.lifted",
			"halt.set",
			"input.rejected",
			"intent.abandoned",
			"policy.activated",
			"session.ended",
			"usage.settled",
		]);
	});
});

/** A random history of one partition, cut where its topic changes or its time moves on. */
function story(): Act[] {
	const world = new World(ONE_PARTITION);
	const policies = compiled([POLICY]);
	world.know(policies);
	const head = { id: "activation-0", issuedBy: "ops", issuedAt: world.now };
	world.publish({ ...head, type: "policy.activated", generation: 1, digest: policies.digest, needsReview: false });
	const happenings = fc
		.sample(histories(), { seed: SEED, numRuns: 20 })
		.flat()
		.filter(({ event }) => event.do !== "policy");
	for (const each of happenings.slice(0, HAPPENINGS)) happen(world, each);
	const acts: Act[] = [];
	for (const input of world.inputs) {
		const { topic } = input.cause;
		const clock = input.ahead ? input.causeTime - HOUR : input.causeTime;
		const last = acts.at(-1);
		const isNow = last !== undefined && Math.abs(clock - last.clock) < 2 * SECOND;
		if (isNow && last.topic === topic) last.inputs.push(input);
		else acts.push({ topic, clock, inputs: [input] });
	}
	return acts;
}

async function embeddedSide(): Promise<Side> {
	const folder = mkdtempSync(join(tmpdir(), "assent-bytes-"));
	endings.push(() => rm(folder, { recursive: true, force: true }));
	const clock = { time: 0, now: () => clock.time };
	const log = await openEmbeddedLog({ path: join(folder, "log.db"), clock });
	endings.push(() => log.close());
	await log.admin().createTopics(topicSpecs(LAYOUT));
	return {
		log,
		write: async (topic, partition, records) => {
			for (const { time, value, headers } of records) {
				clock.time = time;
				await log.append({ topic, partition }, [{ key: null, value, headers }]);
			}
		},
	};
}

async function kafkaSide(): Promise<Side> {
	const on = await Deployment.make({ layout: LAYOUT, policy: null });
	endings.push(() => on.close());
	for (const topic of [TOPICS.intents, TOPICS.control])
		await on.settings(topic, { "message.timestamp.type": "CreateTime" });
	const isSet = async (): Promise<boolean> =>
		(await on.log.admin().diagnose()).filter(({ message }) => message.includes("CreateTime")).length === 2;
	await until(isSet, "the settings", WAIT_MS);
	return {
		log: on.log,
		write: async (topic, partition, records) => {
			const messages = records.map(({ time, value, headers }) => ({
				value: Buffer.from(value),
				headers: { ...headers },
				timestamp: String(time),
			}));
			await on.put(topic, partition, messages);
		},
	};
}

/** Lets one processor decide the story, act by act, and says what came of it. */
async function decideOn({ log, write }: Side, acts: readonly Act[]): Promise<readonly Came[]> {
	const { digest } = compiled([POLICY]);
	const sources = [{ name: "p0.yaml", text: POLICY }];
	const bundle = encodeDerived({ type: "policy.bundle", digest, sources, signature: "" });
	await log.append(POLICIES_AT, [{ key: digest, value: bundle, headers: {} }]);
	const clock = { time: acts[0]?.clock ?? 0, now: () => clock.time };
	const processor = new Processor({
		verifierOf,
		log: withoutTicks(log),
		instance: "p1",
		layout: LAYOUT,
		clock,
		telemetry: silentTelemetry,
	});
	endings.push(() => processor.drain());
	await processor.start();
	const ends = { intents: 0, control: 0 };
	for (const act of acts) {
		clock.time = act.clock;
		ends[act.topic] += act.inputs.length;
		await Promise.all(PARTITIONS.map((partition) => write(act.topic, partition, writtenIn(partition, act.inputs))));
		const isConsumed = (): boolean =>
			processor.status().partitions.filter(({ consumed }) => consumed[act.topic] === ends[act.topic]).length ===
			PARTITIONS.length;
		await until(isConsumed, `${act.topic} to be consumed up to ${ends[act.topic]}`, WAIT_MS);
	}
	await processor.drain();
	expect((await checkLog(log, { layout: LAYOUT })).findings).toEqual([]);
	const again = await recompute(log, LAYOUT);
	expect(again.firstDifference).toBeNull();
	expect(again.same).toBe(again.entries);
	return Promise.all(PARTITIONS.map((partition) => cameOf(log, partition)));
}

/** A processor's own ticks come when its timers wake it: the story has ticks enough. */
const withoutTicks = (log: Log): Log =>
	over(log, {
		append: async (to, records, options) =>
			to.topic === TOPICS.control
				? { kind: "failed", problem: problem("ASSENT_LOG_UNAVAILABLE", "no ticks here") }
				: log.append(to, records, options),
	});

function writtenIn(partition: number, inputs: readonly Input[]): Written[] {
	const tenant = tenantOf(partition);
	return inputs.map((input) => ({
		time: input.causeTime,
		value: input.kind === "unreadable" ? Buffer.from("garbage") : encodeInput(renamed(input.record, tenant)),
		headers: input.address === null ? {} : submissionHeaders("", input.address),
	}));
}

/** A tenant whose records belong into a partition. */
function tenantOf(partition: number): string {
	for (let at = 0; ; at++) {
		const who = { tenant: `tenant-${at}`, agent: "", session: "" };
		if (partitionFor(LAYOUT, who) === partition) return who.tenant;
	}
}

/** The record about the same things of another tenant. */
function renamed(record: InputRecord, tenant: string): InputRecord {
	if (record.type === "intent.submitted") return { ...record, principal: { ...record.principal, tenant } };
	if ("call" in record) return { ...record, call: { ...record.call, tenant } };
	if (record.type === "payload.erased") return { ...record, scope: { ...record.scope, tenant } };
	if ("scope" in record && record.scope.tenant !== null) return { ...record, scope: { ...record.scope, tenant } };
	return "tenant" in record ? { ...record, tenant } : record;
}

async function cameOf(log: Log, partition: number): Promise<Came> {
	const folded = beginFold(LAYOUT, partition);
	const leaves: string[] = [];
	const digests: string[] = [];
	const kinds: string[] = [];
	for await (const records of readToEnd(log, { topic: TOPICS.decisions, partition }, 0)) {
		for (const record of records) {
			const read = foldRecord(folded, record);
			if (!read.ok) throw new Error(read.error.message);
			if (read.value.kind !== "entry") continue;
			const { entry } = read.value;
			leaves.push(Buffer.from(record.value).toString("hex"));
			kinds.push(entry.kind);
			if (entry.stateDigest !== "") digests.push(entry.stateDigest);
		}
	}
	const checkpoints: unknown[] = [];
	for await (const records of readToEnd(log, { topic: TOPICS.checkpoints, partition }, 0))
		for (const { value } of records) checkpoints.push(decodeDerived(value));
	return { leaves, root: folded.tree.root(), stateDigest: stateDigest(folded.state), digests, checkpoints, kinds };
}
