/** Exports of a log on Kafka, and logs on Kafka that are made of exports: the same records, wherever they came from and go to. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { parseKafkaUrl } from "../../src/adapters/kafka/options.ts";
import { openExport } from "../../src/app/open-export.ts";
import { openLog } from "../../src/app/open-log.ts";
import type { Manifest } from "../../src/export/manifest.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { auditedLog } from "../support/audited-log.ts";
import { scratchFolder } from "../support/cli.ts";
import { Deployment } from "../support/kafka/deployment.ts";
import { describeKafka, freshPrefix, sharedKafka } from "../support/kafka/shared.ts";
import { recompute } from "../support/recompute.ts";
import { runCli } from "../support/run-cli.ts";
import { until } from "../support/world.ts";

vi.setConfig({ testTimeout: 120_000 });

const deployments: Deployment[] = [];

afterEach(async () => {
	await Promise.all(deployments.splice(0).map((each) => each.close()));
});

async function deployed(of: Parameters<typeof Deployment.make>[0] = {}): Promise<Deployment> {
	const on = await Deployment.make(of);
	deployments.push(on);
	return on;
}

/** The URL of a deployment on Kafka that is not there yet. */
const newUrl = async (): Promise<string> => `kafka://${(await sharedKafka()).address}/${freshPrefix().slice(0, -1)}`;

const TOLD = ["intents", "control", "decisions", "violations", "checkpoints", "policies", "dead-letters"];

async function expectSame(one: string, other: string): Promise<void> {
	for (const topic of TOLD) {
		const [here, there] = await Promise.all(
			[one, other].map((url) => runCli(["tail", topic, "--log", url, "--jsonl"])),
		);
		expect(here?.stdout, topic).toBe(there?.stdout);
	}
}

async function exported(url: string, folder: string): Promise<Manifest> {
	const out = await runCli(["audit", "export", folder, "--log", url, "--json"]);
	expect(out).toMatchObject({ exit: 0 });
	return out.json() as Manifest;
}

const imported = (folder: string, url: string, stop?: AbortSignal) =>
	runCli(["audit", "import", folder, "--log", url, "--json"], stop === undefined ? {} : { stop });

const bytesOf = (folder: string): Buffer => readFileSync(join(folder, "log.db"));

