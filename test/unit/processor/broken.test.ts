import { describe, expect, it } from "vitest";
import { verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { openMemoryLog } from "../../../src/adapters/memory/log.ts";
import { MemoryStore } from "../../../src/adapters/memory/store.ts";
import { AssentError, problem } from "../../../src/core/base/errors.ts";
import { claimHeaders } from "../../../src/core/ledger/validity.ts";
import { partitionFor } from "../../../src/core/model/layout.ts";
import { type Assignment, type AssignmentListener, type Log, TOPICS } from "../../../src/ports/log/log.ts";
import { holed } from "../../../src/ports/log/problems.ts";
import { topicSpecs } from "../../../src/ports/log/topics.ts";
import { Processor } from "../../../src/processor/processor.ts";
import { checkLog } from "../../support/checker.ts";
import { start } from "../../support/running.ts";
import { Heard, LogWorld, over, startProcessor, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

const codes = (heard: Heard): unknown[] => heard.said("partition.failed").map(({ code }) => code);

const isGoneAgain = (heard: Heard): boolean => codes(heard).length >= 3;

const gone = (heard: Heard): unknown[] => codes(heard).map(() => "ASSENT_LOG_OFFSET_GONE");

/** The log as one on which an offset of a topic is missing, for as long as `isMissing` says so. */
const without = (inner: Log, gap: { topic: string; partition: number; offset: number }, isMissing = () => true): Log =>
	over(inner, {
		read: async (from, at, options) => {
			const records = await inner.read(from, at, options);
			if (!isMissing() || from.topic !== gap.topic || from.partition !== gap.partition) return records;
			if (at === gap.offset) throw holed(from, at, at + 1);
			return records.filter(({ offset }) => offset < gap.offset);
		},
	});

const INTENTS = { topic: TOPICS.intents, partition: 0 };

describe("a partition whose inputs are broken", () => {
	it("decides what lies before missing offsets and nothing past them, says so again and again, and goes on when they are there", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		for (const id of ["a", "b", "c"]) await world.submit({ id });
		let isMissing = true;
		const log = without(world.handle(), { ...INTENTS, offset: 1 }, () => isMissing);
		const { processor, heard } = await start(world, { log });
		await until(() => isGoneAgain(heard));
		expect(codes(heard)).toEqual(gone(heard));
		expect(heard.said("partition.failed")[0]?.["why"]).toContain("`intents/0` has no offsets 1 to 1");
		expect((await world.entries()).map(({ kind }) => kind)).toEqual(["policy.activated", "decision.made"]);
		expect(processor.status().partitions).toMatchObject([
			{ partition: 0, phase: "failed", consumed: { intents: 1, control: 1 }, entries: 2 },
		]);
		isMissing = false;
		await world.consumed();
		await until(() => processor.status().partitions[0]?.phase === "deciding");
		expect((await world.replies()).map(({ call }) => call.id)).toEqual(["a", "b", "c"]);
		expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);
	});

	it("that is claimed again does not need the log of policies, where those in force are known", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await world.submit({ id: "a" });
		let isAway = false;
		const inner = world.handle();
		const log = over(inner, {
			bounds: async (of) => {
				if (isAway && of.topic === TOPICS.policies)
					throw new AssentError(problem("ASSENT_LOG_UNAVAILABLE", "away", ""));
				return inner.bounds(of);
			},
			append: async (to, records, options) => {
				if (!isAway || options?.expected === undefined) return inner.append(to, records, options);
				log.append = inner.append.bind(inner);
				return { kind: "unknown", why: "lost" };
			},
		});
		const { processor, heard } = await start(world, { log });
		await world.consumed();
		isAway = true;
		await world.submit({ id: "b" });
		await until(() => heard.said("partition.reclaimed").length > 0);
		await world.consumed();
		expect((await world.replies()).map(({ call }) => call.id)).toEqual(["a", "b"]);
		expect(codes(heard)).toEqual([]);
		await processor.drain();
	});

	it("decides nothing once retention has eaten what it has not consumed", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		for (const id of ["a", "b"]) await world.submit({ id });
		await world.log.admin().trim(INTENTS, 1);
		const { processor, heard } = await start(world);
		await until(() => isGoneAgain(heard));
		expect(codes(heard)).toEqual(gone(heard));
		expect((await world.entries()).map(({ kind }) => kind)).toEqual(["policy.activated"]);
		await processor.drain();
		expect(await processor.ended).toBeNull();
	});

	it("does not look well between two tries", async () => {
		const world = new LogWorld();
		for (const id of ["a", "b"]) await world.submit({ id });
		await world.log.admin().trim(INTENTS, 1);
		const inner = world.handle();
		const phases: (string | undefined)[] = [];
		let found: Processor | null = null;
		const log = over(inner, {
			read: (from, at, options) => {
				if (from.topic === TOPICS.intents) phases.push(found?.status().partitions[0]?.phase);
				return inner.read(from, at, options);
			},
		});
		const { processor } = await start(world, { log });
		found = processor;
		await until(() => phases.length >= 5);
		expect(phases.slice(2, 5)).toEqual(["failed", "failed", "failed"]);
	});

	it("does not keep the others from deciding", async () => {
		const world = new LogWorld({ layout: { ...TEST_LAYOUT, partitions: 2 } });
		await world.policies(TEST_POLICY);
		const agents = Array.from({ length: 40 }, (_, at) => `agent-${at}`);
		const agentOf = (partition: number): string => {
			const isThere = (agent: string) =>
				partitionFor(world.layout, { tenant: "acme", agent, session: "run-1" }) === partition;
			return agents.find(isThere) ?? "";
		};
		for (const id of ["a", "b"]) await world.submit({ id, agent: agentOf(0) });
		await world.log.admin().trim(INTENTS, 1);
		const { processor, heard } = await start(world);
		await until(() => isGoneAgain(heard));
		for (let at = 0; at < 5; at++) await world.submit({ id: `other-${at}`, agent: agentOf(1) });
		await until(async () => (await world.entries(1)).length === 6, "the other partition to decide");
		expect((await world.entries(0)).map(({ kind }) => kind)).toEqual(["policy.activated"]);
		expect(processor.status().partitions.map(({ phase }) => phase)).toEqual(["failed", "deciding"]);
		expect(heard.said("processor.failed")).toEqual([]);
	});
});

