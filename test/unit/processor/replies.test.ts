/** Replies: what a reply topic that takes nothing costs those who ask elsewhere. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { AssentError, problem } from "../../../src/core/base/errors.ts";
import { type Followed, type Log, type OutRecord, TOPICS } from "../../../src/ports/log/log.ts";
import { silentMeter } from "../../../src/ports/meter.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { BACKLOG_MAX } from "../../../src/processor/release.ts";
import { type Cause, Replies, type Reply, TOLD_PERIOD_MS } from "../../../src/processor/replies.ts";
import { Heard, LogWorld, over, startProcessor, TEST_POLICY, until } from "../../support/world.ts";

const running: Processor[] = [];

const stop = async (): Promise<void> => {
	await Promise.all(running.splice(0).map((processor) => processor.drain()));
};

afterEach(stop);

async function start(world: LogWorld, log: Log) {
	const started = await startProcessor(world, { log, instance: "p1" });
	running.push(started.processor);
	return started;
}

/** Publishes an intent whose answer goes to `topic`. */
async function askAt(world: LogWorld, id: string, topic: string): Promise<void> {
	const scratch = new LogWorld({ clock: world.clock });
	await scratch.submit({ id });
	const [record] = await scratch.records(TOPICS.intents);
	await world.put(TOPICS.intents, 0, record?.value as Uint8Array, { "assent-reply-to": topic, "assent-reply-id": id });
}

const isForeign = (topic: string): boolean => topic.startsWith("replies.");

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("a reply topic that never answers", () => {
	it("delays no answer to others, and is given up at a drain", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		const log = over(inner, {
			append: (to, records, options) =>
				isForeign(to.topic) ? new Promise<never>(() => {}) : inner.append(to, records, options),
		});
		const { heard } = await start(world, log);
		for (let at = 0; at < 5; at++) {
			await askAt(world, `foreign-${at}`, "replies.silent");
			await world.submit({ id: `own-${at}` });
			await until(async () => (await world.replies()).length === at + 1, "an answer");
		}
		await stop();
		expect((await world.replies()).map(({ call }) => call.id)).toEqual([0, 1, 2, 3, 4].map((at) => `own-${at}`));
		expect(heard.said("reply.undelivered")).toMatchObject([{ topic: "replies.silent", records: 4 }]);
		expect(heard.said("partition.reclaimed")).toEqual([]);
	});

	it("stops no deciding, however many ask there", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		const log = over(inner, {
			append: (to, records, options) =>
				to.topic === TOPICS.replies ? new Promise<never>(() => {}) : inner.append(to, records, options),
		});
		const { heard } = await start(world, log);
		const more = 1_000;
		for (let sent = 0; sent <= BACKLOG_MAX + 2 * more; sent += more)
			await Promise.all(Array.from({ length: more }, (_, at) => world.submit({ id: `n-${sent + at}` })));
		await world.consumed();
		expect((await world.entries()).length).toBeGreaterThan(BACKLOG_MAX + more);
		// What waits is bounded, too.
		expect(heard.said("reply.undelivered")).toMatchObject([{ topic: TOPICS.replies }]);
	});
});

it("answers others at once while reply topics that do not exist are found missing slowly, and tells of few", async () => {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	const inner = world.handle();
	let asked = 0;
	const isFound = Promise.withResolvers<void>();
	const log = over(inner, {
		append: async (to, records, options) => {
			if (!isForeign(to.topic)) return inner.append(to, records, options);
			asked += 1;
			await isFound.promise;
			throw new AssentError(problem("ASSENT_LOG_TOPIC", "there is no such topic"));
		},
	});
	const { heard } = await start(world, log);
	for (let at = 0; at < 40; at++) await askAt(world, `foreign-${at}`, `replies.none-${at}`);
	await world.submit({ id: "own" });
	await until(async () => (await world.replies()).length === 1, "the answer");
	isFound.resolve();
	await until(() => asked > 30, "the topics to be tried");
	await stop();
	expect(asked).toBeGreaterThan(30);
	expect(heard.said("reply.undelivered").length).toBeLessThanOrEqual(8);
});

