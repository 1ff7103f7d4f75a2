/** docs/reference/python.md: its commands and programs, taken from the page and run against a real Kafka and a log file. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import avro from "avsc";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openLog } from "../../src/app/open-log.ts";
import { emptyHead, judgeRecord, ledgerHeaders } from "../../src/core/ledger/validity.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import { DAY, HOUR } from "../../src/core/model/units.ts";
import { type Log, readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { kafkaClient } from "../support/kafka/access.ts";
import type { KafkaCluster } from "../support/kafka/cluster.ts";
import { describeKafka, freshPrefix, sharedKafka } from "../support/kafka/shared.ts";
import { ordinaryDay } from "../support/ordinary-day.ts";
import { describePython, type Python } from "../support/python.ts";
import { jsonOf, ROOT, textOf } from "../support/repository.ts";

const PAGE = textOf("docs/reference/python.md");
const BLOCKS = [...PAGE.matchAll(/^```python\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
/** Blocks that are a program of their own say its name first. */
const own = (name: string): string => BLOCKS.find((code) => code.startsWith(`# ${name}\n`)) ?? "";
const PROGRAM = BLOCKS.filter((code) => !code.startsWith("# ")).join("\n\n");
const PACKAGES = /pip install (.+)$/m.exec(PAGE)?.[1]?.split(" ") ?? [];

const SCHEMAS = join(ROOT, "schemas");
const LAYOUT: Layout = { partitions: 3, budgetRoot: "tenant/agent", dedupeMs: HOUR, sessionMs: 7 * DAY };

interface Line {
	readonly topic: string;
	readonly partition: number;
	readonly offset: number;
	readonly type: string | null;
	readonly record: unknown;
	readonly counts?: boolean;
}

const linesOf = (printed: string): Line[] =>
	printed
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as Line);

/** The same by Assent's reader of logs and by another library for Avro, straight from the published schemas. */
async function expectedOf(log: Log): Promise<Line[]> {
	const lines: Line[] = [];
	for (const { name: topic, end } of await log.admin().topics()) {
		for (const partition of end.keys()) {
			let head = emptyHead;
			const from = { topic, partition };
			for await (const records of readToEnd(log, from, (await log.bounds(from)).begin)) {
				for (const { offset, headers, value } of records) {
					const judgement = judgeRecord(head, headers);
					if (topic === TOPICS.decisions) head = judgement.head;
					const counts = topic === TOPICS.decisions ? { counts: judgement.kind === "valid" } : {};
					lines.push({ topic, partition, offset, ...decoded(Buffer.from(value)), ...counts });
				}
			}
		}
	}
	return lines;
}

const FINGERPRINTS = jsonOf("schemas/fingerprints.json") as Record<string, { type: string; file: string }>;

function decoded(value: Buffer): Pick<Line, "type" | "record"> {
	const known = FINGERPRINTS[value.subarray(2, 10).toString("hex")];
	if (known === undefined) return { type: null, record: null };
	const type = avro.Type.forSchema(jsonOf(`schemas/${known.file}`) as avro.Schema, { wrapUnions: "never" });
	const plain = (_: string, field: unknown): unknown =>
		(field as { type?: string } | null)?.type === "Buffer"
			? Buffer.from((field as { data: number[] }).data).toString("hex")
			: field;
	return { type: known.type, record: JSON.parse(JSON.stringify(type.fromBuffer(value.subarray(10))), plain) };
}

const inOrder = (lines: readonly Line[]): Line[] =>
	[...lines].sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition || a.offset - b.offset);

/** Runs the page's program on the log and holds every line against the same record, read another way. */
async function readsAll(python: Python, program: string, log: Log, url: string): Promise<void> {
	const lines = linesOf(await python.run([program, SCHEMAS, url]));
	const expected = await expectedOf(log);
	expect(new Set(lines.map(({ topic }) => topic))).toEqual(new Set(Object.values(TOPICS)));
	expect(inOrder(lines)).toEqual(inOrder(expected));
	const unread = lines.filter(({ type }) => type === null).map(({ topic }) => topic);
	expect(new Set(unread)).toEqual(new Set([TOPICS.intents]));
	const some = linesOf(await python.run([program, SCHEMAS, url, "violations"]));
	expect(some).toEqual(lines.filter(({ topic }) => topic === "violations"));
}