describe("a partition whose ledger is broken", () => {
	it("says so after a claim that nobody can read, and the others go on", async () => {
		const world = new LogWorld({ layout: { ...TEST_LAYOUT, partitions: 2 } });
		await world.policies(TEST_POLICY);
		const forged = { key: null, value: Uint8Array.of(1, 2, 3), headers: claimHeaders("f".repeat(32)) };
		await world.log.append({ topic: TOPICS.decisions, partition: 0 }, [forged]);
		const { processor, heard } = await start(world);
		await until(() => isGoneAgain(heard));
		expect(new Set(codes(heard))).toEqual(new Set(["ASSENT_LEDGER_INVALID"]));
		await until(async () => (await world.entries(1)).length === 1, "the other partition to decide");
		expect(processor.status().partitions.map(({ phase }) => phase)).toEqual(["failed", "deciding"]);
	});

	/** A deployment whose `decisions` somebody set to be compacted, after one record of it is gone. */
	async function compacted(): Promise<{ log: Log; gap: number }> {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		for (const id of ["a", "b", "c", "d"]) {
			await world.submit({ id });
			const { processor } = await startProcessor(world);
			await world.consumed();
			await processor.drain();
		}
		const store = new MemoryStore();
		store.createTopics(
			topicSpecs(world.layout).map((spec) => (spec.name === TOPICS.decisions ? { ...spec, cleanup: "compact" } : spec)),
		);
		const log = openMemoryLog({ store });
		const gap = 3;
		for (const { name } of topicSpecs(world.layout)) {
			for (const record of await world.records(name)) {
				const isDoubled = name === TOPICS.decisions && (record.offset === gap || record.offset === gap + 2);
				await log.append({ topic: name, partition: 0 }, [{ ...record, key: isDoubled ? "same" : record.key }]);
			}
		}
		return { log, gap };
	}

	it("decides nothing on a ledger with a gap", async () => {
		const { log, gap } = await compacted();
		const world = new LogWorld();
		const { processor, heard } = await start(world, { log });
		await until(() => isGoneAgain(heard));
		expect(codes(heard)).toEqual(gone(heard));
		expect(heard.said("partition.failed")[0]?.["why"]).toContain(
			`decisions/0 has offset ${gap + 1} where ${gap} is due`,
		);
		expect(heard.said("partition.restored")).toEqual([]);
		expect(processor.status().partitions).toMatchObject([{ phase: "failed" }]);
	});
});