describe("replies", () => {
	const record = (at: number): OutRecord => ({ key: `${at}`, value: new Uint8Array(100), headers: {} });

	/** A log of which only appends are asked. */
	const logOf = (append: Log["append"]): Log => ({ append }) as unknown as Log;

	function repliesOf(append: Log["append"]) {
		const heard = new Heard();
		const given = { up: 0 };
		const repliesUndelivered = (count: number): void => {
			given.up += count;
		};
		const meter = { ...silentMeter, repliesUndelivered };
		return { replies: new Replies({ log: logOf(append), partition: 0, telemetry: heard, meter }), heard, given };
	}

	const neverAnswered = (): Followed => ({ append: new Promise<never>(() => {}), base: 0 });

	const many = (
		topic: string,
		from: number,
		count: number,
		{ onTaken = () => {}, cause = { after: null } }: Partial<Reply> = {},
	): Reply[] => Array.from({ length: count }, (_, at) => ({ topic, record: record(from + at), onTaken, cause }));

	it("keep their order in each topic, one append under way, and go out together where they waited", async () => {
		const keys = new Map<string, string[]>();
		let appends = 0;
		let underWay = 0;
		let taken = 0;
		const onTaken = (): void => {
			taken += 1;
		};
		const { replies } = repliesOf(async ({ topic }, records) => {
			appends += 1;
			if (topic === "replies.a") underWay += 1;
			expect(underWay).toBeLessThanOrEqual(1);
			await sleep(2);
			if (topic === "replies.a") underWay -= 1;
			keys.set(topic, [...(keys.get(topic) ?? []), ...records.map(({ key }) => key as string)]);
			return { kind: "appended", base: 0, timestamp: 0 };
		});
		for (let at = 0; at < 300; at++)
			replies.send(["replies", "replies.a"].flatMap((topic) => many(topic, at, 1, { onTaken })));
		await replies.settled();
		const inOrder = Array.from({ length: 300 }, (_, at) => `${at}`);
		expect(Object.fromEntries(keys)).toEqual({ replies: inOrder, "replies.a": inOrder });
		expect(appends).toBeLessThan(10);
		expect(taken).toBe(600);
	});

	it("go out after the append that they answer for, together only with those whose entries count as well", async () => {
		const sent: [string[], Followed | undefined][] = [];
		const first = Promise.withResolvers<void>();
		const { replies } = repliesOf(async (_to, records, options) => {
			sent.push([records.map(({ key }) => key as string), options?.after]);
			await first.promise;
			return { kind: "appended", base: 0, timestamp: 0 };
		});
		const underWay = (): Cause => ({ after: neverAnswered() });
		const causes = Array.from({ length: 4 }, underWay);
		const afters = causes.map(({ after }) => after ?? undefined);
		for (const [at, cause] of causes.entries()) replies.send(many("replies", at, 1, { cause }));
		for (const cause of causes.slice(0, 3)) cause.after = null;
		first.resolve();
		await replies.settled();
		expect(sent).toEqual([
			[["0"], afters[0]],
			[["1", "2"], undefined],
			[["3"], afters[3]],
		]);
	});

	it("that the log withholds are tried once, and nobody is told of them", async () => {
		let appends = 0;
		const { replies, heard, given } = repliesOf(async () => {
			appends += 1;
			return { kind: "withheld" };
		});
		let taken = 0;
		const onTaken = () => {
			taken += 1;
		};
		replies.send(many("replies", 0, 3, { onTaken, cause: { after: neverAnswered() } }));
		await replies.settled();
		expect({ appends, taken, given, told: heard.said("reply.undelivered") }).toEqual({
			appends: 1,
			taken: 0,
			given: { up: 0 },
			told: [],
		});
	});

	it("are dropped beyond what may wait, counted, and told of once a topic", async () => {
		const { replies, heard, given } = repliesOf(() => new Promise<never>(() => {}));
		for (let at = 0; at < 10; at++) replies.send(many("replies.full", at * 1_000, 1_000));
		expect(given.up).toBeGreaterThanOrEqual(8_500);
		for (let at = 0; at < 500; at++) replies.send(many(`replies.none-${at}`, at, 1));
		expect(heard.said("reply.undelivered").length).toBeLessThanOrEqual(8);
		expect(heard.said("reply.undelivered").filter(({ topic }) => topic === "replies.full")).toHaveLength(1);
		const before = given.up;
		await replies.settled(10);
		// All but what is on its way.
		expect(given.up).toBeGreaterThan(before);
		expect(given.up).toBeGreaterThanOrEqual(10_500 - 32 - 500);
	});

	it("go to a topic that has taken some while many others that are missing are tried", async () => {
		const took: string[] = [];
		const { replies, given } = repliesOf(async ({ topic }) => {
			if (topic.startsWith("replies.none")) return new Promise<never>(() => {});
			took.push(topic);
			return { kind: "appended", base: 0, timestamp: 0 };
		});
		replies.send(many("replies.desk", 0, 1));
		await until(async () => took.length === 1);
		for (let at = 0; at < 100; at++) replies.send(many(`replies.none-${at}`, at, 1));
		replies.send([...many("replies.desk", 1, 1), ...many(TOPICS.replies, 2, 1)]);
		await until(async () => took.length === 3, "both");
		expect(given.up).toBe(68);
	});

	it("that were given up are told of again in the next period, with how many were not", async () => {
		vi.useFakeTimers({ toFake: ["performance"] });
		try {
			const { replies, heard } = repliesOf(async () => {
				throw new AssentError(problem("ASSENT_LOG_TOPIC", "there is no such topic"));
			});
			for (let at = 0; at < 5; at++) {
				replies.send(many("replies.none", at, 1));
				await replies.settled();
			}
			vi.advanceTimersByTime(TOLD_PERIOD_MS);
			replies.send(many("replies.none", 5, 1));
			await replies.settled();
			const facts = { topic: "replies.none", records: 1 };
			expect(heard.said("reply.undelivered")).toMatchObject([
				{ ...facts, untold: 0 },
				{ ...facts, untold: 4 },
			]);
		} finally {
			vi.useRealTimers();
		}
	});

	it("are not tried twice where there is no such topic, and are where it was not taken", async () => {
		const tried: string[] = [];
		const { replies, given } = repliesOf(async ({ topic }) => {
			tried.push(topic);
			if (topic === "replies.none") throw new AssentError(problem("ASSENT_LOG_TOPIC", "there is no such topic"));
			return tried.filter((each) => each === topic).length < 2
				? { kind: "failed", problem: problem("ASSENT_LOG_UNAVAILABLE", "away") }
				: { kind: "appended", base: 0, timestamp: 0 };
		});
		replies.send([...many("replies.none", 0, 1), ...many("replies.desk", 1, 1)]);
		await replies.settled();
		expect(tried).toEqual(["replies.none", "replies.desk", "replies.desk"]);
		expect(given.up).toBe(1);
	});
});
