/** Operators' views, answered by the process that decides on a log file. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { questionsBeside } from "../../../src/adapters/embedded/questions.ts";
import { type DevNode, startDev } from "../../../src/app/dev.ts";
import { openLog } from "../../../src/app/open-log.ts";
import { loadPolicies } from "../../../src/app/policies.ts";
import { encodeInput } from "../../../src/core/codec/encode.ts";
import { headOf } from "../../../src/core/state/head.ts";
import { sliceOf } from "../../../src/core/state/slice.ts";
import { answersTo } from "../../../src/operations/answers.ts";
import { checkPartition } from "../../../src/operations/examine/ledger-check.ts";
import { sendHalt } from "../../../src/operations/operators.ts";
import { lookAt, placeOfLedger } from "../../../src/operations/questions.ts";
import { type Log, TOPICS } from "../../../src/ports/log/log.ts";
import { silentTelemetry } from "../../../src/ports/telemetry.ts";
import { isReady } from "../../../src/processor/status.ts";
import { readState } from "../../../src/reading/partition-view.ts";
import { intentOf } from "../../support/engine-world.ts";
import { over, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

const closing: (() => unknown)[] = [];

afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

async function running(snapshotEvery = 100_000): Promise<{ log: Log; node: DevNode; folder: string; path: string }> {
	const folder = mkdtempSync(join(tmpdir(), "ask-"));
	closing.push(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, "log.db");
	writeFileSync(join(folder, "p.yaml"), TEST_POLICY);
	const policies = await loadPolicies([join(folder, "p.yaml")], TEST_LAYOUT.budgetRoot);
	if (!policies.ok) throw new Error("the policy does not load");
	const log = await openLog(`file:${path}`, { create: true });
	closing.push(() => log.close());
	const node = await startDev({
		log,
		layout: TEST_LAYOUT,
		policies: policies.value,
		snapshotEvery,
		telemetry: silentTelemetry,
	});
	closing.push(() => node.stop());
	await until(() => isReady(node.processor.status()));
	return { log, node, folder, path };
}

const submit = (log: Log, id: string, tool: string) =>
	log.append({ topic: TOPICS.intents, partition: 0 }, [
		{ key: null, value: encodeInput(intentOf({ id, tool, issuedAt: Date.now() })), headers: {} },
	]);

/** Counts reads of the ledger. */
function countingReads(log: Log): { reads: () => number; counted: Log } {
	let reads = 0;
	const counted = over(log, {
		read: (from, at, options) => {
			if (from.topic === TOPICS.decisions) reads += 1;
			return log.read(from, at, options);
		},
	});
	return { reads: () => reads, counted };
}

const entries = (node: DevNode): number => node.processor.status().partitions[0]?.entries ?? 0;

