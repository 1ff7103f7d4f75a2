/**
 * The time between a claim and whatever ends it: inputs are read in order, decided, appended at the expected offset and,
 * once that is acknowledged, released. The promises I1 to I4 are those of the partition's life (partition.ts).
 */

import { AssentError } from "../core/base/errors.ts";
import { traceOf } from "../core/codec/trace.ts";
import type { Folded } from "../core/ledger/fold.ts";
import type { LedgerHead } from "../core/ledger/validity.ts";
import { ENTRY_BYTES_MAX } from "../core/model/bounds.ts";
import type { InputTopic, IntentSubmitted } from "../core/model/inputs.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, readToEnd, TOPICS, type TopicPartition } from "../ports/log/log.ts";
import { APPEND_BYTES_MAX, APPEND_RECORDS_MAX, isFullFor } from "../publishing/append-bounds.ts";
import { intentAt } from "../reading/intent-at.ts";
import { writeSnapshot } from "../reading/snapshot.ts";
import type { Claimed, Loss } from "./claim.ts";
import type { PartitionContext } from "./partition-context.ts";
import { Pauses } from "./pauses.ts";
import { BACKLOG_MAX, type Releaser } from "./release.ts";
import type { Restored } from "./restore.ts";
import {
	type Append,
	activates,
	beginAppend,
	type Consumed,
	consume,
	heldIntentOffset,
	inputOf,
	take,
} from "./step.ts";
import { Ticker } from "./ticker.ts";

/** At a drain a larger state is not written: that takes longer than the next owner takes to read the ledger's tail. */
const DRAIN_ROWS_MAX = 5_000;
/** A snapshot costs as much as the state is large: one is due after as many entries as there are calls, but for a small state. */
const ROWS_MIN = 5_000;

/** `next` is the offset of the ledger that its next record gets, `head` how that is judged. */
export type Look<Seen> = (folded: Folded, place: { readonly head: LedgerHead; readonly next: Offset }) => Seen;

export class Tenure {
	readonly #context: PartitionContext;
	readonly #claimed: Claimed;
	readonly #folded: Folded;
	readonly #releaser: Releaser;
	readonly #ticker: Ticker;
	/** The offset that the next append must get. */
	#expected: Offset;
	/** End of control when the partition was claimed, or went on: intents wait until it is reached. */
	#controlFirst: Offset = 0;
	/** The policies in force cannot be compiled here: intents wait. */
	#isBlind = false;
	/** The halt behind which a control record of an unknown schema was passed over. */
	#haltAt: Offset = 0;
	readonly #pauses: Pauses;
	/** The slot that the next snapshot goes to. */
	#slot: 0 | 1;
	#snapshotSeq: number;
	/** The last entry of the last append, as stored. */
	#leaf: Uint8Array = new Uint8Array();
	/** Settles when the snapshot that is being written is whole or given up; null when none is. */
	#writing: Promise<void> | null = null;
	readonly #over = new AbortController();
	/** While the state is ahead of what is acknowledged: settles when it is no more. */
	#ahead: PromiseWithResolvers<void> | null = null;

	constructor(context: PartitionContext, claimed: Claimed, restored: Restored, releaser: Releaser) {
		this.#context = context;
		this.#claimed = claimed;
		this.#folded = restored.folded;
		this.#releaser = releaser;
		this.#ticker = new Ticker(context);
		this.#pauses = new Pauses(context);
		this.#expected = claimed.offset + 1;
		this.#slot = restored.slot;
		this.#snapshotSeq = restored.folded.state.nextSeq;
	}

	/** Runs until told to stop (null) or until something unexpected ends the tenure. */
	async run(stop: AbortSignal): Promise<Loss | null> {
		try {
			return await this.#live(stop);
		} finally {
			this.#over.abort();
			this.#settle();
		}
	}

