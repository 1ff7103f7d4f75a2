import { describe, expect, it } from "vitest";
import { openMemoryLog } from "../../../src/adapters/memory/log.ts";
import { encodeDerived, encodeEntry } from "../../../src/core/codec/encode.ts";
import { claimHeaders, ledgerHeaders } from "../../../src/core/ledger/validity.ts";
import type { SessionEndedEntry } from "../../../src/core/model/entries.ts";
import { DEFAULT_LAYOUT, type Layout } from "../../../src/core/model/layout.ts";
import { answersTo } from "../../../src/operations/answers.ts";
import { sendHalt, sendSessionEnd } from "../../../src/operations/operators.ts";
import { type Log, TOPICS } from "../../../src/ports/log/log.ts";
import { topicSpecs } from "../../../src/ports/log/topics.ts";
import { readState } from "../../../src/reading/partition-view.ts";
import { writeSnapshot } from "../../../src/reading/snapshot.ts";

const LAYOUT: Layout = { ...DEFAULT_LAYOUT, partitions: 1 };
const LEDGER = { topic: TOPICS.decisions, partition: 0 };
const OLD = "0".repeat(32);
const NEW = "1".repeat(32);
const WHO = { tenant: "acme", agent: "coder", session: "run-1" };
const ANN = { by: "ann", now: 1_000 };

async function emptyLog(): Promise<Log> {
	const log = openMemoryLog();
	await log.admin().createTopics(topicSpecs(LAYOUT));
	return log;
}

async function claim(log: Log, claimId: string): Promise<void> {
	const value = encodeDerived({ type: "claim", claimId, instance: "test", layout: LAYOUT });
	await log.append(LEDGER, [{ key: null, value, headers: claimHeaders(claimId) }]);
}

/** The entry that ends `WHO`'s session for the control record at `offset`. */
async function answer(log: Log, of: { claimId: string; seq: number; offset: number }): Promise<void> {
	const entry: SessionEndedEntry = {
		kind: "session.ended",
		seq: of.seq,
		at: 1_000,
		semantics: 1,
		cause: { topic: "control", partition: 0, offset: of.offset },
		causeTime: 1_000,
		late: false,
		ahead: false,
		effects: [],
		stateDigest: "",
		controlId: `control-${of.offset}`,
		by: "ann",
		...WHO,
	};
	const headers = ledgerHeaders({ claim: of.claimId, seq: of.seq, first: of.seq });
	await log.append(LEDGER, [{ key: null, value: encodeEntry(entry), headers }]);
}

describe("the answer to a control record", () => {
	it("is the valid entry that names it as its cause", async () => {
		const log = await emptyLog();
		await claim(log, OLD);
		const first = await sendSessionEnd(log, LAYOUT, { ...ANN, ...WHO });
		const second = await sendSessionEnd(log, LAYOUT, { ...ANN, ...WHO });
		await answer(log, { claimId: OLD, seq: 0, offset: first.offset });
		await answer(log, { claimId: OLD, seq: 1, offset: second.offset });
		const answers = await answersTo(log, LAYOUT, [second], { waitMs: 5_000 });
		expect(answers.get(0)).toMatchObject({ kind: "session.ended", seq: 1, cause: { offset: second.offset } });
	});

	it("is never an entry of a superseded owner", async () => {
		const log = await emptyLog();
		await claim(log, OLD);
		await claim(log, NEW);
		const sent = await sendSessionEnd(log, LAYOUT, { ...ANN, ...WHO });
		await answer(log, { claimId: OLD, seq: 0, offset: sent.offset });
		expect((await answersTo(log, LAYOUT, [sent], { waitMs: 50 })).size).toBe(0);
		await answer(log, { claimId: NEW, seq: 0, offset: sent.offset });
		expect((await answersTo(log, LAYOUT, [sent], { waitMs: 5_000 })).size).toBe(1);
	});

	it("is waited for, until the signal", async () => {
		const log = await emptyLog();
		await claim(log, OLD);
		const scope = { tenant: null, agent: null, session: null };
		const sent = await Promise.all(sendHalt(log, LAYOUT, { ...ANN, change: "set", scope, reason: "" }));
		expect(sent).toEqual([{ partition: 0, offset: 0, ledgerFrom: 1 }]);
		const late = answersTo(log, LAYOUT, sent, { waitMs: 60_000 });
		await answer(log, { claimId: OLD, seq: 0, offset: 0 });
		expect((await late).size).toBe(1);
		const stop = new AbortController();
		const never = answersTo(log, LAYOUT, [{ partition: 0, offset: 9, ledgerFrom: 0 }], {
			waitMs: 60_000,
			signal: stop.signal,
		});
		stop.abort();
		expect((await never).size).toBe(0);
	});
});

describe("a view of the ledger", () => {
	it("passes over void records and ends where the ledger ends", async () => {
		const log = await emptyLog();
		await claim(log, OLD);
		await claim(log, NEW);
		await answer(log, { claimId: OLD, seq: 0, offset: 0 });
		await answer(log, { claimId: NEW, seq: 0, offset: 0 });
		const seen: string[] = [];
		const view = await readState(log, LAYOUT, 0, { onFolded: ({ kind }) => seen.push(kind) });
		expect(seen).toEqual(["claim", "claim", "void", "entry"]);
		expect([view.folded.state.nextSeq, view.folded.voids, view.next]).toEqual([1, 1, 4]);
	});

	it("begins at a snapshot where there is one, as does the wait for an answer", async () => {
		const log = await emptyLog();
		await claim(log, OLD);
		await answer(log, { claimId: OLD, seq: 0, offset: 0 });
		const { folded, next } = await readState(log, LAYOUT, 0);
		const leaf = (await log.read(LEDGER, next - 1))[0]?.value ?? new Uint8Array();
		await writeSnapshot(log, folded, { partition: 0, claimId: OLD, ledgerOffset: next, leaf, slot: 0 });
		await log.admin().trim(LEDGER, 1);
		const sent = await sendSessionEnd(log, LAYOUT, { ...ANN, ...WHO });
		await answer(log, { claimId: OLD, seq: 1, offset: sent.offset });
		const view = await readState(log, LAYOUT, 0);
		expect([view.fromSeq, view.folded.state.nextSeq]).toEqual([1, 2]);
		expect((await readState(log, LAYOUT, 0, { from: "beginning" })).fromSeq).toBe(1);
		expect((await answersTo(log, LAYOUT, [sent], { waitMs: 5_000 })).get(0)).toMatchObject({ seq: 1 });
	});

	it("says when retention has eaten the beginning and no snapshot helps", async () => {
		const log = await emptyLog();
		await claim(log, OLD);
		await answer(log, { claimId: OLD, seq: 0, offset: 0 });
		await log.admin().trim(LEDGER, 1);
		await expect(readState(log, LAYOUT, 0)).rejects.toThrow(/begins at offset 1 and no snapshot reaches back/);
	});

	it("stops at the signal", async () => {
		const log = await emptyLog();
		await claim(log, OLD);
		await expect(readState(log, LAYOUT, 0, { signal: AbortSignal.abort() })).rejects.toThrow(/stopped before/);
	});
});