/** Appends to a ledger what does not count, each record for one reason alone, and one that does. */
async function forge(log: Log): Promise<void> {
	const ledger = { topic: TOPICS.decisions, partition: 0 };
	let head = emptyHead;
	let value: Uint8Array = new Uint8Array();
	for await (const records of readToEnd(log, ledger, 0)) {
		for (const record of records) {
			const judgement = judgeRecord(head, record.headers);
			if (judgement.kind === "valid") value = record.value;
			head = judgement.head;
		}
	}
	const claim = head.claim ?? "";
	const next = head.seq + 1;
	const forged = [
		ledgerHeaders({ claim: "f".repeat(32), seq: next, first: next }),
		ledgerHeaders({ claim, seq: next + 1, first: next + 1 }),
		ledgerHeaders({ claim, seq: next, first: next - 1 }),
		ledgerHeaders({ claim, seq: next, first: next }),
	];
	for (const headers of forged) await log.append(ledger, [{ key: null, value, headers }]);
}

/** What a transaction wrote and did not commit is on the log for nobody; its marks take offsets. */
async function transact(cluster: KafkaCluster, topic: string): Promise<void> {
	const producer = kafkaClient(cluster, { retry: { retries: 8, initialRetryTime: 50 } }).producer({
		transactionalId: topic,
		maxInFlightRequests: 1,
		idempotent: true,
	});
	await producer.connect();
	for (const end of ["abort", "commit", "abort"] as const) {
		const transaction = await producer.transaction();
		await transaction.send({ topic, messages: [{ partition: 0, value: `to ${end}` }] });
		await transaction[end]();
	}
	await producer.disconnect();
}

await describePython("the page on Python", PACKAGES, (python) => {
	let folder: string;
	const file = (name: string): string => join(folder, name);

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "assent-page-"));
		await writeFile(file("assent_records.py"), PROGRAM);
		for (const name of ["decisions.py", "fingerprints.py"]) await writeFile(file(name), own(name));
		return () => rm(folder, { recursive: true, force: true });
	});

	it("has the fingerprints of fastavro in both spellings", async () => {
		const printed = (await python.run([file("fingerprints.py"), SCHEMAS])).trim().split("\n");
		expect(printed.sort()).toEqual(
			Object.values(FINGERPRINTS)
				.map(({ type }) => `${type} as published`)
				.sort(),
		);
	});

	it("reads every topic of a log file, and its index", async () => {
		const path = file("log.db");
		const log = await openLog(`file:${path}`, { create: true });
		onTestFinished(() => log.close());
		await ordinaryDay(log, LAYOUT);
		await readsAll(python, file("assent_records.py"), log, `file:${path}`);
		const rows = (await python.run([file("decisions.py"), path])).trim().split("\n");
		expect(rows.map((row) => row.split("\t").slice(0, 3).join(" "))).toEqual(
			expect.arrayContaining(["wipe deny tool.denied", "pay.granted hold tool.held"]),
		);
	});

	describeKafka("on a real Kafka", () => {
		it("reads every topic, marks void entries and passes over what no transaction committed", async () => {
			const cluster = await sharedKafka();
			const prefix = freshPrefix();
			const url = `kafka://${cluster.address}/${prefix.slice(0, -1)}`;
			const log = await openLog(url, { create: true });
			onTestFinished(() => log.close());
			await ordinaryDay(log, LAYOUT);
			await forge(log);
			await transact(cluster, `${prefix}intents`);
			await readsAll(python, file("assent_records.py"), log, url);
		});
	});
});

describe("the page's commands", () => {
	it("install what its programs import, in exact versions", () => {
		expect(PACKAGES.every((each) => /^[a-z-]+==\d+(\.\d+)+$/.test(each))).toBe(true);
		expect(PROGRAM).toContain("import fastavro");
		expect(own("decisions.py")).toContain("decisions_index");
	});
});