describe("the group", () => {
	/** A log whose member believes what it is told, and hears of a loss only when it asks. */
	function asking(inner: Log, confirm: (listener: AssignmentListener) => Promise<void>): { log: Log; did: string[] } {
		const did: string[] = [];
		const log = over(inner, {
			append: (to, records, options) => {
				if (records[0]?.headers["assent-kind"] === "claim") did.push("claimed");
				return inner.append(to, records, options);
			},
			assign: async (_group, _member, listener): Promise<Assignment> => {
				listener.onAssigned([0]);
				return {
					confirm: () => {
						did.push("asked");
						return confirm(listener);
					},
					leave: async () => {},
				};
			},
		});
		return { log, did };
	}

	async function superseded(confirm: (listener: AssignmentListener) => Promise<void>) {
		const world = new LogWorld({ store: { mismatched: "written" } });
		await world.policies(TEST_POLICY);
		const { log, did } = asking(world.handle(), confirm);
		const { processor, heard } = await start(world, { log, instance: "old" });
		await world.consumed();
		// Another processor takes the partition, decides and goes.
		const { processor: young } = await start(world, { instance: "young" });
		await until(async () => (await world.fold()).claims === 2);
		await world.submit({ id: "a" });
		await until(() => heard.said("partition.reclaimed").length > 0);
		await young.drain();
		return { world, did, processor, heard };
	}

	it("is asked by a superseded processor before it claims again", async () => {
		const { did } = await superseded(async () => {});
		await until(() => did.length >= 3);
		expect(did.slice(0, 3)).toEqual(["claimed", "asked", "claimed"]);
	});

	it("takes the partition from a superseded processor: it does not claim again", async () => {
		const { world, did, processor } = await superseded(async (listener) => listener.onLost([0], "given to another"));
		await until(() => did.length >= 2);
		await processor.drain();
		expect(did).toEqual(["claimed", "asked"]);
		expect((await world.fold()).claims).toBe(2);
		expect(processor.status().partitions).toEqual([]);
	});

	it("that does not answer is not waited for by a drain", async () => {
		const { did, processor } = await superseded(() => new Promise(() => {}));
		await until(() => did.length >= 2);
		await processor.drain();
		expect(did).toEqual(["claimed", "asked"]);
	});

	it("that refuses its member is said to, with its code, and deciding goes on until others decide", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		let listener: AssignmentListener | null = null;
		const inner = world.handle();
		const log = over(inner, {
			assign: (group, member, given) => {
				listener = given;
				return inner.assign(group, member, given);
			},
		});
		const { processor, heard } = await start(world, { log });
		const hear = (fault: AssentError | null): void => listener?.onFault?.(fault);
		hear(new AssentError(problem("ASSENT_LOG_DENIED", "the broker does not allow it", "grant it")));
		expect(heard.said("group.failed")).toEqual([
			{ code: "ASSENT_LOG_DENIED", why: "the broker does not allow it (grant it)" },
		]);
		await world.submit({ id: "a" });
		await world.consumed();
		expect(processor.status()).toMatchObject({
			isMember: false,
			why: "ASSENT_LOG_DENIED: the broker does not allow it (grant it)",
			partitions: [{ phase: "deciding" }],
		});
		hear(null);
		expect(heard.said("group.recovered")).toEqual([{ instance: "p1" }]);
		expect(processor.status()).toMatchObject({ isMember: true });
		expect(processor.status()).not.toHaveProperty("why");
	});

	it("that never answers who joins is not waited for by a drain, and is left when it answers after all", async () => {
		const world = new LogWorld();
		const joining = Promise.withResolvers<Assignment>();
		const log = over(world.handle(), { assign: () => joining.promise });
		const processor = new Processor({
			verifierOf,
			log,
			instance: "p1",
			layout: world.layout,
			clock: world.clock,
			telemetry: new Heard(),
		});
		const started = processor.start();
		await processor.drain();
		expect(await processor.ended).toBeNull();
		let hasLeft = false;
		joining.resolve({
			confirm: async () => {},
			leave: async () => {
				hasLeft = true;
			},
		});
		await started;
		await until(() => hasLeft, "the late member to leave");
		expect(processor.status()).toMatchObject({ isMember: false });
	});

	it("that cannot be asked is asked again, and nothing is claimed meanwhile", async () => {
		let refusals = 3;
		const { did, heard, processor } = await superseded(async () => {
			refusals -= 1;
			if (refusals >= 0) throw new AssentError(problem("ASSENT_LOG_UNAVAILABLE", "the group does not answer"));
		});
		await until(() => did.length >= 6);
		expect(did.slice(0, 6)).toEqual(["claimed", "asked", "asked", "asked", "asked", "claimed"]);
		expect(codes(heard)).toEqual(Array.from({ length: 3 }, () => "ASSENT_LOG_UNAVAILABLE"));
		await until(() => processor.status().partitions[0]?.phase === "deciding");
	});
});
