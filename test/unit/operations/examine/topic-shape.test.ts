import { describe, expect, it } from "vitest";
import { openMemoryLog } from "../../../../src/adapters/memory/log.ts";
import { AssentError, problem } from "../../../../src/core/base/errors.ts";
import { DEFAULT_LAYOUT } from "../../../../src/core/model/layout.ts";
import { assertTopics, historyFault, topicFindings } from "../../../../src/operations/examine/topic-shape.ts";
import type { Log, LogFinding } from "../../../../src/ports/log/log.ts";
import { replySpec, topicSpecs } from "../../../../src/ports/log/topics.ts";

const LAYOUT = { ...DEFAULT_LAYOUT, partitions: 2 };

const finding = (level: LogFinding["level"], message: string): LogFinding => ({
	level,
	subject: "intents",
	message,
	help: `mend ${message}`,
});

/** A log that says of its settings what it is told to, as one on Kafka does. */
const shared = (log: Log, diagnose: () => Promise<readonly LogFinding[]>): Log => {
	const { createTopics, topics, trim } = log.admin();
	const admin = { createTopics, topics, trim, diagnose };
	return Object.assign(Object.create(log) as Log, { url: "kafka://a:1", admin: () => admin });
};

async function whole(): Promise<Log> {
	const log = openMemoryLog();
	await log.admin().createTopics(topicSpecs(LAYOUT));
	return log;
}

describe("topics that are missing", () => {
	const rest = (missing: string) => topicSpecs(LAYOUT).filter(({ name }) => name !== missing);

	it("are made where nothing tells of a history, or where only what is derived is missing", async () => {
		for (const missing of ["intents", "control", "decisions", "snapshots", "checkpoints"]) {
			const log = openMemoryLog();
			expect(historyFault(await log.admin().topics())).toBeNull();
			await log.admin().createTopics(rest(missing));
			await log.append({ topic: "policies", partition: 0 }, [{ key: "k", value: Buffer.from("v"), headers: {} }]);
			expect(historyFault(await log.admin().topics())).toBeNull();
		}
	});

	it("are not made beside records that came of them: the history would begin twice", async () => {
		for (const missing of ["intents", "control", "decisions"]) {
			const log = openMemoryLog();
			await log.admin().createTopics(rest(missing));
			await log.append({ topic: "checkpoints", partition: 1 }, [{ key: null, value: Buffer.from("v"), headers: {} }]);
			expect(historyFault(await log.admin().topics())).toMatchObject({
				code: "ASSENT_LOG_OTHER",
				message: expect.stringContaining(
					`\`${missing}\` is missing, or this user may not see them, and \`checkpoints\` has records`,
				),
			});
		}
	});
});

describe("the topics of a log", () => {
	it("are well when each has its shape", async () => {
		expect(await topicFindings(await whole(), LAYOUT)).toEqual([
			{ level: "ok", subject: "topics", message: "9 topics of 2 partitions, 0 records", help: "" },
		]);
	});

	it("are wrong when there are none, when one is missing, and when one has other partitions", async () => {
		const empty = openMemoryLog();
		await expect(assertTopics(empty, LAYOUT)).rejects.toMatchObject({ code: "ASSENT_LOG_TOPIC" });
		await empty.admin().createTopics(topicSpecs(LAYOUT).filter(({ name }) => name !== "snapshots"));
		await expect(assertTopics(empty, LAYOUT)).rejects.toMatchObject({
			code: "ASSENT_LOG_TOPIC",
			message: expect.stringMatching(/`snapshots` is missing/),
		});
		await expect(assertTopics(await whole(), DEFAULT_LAYOUT)).rejects.toMatchObject({
			code: "ASSENT_LOG_TOPIC",
			message: expect.stringMatching(/`intents` has 2 partitions, the layout has 12; and 8 more/),
		});
	});

	it("have as many partitions for a gateway's own replies", async () => {
		const log = await whole();
		await log.admin().createTopics([replySpec("desk", DEFAULT_LAYOUT), replySpec("shop", LAYOUT)]);
		const findings = await topicFindings(log, LAYOUT);
		expect(findings.map(({ level, message }) => `${level}: ${message}`)).toEqual([
			"error: `replies.desk` has 12 partitions, the layout has 2",
		]);
	});

	it("on Kafka have settings, too: an error stops a processor, a warning is handed on", async () => {
		const log = shared(await whole(), async () => [finding("ok", "one"), finding("warning", "two")]);
		expect(await assertTopics(log, LAYOUT)).toEqual([finding("warning", "two")]);
		expect(await topicFindings(log, LAYOUT)).toHaveLength(3);
		const broken = shared(await whole(), async () => [finding("warning", "two"), finding("error", "three")]);
		await expect(assertTopics(broken, LAYOUT)).rejects.toMatchObject({
			code: "ASSENT_LOG_SETTINGS",
			problem: { message: "kafka://a:1: intents three", help: "mend three" },
		});
	});

	it("say on Kafka how they are made", async () => {
		const log = shared(openMemoryLog(), async () => []);
		await expect(assertTopics(log, LAYOUT)).rejects.toMatchObject({
			problem: { help: "create them: `assent topics create --log kafka://a:1`" },
		});
	});

	it("are doubtful, not wrong, where this user may not see the settings", async () => {
		const denied = shared(await whole(), () =>
			Promise.reject(new AssentError(problem("ASSENT_LOG_DENIED", "not for you"))),
		);
		expect(await assertTopics(denied, LAYOUT)).toMatchObject([
			{ level: "warning", message: "the log's settings cannot be seen: not for you" },
		]);
		const lost = shared(await whole(), () =>
			Promise.reject(new AssentError(problem("ASSENT_LOG_UNAVAILABLE", "gone"))),
		);
		await expect(assertTopics(lost, LAYOUT)).rejects.toMatchObject({ code: "ASSENT_LOG_UNAVAILABLE" });
	});
});