describe("a process that decides on a log file", () => {
	it("says of a partition what is wanted, as the ledger has it", async () => {
		const { log, node } = await running();
		for (const [id, tool] of [
			["open", "shell.run"],
			["held", "pay.send"],
			["denied", "wipe"],
		] as const) {
			await submit(log, id, tool);
		}
		await until(() => entries(node) === 4);
		const whole = (await readState(log, TEST_LAYOUT, 0)).folded.state;
		const look = (wanted: Parameters<typeof lookAt>[3]["wanted"]) => lookAt(log, TEST_LAYOUT, 0, { wanted });
		const held = await look({ held: true });
		expect(headOf(held)).toEqual(headOf(whole));
		expect([...held.calls.entries()].map(([, call]) => call.id)).toEqual(["held"]);
		expect([...held.heldBySession.values()].map((keys) => keys.size)).toEqual([1]);
		expect(held.accounts.size).toBe(0);
		const named = await look({ named: "denied" });
		expect([...named.calls.entries()]).toEqual([...whole.calls.entries()].filter(([, { id }]) => id === "denied"));
		const counted = await look({ accounts: "counted" });
		expect(counted.accounts.rows()).toEqual(whole.accounts.rows());
		expect(counted.calls.size).toBe(0);
	});

	it("says where its ledger stands, from where an answer is found without reading what lies before", async () => {
		const { log, node } = await running();
		for (let at = 0; at < 5; at++) await submit(log, `n-${at}`, "shell.run");
		await until(() => entries(node) === 6);
		const place = await placeOfLedger(log, 0);
		expect(place).toMatchObject({
			next: (await log.bounds({ topic: TOPICS.decisions, partition: 0 })).end,
			head: { seq: 5 },
		});
		const scope = { tenant: null, agent: null, session: null };
		const halt = { by: "ann", now: Date.now(), change: "set", scope, reason: "" } as const;
		const sent = await Promise.all(sendHalt(log, TEST_LAYOUT, halt));
		expect(sent[0]?.place).toEqual(place);
		const answers = await answersTo(log, TEST_LAYOUT, sent, { waitMs: 5_000 });
		expect(answers.get(0)).toMatchObject({ kind: "halt.set" });
		expect([...(await lookAt(log, TEST_LAYOUT, 0, { wanted: {} })).halts.entries()]).toHaveLength(1);
	});

	it("tells `doctor` of a long ledger what it would else have to read", async () => {
		const { log, node } = await running();
		await submit(log, "held", "pay.send");
		await submit(log, "open", "shell.run");
		await until(() => entries(node) === 3);
		const now = Date.now();
		const { reads, counted } = countingReads(log);
		const short = await checkPartition(counted, TEST_LAYOUT, 0, { now, isFull: false });
		expect(reads()).toBe(0);
		const full = await checkPartition(counted, TEST_LAYOUT, 0, { now });
		expect(reads()).toBeGreaterThan(0);
		const { entries: length, policy, lag, holds, overdue, halts, next, problem } = full;
		expect(short).toMatchObject({ entries: length, policy, lag, holds, overdue, halts, next, problem });
		const later = await checkPartition(log, TEST_LAYOUT, 0, { now: now + 24 * 3_600_000, isFull: false });
		expect(later.overdue).toBe(2);
		await node.stop();
		expect(await checkPartition(log, TEST_LAYOUT, 0, { now, isFull: false })).toMatchObject({
			entries: length,
			holds: 1,
		});
	});

	it("need not be there: the log says the same, from its last snapshot on", async () => {
		const { log, node } = await running(3);
		for (let at = 0; at < 8; at++) await submit(log, `n-${at}`, at % 2 === 0 ? "pay.send" : "shell.run");
		await until(() => entries(node) === 9);
		const wanted = { held: true, accounts: "all" } as const;
		const told = await lookAt(log, TEST_LAYOUT, 0, { wanted });
		await node.stop();
		let folded = 0;
		const reading = {
			onFolded: (): void => {
				folded += 1;
			},
		};
		const read = await lookAt(log, TEST_LAYOUT, 0, { wanted, reading });
		expect(folded).toBeLessThan(5);
		expect(sliceOf(read, wanted)).toEqual(sliceOf(told, wanted));
		expect(read.calls.size).toBe(8);
	});

	it("is asked by its owner alone, and leaves nothing behind", async () => {
		const { log, node, folder, path } = await running();
		const socket = readdirSync(folder).find((name) => name.endsWith(".ask"));
		expect(statSync(join(folder, socket ?? "")).mode & 0o777).toBe(0o600);
		expect(await questionsBeside(path).ask("no question")).toBeUndefined();
		expect(await questionsBeside(path).ask({ partition: 7, wanted: null })).toBeUndefined();
		await node.stop();
		expect(readdirSync(folder).filter((name) => name.endsWith(".ask"))).toEqual([]);
		expect(await placeOfLedger(log, 0)).toBeNull();
		expect((await lookAt(log, TEST_LAYOUT, 0, { wanted: {} })).nextSeq).toBe(1);
	});

	it("is not believed under another layout, nor when its answer is none", async () => {
		const { log, node, path } = await running();
		await node.stop();
		for (const answer of [
			{ layout: { ...TEST_LAYOUT, dedupeMs: 1 }, slice: {} },
			{ layout: TEST_LAYOUT, slice: 3 },
			7,
			null,
		]) {
			const server = await questionsBeside(path).serve(async () => answer);
			expect((await lookAt(log, TEST_LAYOUT, 0, { wanted: {} })).nextSeq).toBe(1);
			await server?.close();
		}
	});
});