describeKafka("exports and Kafka", () => {
	it("go from Kafka into a log file, where a processor goes on", async () => {
		const folder = scratchFolder();
		const on = await deployed();
		const running = await on.startProcessor();
		for (let round = 0; round < 30; round++)
			await Promise.all(on.partitions.map((each) => on.decide(each, round % 4 === 3 ? { tool: "wipe" } : {})));
		await on.consumed(running);
		await running.processor.drain();
		const first = await exported(on.log.url, join(folder, "kafka"));
		expect(first.ledgers.every(({ tree }) => (tree?.size ?? 0) > 30)).toBe(true);
		await expectSame(on.log.url, `export:${join(folder, "kafka")}`);

		const file = join(folder, "log.db");
		expect(await imported(join(folder, "kafka"), `file:${file}`)).toMatchObject({ exit: 0 });
		const second = await exported(`file:${file}`, join(folder, "file"));
		expect(second.ledgers).toEqual(first.ledgers);
		expect(bytesOf(join(folder, "file")).equals(bytesOf(join(folder, "kafka")))).toBe(true);
		const next = await auditedLog(on.layout.partitions, file);
		await next.ask(20);
		const { entries, same, firstDifference } = await recompute(next.log, on.layout);
		expect({ firstDifference, same }).toEqual({ firstDifference: null, same: entries });
	});

	it("go from a log file onto Kafka with every offset and time, where a processor goes on", async () => {
		const of = await auditedLog();
		await of.ask(200);
		await of.sign();
		await of.stop();
		const first = await exported(of.url, of.path("file"));
		const url = await newUrl();
		const out = await imported(of.path("file"), url);
		expect(out.stderr).toBe("");
		expect(out.json()).toMatchObject({ log: url, ledgers: first.ledgers });
		await expectSame(of.url, url);
		const second = await exported(url, of.path("kafka"));
		expect(second).toMatchObject({ ledgers: first.ledgers, topics: first.topics, signed: first.signed });
		expect(bytesOf(of.path("kafka")).equals(bytesOf(of.path("file")))).toBe(true);
		const checked = await runCli(["topics", "check", "--log", url, "--json"]);
		expect(checked.stdout).not.toContain("CreateTime");

		const { prefix } = parseKafkaUrl(url);
		const on = await deployed({ layout: of.layout, policy: null, log: { prefix } });
		const running = await on.startProcessor();
		const before = Date.now() - 60_000;
		const decisions = await Promise.all(on.partitions.map((each) => on.decide(each)));
		expect(decisions).toMatchObject(on.partitions.map(() => ({ verdict: "allow", source: "reply" })));
		expect((await on.records("intents", 0)).at(-1)?.timestamp).toBeGreaterThan(before);
		await on.consumed(running);
		const { entries, same, firstDifference } = await recompute(on.log, on.layout);
		expect({ firstDifference, same }).toEqual({ firstDifference: null, same: entries });
	});

	it("are no log as long as an import is not finished, and are gone on from by the same command", async () => {
		const of = await auditedLog(2);
		await of.ask(300);
		const other = await auditedLog(2);
		await other.ask(8);
		const first = await exported(of.url, of.path("march"));
		await exported(other.url, of.path("other"));
		const url = await newUrl();
		// Stopped as soon as the first records are there, again and again, until there is nothing left to stop.
		let stopped = 0;
		for (;;) {
			const stop = new AbortController();
			const watching = stopAfterRecords(url, stop, stopped);
			const out = await imported(of.path("march"), url, stop.signal);
			stop.abort("SIGINT");
			await watching;
			if (out.exit === 0) break;
			expect(out).toMatchObject({ exit: 130, stderr: expect.stringContaining("no whole log yet") });
			stopped += 1;
			const processor = await runCli(["processor", "--log", url]);
			expect(processor.exit, processor.stderr).toBe(3);
			const foreign = await imported(of.path("other"), url);
			expect(foreign).toMatchObject({ exit: 2, stderr: expect.stringContaining("not begun from this export") });
		}
		expect(stopped).toBeGreaterThan(0);
		expect((await exported(url, of.path("again"))).ledgers).toEqual(first.ledgers);
		expect(bytesOf(of.path("again")).equals(bytesOf(of.path("march")))).toBe(true);
		expect(await imported(of.path("march"), url)).toMatchObject({
			exit: 2,
			stderr: expect.stringContaining("is not empty"),
		});
	});

	it("do not begin where there are records, and take empty topics with the settings that they have", async () => {
		const of = await auditedLog(3);
		await of.ask(4);
		await exported(of.url, of.path("march"));
		const used = await deployed();
		expect(await imported(of.path("march"), used.log.url)).toMatchObject({ exit: 2 });
		const empty = await deployed({ policy: null });
		await empty.settings(TOPICS.violations, { "cleanup.policy": "delete", "retention.ms": "123456789000" });
		// A broker answers before it goes by what it was told.
		const isSet = async (): Promise<boolean> =>
			(await empty.log.admin().shapes()).some(({ retentionMs }) => retentionMs === 123_456_789_000);
		await until(isSet, "the setting");
		const shapes = await empty.log.admin().shapes();
		expect(await imported(of.path("march"), empty.log.url)).toMatchObject({ exit: 0 });
		await expectSame(of.url, empty.log.url);
		expect(await empty.log.admin().shapes()).toEqual(shapes);
		const other = await deployed({ policy: null, layout: { ...of.layout, partitions: 2 } });
		expect(await imported(of.path("march"), other.log.url)).toMatchObject({ exit: 3 });
	});

	it("tell of offsets that transactions took, read over them, and are not imported with them", async () => {
		const folder = scratchFolder();
		const on = await deployed();
		const running = await on.startProcessor();
		await on.decide(0);
		const producer = await on.foreignProducer("copies");
		const endOf = async (): Promise<number> => (await on.log.bounds({ topic: TOPICS.intents, partition: 0 })).end;
		const before = await endOf();
		for (const end of ["commit", "abort"] as const) {
			const transaction = await producer.transaction();
			await transaction.send({ topic: on.prefix + TOPICS.intents, messages: [{ partition: 0, value: "no intent" }] });
			await transaction[end]();
		}
		// A marker is written after the coordinator has answered; one that came last would have no record behind it.
		await until(async () => (await endOf()) === before + 4, "both markers");
		await on.decide(0);
		await on.consumed(running);
		await running.processor.drain();
		const { topics } = await exported(on.log.url, join(folder, "march"));
		const intents = topics.find(({ name }) => name === "intents")?.partitions[0];
		expect(intents?.gaps?.length).toBeGreaterThan(0);
		await expectSame(on.log.url, `export:${join(folder, "march")}`);
		const log = await openExport(join(folder, "march"));
		onTestFinished(() => log.close());
		const { entries, same, firstDifference } = await recompute(log, on.layout);
		expect({ firstDifference, same }).toEqual({ firstDifference: null, same: entries });
		const verified = await runCli(["audit", "verify", "--log", `export:${join(folder, "march")}`, "--unsigned"]);
		expect(verified, verified.stdout).toMatchObject({ exit: 0 });
		for (const url of [`file:${join(folder, "new.db")}`, await newUrl()])
			expect(await imported(join(folder, "march"), url)).toMatchObject({
				exit: 2,
				stderr: expect.stringContaining("cannot be imported"),
			});
	});
});

/** Aborts once the log holds records; each time a little more of them. */
async function stopAfterRecords(url: string, stop: AbortController, before: number): Promise<void> {
	while (!stop.signal.aborted) {
		try {
			const log = await openLog(url, { create: true });
			try {
				const topics = await log.admin().topics();
				const records = topics.reduce((sum, { end }) => end.reduce((all, each) => all + each, sum), 0);
				if (records > before * 200) stop.abort("SIGINT");
			} finally {
				await log.close();
			}
		} catch {
			// It is not there yet.
		}
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
