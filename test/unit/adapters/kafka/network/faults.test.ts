/** Every call of the port, over a broker that fails in every way: what comes out is an answer or an error of the one table. */
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { KafkaLog } from "../../../../../src/adapters/kafka/log.ts";
import { openKafkaLog } from "../../../../../src/adapters/kafka/open.ts";
import { AssentError } from "../../../../../src/core/base/errors.ts";
import type { Log } from "../../../../../src/ports/log/log.ts";
import { type ApiName, FATES, FakeBroker, type Fate } from "../../../../support/kafka/fake-broker.ts";

const LIMITS = { requestTimeoutMs: 200, connectTimeoutMs: 200, sessionTimeoutMs: 400, heartbeatMs: 20 };
/** Longer than any call takes of itself, also on a busy machine: an append may wait for its leader and then for its answer. */
const PATIENCE_MS = 12_000;
const TOPICS = ["intents", "control", "decisions"];

const at = { topic: "intents", partition: 0 };
const record = { key: null, value: new Uint8Array(3), headers: {} };
const CALLS: Readonly<Record<string, (log: Log) => Promise<unknown>>> = {
	append: (log) => log.append(at, [record]),
	"append at an offset": (log) => log.append({ ...at, topic: "decisions" }, [record], { expected: 4 }),
	read: (log) => log.read(at, 0),
	bounds: (log) => log.bounds(at),
	waitFor: (log) => log.waitFor([{ ...at, offset: 0 }], { timeoutMs: 100 }),
	"waitFor, without waiting": (log) => log.waitFor([{ ...at, offset: 0 }], { timeoutMs: 0 }),
	createTopics: (log) => log.admin().createTopics([{ name: "new", partitions: 1, cleanup: "keep" }]),
	topics: (log) => log.admin().topics(),
	shapes: (log) => log.admin().shapes(),
	trim: (log) => log.admin().trim(at, 1),
	diagnose: (log) => log.admin().diagnose(),
	assign: async (log) => {
		const assigned = log.assign("processor", "m", { onAssigned: () => {}, onLost: () => {} });
		// It is asked for until the log is closed.
		await Promise.race([assigned.catch(() => {}), delay(600)]);
		await log.close();
		return assigned;
	},
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const each of open.splice(0).reverse()) await each.close();
});

async function brokerAndLog(): Promise<{ broker: FakeBroker; log: Log }> {
	const broker = await FakeBroker.open(TOPICS.map((name) => `p.${name}`));
	const log = new KafkaLog({ brokers: [broker.address], prefix: "p.", ...LIMITS });
	open.push(broker, log);
	// Such short limits a busy machine may miss, though the broker answers well.
	const isConnected = (): Promise<boolean> =>
		log.connect().then(
			() => true,
			() => false,
		);
	await expect.poll(isConnected).toBe(true);
	return { broker, log };
}

/** What it settles with: `answered`, or the code of an error. A failure that was not made here is said in full. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
	const late = new AbortController();
	const settled = call.then(
		() => "answered",
		(thrown: unknown) => (thrown instanceof AssentError ? thrown.code : `raw: ${String(thrown)}`),
	);
	const outcome = await Promise.race([settled, delay(PATIENCE_MS, "never", { signal: late.signal })]);
	late.abort();
	return outcome;
}

const WORDS = /^(?:answered|ASSENT_LOG_[A-Z]+)$/;

describe.each(FATES)("a broker whose requests end in %s", (fate: Fate) => {
	it.each(Object.keys(CALLS))("%s: an answer, or an error of the table", async (name) => {
		const { broker, log } = await brokerAndLog();
		broker.fate = (api) => (api === "Metadata" || api === "FindCoordinator" || api === "ApiVersions" ? null : fate);
		expect(await outcomeOf(CALLS[name]?.(log) ?? Promise.reject(new Error("no such call")))).toMatch(WORDS);
	});

	it("every call at once, when not even metadata is told any more", async () => {
		const { broker, log } = await brokerAndLog();
		broker.fate = (api: ApiName) => (api === "ApiVersions" ? null : fate);
		const { assign, ...others } = CALLS;
		const outcomes = await Promise.all(Object.values(others).map((call) => outcomeOf(call(log))));
		expect(outcomes.filter((outcome) => !WORDS.test(outcome))).toEqual([]);
		expect(await outcomeOf(assign?.(log) ?? Promise.resolve())).toMatch(WORDS);
	});

	it("opening, when nothing is told at all", async () => {
		const broker = await FakeBroker.open([]);
		open.push(broker);
		broker.fate = () => fate;
		const opened = openKafkaLog({ brokers: [broker.address], prefix: "p.", ...LIMITS });
		expect(await outcomeOf(opened)).toMatch(/^ASSENT_LOG_(UNAVAILABLE|DENIED)$/);
	});
});

describe("a log that is closed", () => {
	it("while a group is being joined says so, and joins none", async () => {
		const { log } = await brokerAndLog();
		// From then on it is known how many partitions there are.
		await outcomeOf(log.bounds(at));
		const assigned = log.assign("processor", "m", { onAssigned: () => {}, onLost: () => {} });
		await log.close();
		expect(await outcomeOf(assigned)).toBe("ASSENT_LOG_CLOSED");
	});
});