	/** What `look` sees of the state, at a moment at which its every entry counts; undefined once the tenure is over. */
	async inspect<Seen>(look: Look<Seen>): Promise<Seen | undefined> {
		while (this.#ahead !== null) await this.#ahead.promise;
		if (this.#over.signal.aborted) return undefined;
		return look(this.#folded, { head: this.#folded.head, next: this.#expected });
	}

	#settle(): void {
		this.#ahead?.resolve();
		this.#ahead = null;
	}

	async #live(stop: AbortSignal): Promise<Loss | null> {
		const { catalogue, standing } = this.#context;
		standing.reached(this.#folded.state);
		// A projection that cannot be published ends the tenure even while nothing comes in.
		const end = AbortSignal.any([stop, this.#releaser.failed]);
		await this.#putControlFirst();
		while (!end.aborted) {
			await this.#look();
			const batch = await this.#nextBatch();
			// Not before: one whose inputs cannot be read fails anew at each try and must not look well in between.
			if (!this.#isBlind) standing.enter("deciding");
			if (batch.length === 0) {
				await this.#idle(end);
				continue;
			}
			const append = beginAppend(this.#claimed.id, this.#folded.state.nextSeq);
			for (const consumed of batch) {
				if (this.#isFull(append)) break;
				const ready = await this.#prepare(consumed, append.records.length > 0, end);
				if (ready === null) break;
				const isBlind = this.#isPassing(consumed) || this.#pauses.isBlind(this.#folded.state);
				const input = inputOf(consumed, this.#context.clock.now(), ready.heldIntent, isBlind);
				this.#ahead ??= Promise.withResolvers();
				take(this.#folded, append, input, catalogue, traceOf(consumed.from.headers));
			}
			const failure = await this.#commit(append);
			if (failure !== null) return failure;
			this.#settle();
		}
		await this.#releaser.settled();
		const { failure } = this.#releaser;
		if (failure !== null && !stop.aborted) {
			return { kind: "unpublished", why: `a projection could not be published: ${failure}` };
		}
		const { calls, accounts } = this.#folded.state;
		if (calls.size + accounts.size <= DRAIN_ROWS_MAX) {
			await this.#writing;
			this.#snapshot(this.#context.snapshotEvery / 10);
			await this.#writing;
		}
		return null;
	}

	/** Intents wait until control is read to the end that it has now. */
	async #putControlFirst(): Promise<void> {
		const { log, partition } = this.#context;
		this.#controlFirst = (await log.bounds({ topic: TOPICS.control, partition })).end;
	}

	/** Whether there are policies to decide by. When they have come back, what control gained meanwhile goes first. */
	async #look(): Promise<void> {
		const was = this.#isBlind;
		this.#isBlind = await this.#pauses.lookFor(this.#folded.state);
		if (!was || this.#isBlind) return;
		this.#pauses.over();
		await this.#putControlFirst();
	}

	/** Control between a record that was passed over and the halt behind which it was: nobody knows what is in force there. */
	#isPassing({ topic, from }: Consumed): boolean {
		return topic === "control" && from.offset < this.#haltAt;
	}

	/** One more entry may not fit. */
	#isFull({ records, bytes }: Append): boolean {
		return isFullFor({ records: records.length, bytes }, ENTRY_BYTES_MAX, this.#context.known.appendBytesMax);
	}

	/** Control that has been received goes first; intents wait until it is read to the end that it had at the claim. */
	async #nextBatch(): Promise<Consumed[]> {
		const { log } = this.#context;
		// Answered at once from what the log has heard of: a topic that gained nothing is not read.
		const ready = await log.waitFor(this.#positions(), { timeoutMs: 0 });
		for (const topic of ["control", "intents"] as const) {
			if (!ready.some((each) => each.topic === topic)) continue;
			const batch = await this.#read(topic);
			if (batch.length > 0) return batch;
		}
		return [];
	}

	/** While control comes first, intents that lie there already are not asked for. */
	#positions(): readonly (TopicPartition & { readonly at: Offset })[] {
		const topics: readonly InputTopic[] =
			this.#isBlind || this.#isControlFirst() ? ["control"] : ["control", "intents"];
		const { partition } = this.#context;
		return topics.map((topic) => ({ topic, partition, at: this.#folded.state.inputs[topic] }));
	}

	#isControlFirst(): boolean {
		return this.#folded.state.inputs.control < this.#controlFirst;
	}

	async #read(topic: InputTopic): Promise<Consumed[]> {
		const { log, partition } = this.#context;
		const at = this.#folded.state.inputs[topic];
		try {
			const records = await log.read({ topic, partition }, at, {
				recordsMax: APPEND_RECORDS_MAX,
				bytesMax: 4 * APPEND_BYTES_MAX,
			});
			return records.map((record) => consume(record, topic));
		} catch (thrown) {
			// What lets a partition go on behind missing control records lies behind them.
			const skip =
				topic === "control" && isGone(thrown)
					? await skipOf(log, partition, { at, begin: Number(thrown.facts["begin"]) })
					: null;
			if (skip === null) throw thrown;
			return [skip];
		}
	}

	/**
	 * What the step needs beside the record. Null: the batch ends before this record, because it must wait and entries
	 * before it are still to be committed, or because the tenure ended while waiting.
	 */
	async #prepare(
		consumed: Consumed,
		isBegun: boolean,
		end: AbortSignal,
	): Promise<{ heldIntent: IntentSubmitted | null | undefined } | null> {
		if (consumed.kind === "unreadable") {
			const isNewer = consumed.topic === "control" && consumed.fault.unknownSchema;
			if (isNewer && !this.#isPassing(consumed)) {
				const haltAt = isBegun ? null : await this.#pauses.awaitHalt(consumed.from, end);
				if (haltAt === null) return null;
				this.#haltAt = haltAt;
				await this.#putControlFirst();
			}
			return { heldIntent: undefined };
		}
		const { record } = consumed;
		if (activates(this.#folded.state, record)) {
			if (isBegun && this.#context.catalogue.get(record.digest) === null) return null;
			if (!(await this.#pauses.awaitBundle(record.digest, consumed.from, end))) return null;
		}
		const offset = heldIntentOffset(this.#folded.state, record);
		return {
			heldIntent: offset === null ? undefined : await intentAt(this.#context.log, this.#context.partition, offset),
		};
	}

	/** Appends at the expected offset and releases what is valid. A loss means that the state must be dropped. */
	async #commit(append: Append): Promise<Loss | null> {
		if (append.records.length === 0) return null;
		const { log, partition, meter, known, standing } = this.#context;
		const to = { topic: TOPICS.decisions, partition };
		const startedAt = performance.now();
		const appended = await log.append(to, append.records, { expected: this.#expected });
		switch (appended.kind) {
			case "appended":
				break;
			case "superseded":
				// Whoever wrote may have done so under a claim that is not in force: then these entries count.
				known.unconfirmed = append;
				return { kind: "superseded", why: "superseded: somebody else wrote to the ledger" };
			case "unknown":
				known.unconfirmed = append;
				return { kind: "unknown", why: `the append may or may not have been written: ${appended.why}` };
			case "failed":
				// The topic takes less than it was made for: what is decided again goes out in smaller pieces.
				if (appended.problem.code === "RECORD_OVERSIZED") known.appendBytesMax = Math.floor(known.appendBytesMax / 2);
				return { kind: "failed", why: `${appended.problem.code}: ${appended.problem.message}` };
		}
		if (appended.base !== this.#expected) {
			known.unconfirmed = append;
			return { kind: "unknown", why: `the append landed at ${appended.base}, not at ${this.#expected}` };
		}
		this.#expected = appended.base + append.records.length;
		meter.appended(append.records.length, performance.now() - startedAt);
		standing.reached(this.#folded.state);
		this.#releaser.release(append.releasables);
		this.#leaf = append.records.at(-1)?.value ?? this.#leaf;
		if (this.#releaser.backlog > BACKLOG_MAX) await this.#releaser.settled();
		this.#snapshot(Math.min(this.#context.snapshotEvery, Math.max(ROWS_MIN, this.#folded.state.calls.size)));
		return null;
	}

	/** Waits for records, or for the time at which something falls due. */
	async #idle(end: AbortSignal): Promise<void> {
		const timeoutMs = await this.#ticker.tick(this.#folded.state);
		const more = this.#isBlind ? [this.#pauses.position] : [];
		await this.#context.log.waitFor([...this.#positions(), ...more], { timeoutMs, signal: end });
	}

	/** Begins a snapshot when `every` entries have come since the last; deciding goes on while it is written. */
	#snapshot(every: number): void {
		const { nextSeq } = this.#folded.state;
		if (this.#writing !== null || nextSeq - this.#snapshotSeq < Math.max(1, every)) return;
		this.#snapshotSeq = nextSeq;
		this.#writing = this.#writeSnapshot().finally(() => {
			this.#writing = null;
		});
	}

	async #writeSnapshot(): Promise<void> {
		const { log, partition, telemetry, meter } = this.#context;
		const startedAt = performance.now();
		const place = {
			partition,
			claimId: this.#claimed.id,
			ledgerOffset: this.#expected,
			leaf: this.#leaf,
			slot: this.#slot,
		};
		const released = this.#releaser.settled().then(() => this.#releaser.failure === null);
		const why = await writeSnapshot(log, this.#folded, place, { released, stop: this.#over.signal });
		// What may be half-written is written over; the whole one stays in the other slot.
		if (why === null) {
			this.#slot = this.#slot === 0 ? 1 : 0;
			meter.snapshotWritten(performance.now() - startedAt);
		} else if (!this.#over.signal.aborted) {
			telemetry.warn("snapshot.unwritten", { partition, why });
			meter.snapshotUnwritten();
		}
	}
}

const isGone = (thrown: unknown): thrown is AssentError =>
	thrown instanceof AssentError && thrown.code === "ASSENT_LOG_OFFSET_GONE";

/** The first record on `control` that lets the partition go on where control records are gone from `at` on; null when there is none. */
async function skipOf(
	log: Log,
	partition: number,
	{ at, begin }: { at: Offset; begin: Offset },
): Promise<Consumed | null> {
	const from = { topic: TOPICS.control, partition };
	for await (const records of readToEnd(log, from, begin)) {
		for (const record of records) {
			const consumed = consume(record, "control");
			if (consumed.kind !== "read" || consumed.record.type !== "inputs.skipped") continue;
			const { topic, from: first, until } = consumed.record;
			if (topic === "control" && first === at && until === begin) return consumed;
		}
	}
	return null;
}
