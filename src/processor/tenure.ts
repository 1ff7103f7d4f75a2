/**
 * The time between a claim and whatever ends it: inputs are read in order, decided, appended at the expected offset and,
 * once that is acknowledged, released. The promises I1 to I4 are those of the partition's life (partition.ts).
 */

import { traceOf } from "../core/codec/trace.ts";
import { isIssued } from "../core/engine/decide/signer.ts";
import type { Folded } from "../core/ledger/fold.ts";
import type { LedgerHead } from "../core/ledger/validity.ts";
import { ENTRY_BYTES_MAX } from "../core/model/bounds.ts";
import type { ControlRecord, InputRecord, InputTopic, IntentSubmitted, PolicyActivated } from "../core/model/inputs.ts";
import type { Offset } from "../core/model/units.ts";
import type { Signer } from "../core/policy/trust-index.ts";
import { type LogRecord, TOPICS } from "../ports/log/log.ts";
import { isFullFor } from "../publishing/append-bounds.ts";
import { type Consumed, consume, heldIntentOffset, inputOf, READY, type Ready } from "../reading/consumed.ts";
import { intentAt } from "../reading/intent-at.ts";
import { trustOf } from "../reading/signers.ts";
import type { Claimed, Loss } from "./claim.ts";
import { InputQueue, type Waiting } from "./input-queue.ts";
import type { PartitionContext } from "./partition-context.ts";
import { Pauses } from "./pauses.ts";
import { BACKLOG_MAX, type Releaser } from "./release.ts";
import type { Restored } from "./restore.ts";
import { type LedgerEnd, Snapshots } from "./snapshots.ts";
import { type Append, activates, beginAppend, step } from "./step.ts";
import { Ticker } from "./ticker.ts";

/** `next` is the offset of the ledger that its next record gets, `head` how that is judged. */
export type Look<Seen> = (folded: Folded, place: { readonly head: LedgerHead; readonly next: Offset }) => Seen;

export class Tenure {
	readonly #context: PartitionContext;
	readonly #claimed: Claimed;
	readonly #folded: Folded;
	readonly #releaser: Releaser;
	readonly #ticker: Ticker;
	readonly #inputs: InputQueue;
	readonly #snapshots: Snapshots;
	/** The offset that the next append must get. */
	#expected: Offset;
	/** The policies in force cannot be compiled here: intents wait. */
	#isBlind = false;
	/** While policies are compiled or compared that an activation names: ends with that. */
	#preparing: AbortController | null = null;
	/** The halt behind which a control record of an unknown schema was passed over. */
	#haltAt: Offset = 0;
	readonly #pauses: Pauses;
	/** The last entry of the last append, as stored. */
	#leaf: Uint8Array = new Uint8Array();
	readonly #over = new AbortController();
	/** While the state is ahead of what is acknowledged: settles when it is no more. */
	#ahead: PromiseWithResolvers<void> | null = null;

	constructor(context: PartitionContext, claimed: Claimed, restored: Restored, releaser: Releaser) {
		this.#context = context;
		this.#claimed = claimed;
		this.#folded = restored.folded;
		this.#releaser = releaser;
		this.#ticker = new Ticker(context);
		this.#inputs = new InputQueue(context, restored.folded.state, this.#isIssued);
		this.#pauses = new Pauses(context);
		this.#expected = claimed.offset + 1;
		this.#snapshots = new Snapshots(context, restored, releaser, this.#over.signal);
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
		const { catalogue, log, standing } = this.#context;
		standing.reached(this.#folded.state);
		// A projection that cannot be published ends the tenure even while nothing comes in.
		const end = AbortSignal.any([stop, this.#releaser.failed]);
		await this.#inputs.putControlFirst();
		while (!end.aborted) {
			await this.#look();
			const { topic, records } = await this.#inputs.next(this.#waiting);
			// Not before: one whose inputs cannot be read fails again at each try and must not look well in between.
			if (!this.#isBlind) standing.enter("deciding");
			if (records.length === 0) {
				await this.#idle(end);
				continue;
			}
			const signers = await this.#publishersOf(topic, records);
			const locked: Offset[] = [];
			const append = beginAppend(this.#claimed.id, this.#folded.state.nextSeq);
			for (const [at, record] of records.entries()) {
				if (this.#isFull(append)) break;
				const consumed = consume(record, topic, log.payloads);
				if (!consumed.read.ok && consumed.read.error.code === "RECORD_SEALED") locked.push(record.offset);
				const prepared = needsNothing(consumed) ? READY : await this.#prepare(consumed, append.records.length > 0, end);
				if (prepared === null) break;
				const ready = signers === null ? prepared : { ...prepared, signer: signers[at] ?? null };
				const isBlind = this.#isPassing(consumed) || this.#pauses.isBlind(this.#folded.state);
				const input = inputOf(consumed, this.#context.clock.now(), ready, isBlind);
				this.#ahead ??= Promise.withResolvers();
				step(this.#folded, append, input, catalogue, traceOf(consumed.from.headers));
			}
			this.#tellLocked(locked);
			const failure = await this.#commit(append);
			if (failure !== null) return failure;
			this.#settle();
		}
		await this.#releaser.settled();
		const { failure } = this.#releaser;
		if (failure !== null && !stop.aborted) {
			return { kind: "unpublished", why: `a projection could not be published: ${failure}` };
		}
		await this.#snapshots.writeLast(this.#place());
		return null;
	}

	/** Intents whose key is not at hand: denied, and told, for whoever publishes and whoever decides use different files of keys. */
	#tellLocked([offset, ...others]: readonly Offset[]): void {
		const { partition, standing, telemetry } = this.#context;
		if (offset === undefined) return;
		standing.locked(1 + others.length);
		telemetry.error("payload.sealed", { partition, offset, intents: 1 + others.length });
	}

	/** Who has signed these intents, outcomes and abandonments; null where nobody must. No step of theirs changes whose keys are believed. */
	async #publishersOf(topic: InputTopic, records: readonly LogRecord[]): Promise<readonly (Signer | null)[] | null> {
		const { catalogue, signers } = this.#context;
		const trust = topic === "intents" ? trustOf(catalogue, this.#folded.state.policy.digest) : null;
		if (trust === null || trust.publishers === null) return null;
		return signers.publishersOf(records, trust);
	}

	/** Who has signed a control record; null: nobody whose key is believed. */
	#issuerOf(from: LogRecord, record: InputRecord): Signer | null {
		const { catalogue, signers } = this.#context;
		if (from.topic !== TOPICS.control) return null;
		return signers.issuerOf(from, record as ControlRecord, { catalogue, inForce: this.#folded.state.policy.digest });
	}

	/** Would a control record further on count, by what is in force now? */
	readonly #isIssued = (from: LogRecord, record: ControlRecord): boolean => {
		const { policy } = this.#folded.state;
		if (policy.signed && this.#pauses.isBlind(this.#folded.state)) return false;
		return isIssued(trustOf(this.#context.catalogue, policy.digest), record, this.#issuerOf(from, record));
	};

	/** Whether there are policies to decide by. When they have come back, what control gained meanwhile goes first. */
	async #look(): Promise<void> {
		const was = this.#isBlind;
		this.#isBlind = await this.#pauses.lookFor(this.#folded.state);
		if (!was || this.#isBlind) return;
		this.#pauses.over();
		await this.#inputs.putControlFirst();
	}

	/** Control between a record that was passed over and the halt behind which it was: nobody knows what is in force there. */
	#isPassing({ topic, from }: Consumed): boolean {
		return topic === "control" && from.offset < this.#haltAt;
	}

	/** One more entry may not fit. */
	#isFull({ records, bytes }: Append): boolean {
		return isFullFor({ records: records.length, bytes }, ENTRY_BYTES_MAX, this.#context.known.appendBytesMax);
	}

	/**
	 * What the step needs beside the record. Null: the batch ends before this record, because it must wait and entries
	 * before it are still to be committed, or because the tenure ended while waiting.
	 */
	async #prepare(consumed: Consumed, isBegun: boolean, end: AbortSignal): Promise<Ready | null> {
		const { read } = consumed;
		if (!read.ok) {
			const isNewer = consumed.topic === "control" && read.error.unknownSchema;
			if (isNewer && !this.#isPassing(consumed)) {
				const haltAt = isBegun ? null : await this.#pauses.awaitHalt(consumed.from, end, this.#isIssued);
				if (haltAt === null) return null;
				this.#haltAt = haltAt;
				await this.#inputs.putControlFirst();
			}
			return READY;
		}
		const record = read.value;
		const signer = this.#issuerOf(consumed.from, record);
		// One that nobody believes is not waited for.
		if (activates(this.#folded.state, record) && this.#isIssued(consumed.from, record)) {
			const { digest } = record;
			if (isBegun && !this.#context.catalogue.isGood(digest)) return null;
			if (!(await this.#pauses.awaitBundle(digest, consumed.from, end))) return null;
			return this.#prepareActivation(consumed.from, record, isBegun);
		}
		const offset = heldIntentOffset(this.#folded.state, record);
		return {
			...READY,
			...(signer === null ? {} : { signer }),
			heldIntent: offset === null ? undefined : await this.#intentAt(offset),
		};
	}

	async #intentAt(offset: Offset): Promise<IntentSubmitted | null> {
		const { log, partition } = this.#context;
		const intent = await intentAt(log, partition, offset);
		return typeof intent === "string" ? null : intent;
	}

	/** Null: as `#prepare` says, or the set is still being compiled or compared. */
	async #prepareActivation(from: LogRecord, record: PolicyActivated, isBegun: boolean): Promise<Ready | null> {
		const { catalogue, reviews } = this.#context;
		const { policy } = this.#folded.state;
		if (catalogue.isUnprepared(record.digest) && !(await this.#isOver(catalogue.prepare(record.digest)))) return null;
		// A set that is compiled where it is needed is good or not from here on.
		catalogue.get(record.digest);
		if (reviews.isNeeded(policy, record) === null) {
			if (isBegun || !(await this.#isOver(reviews.compare(policy, record)))) return null;
		}
		// By the keys of the set that it names, too: that is compiled now.
		const signer = this.#issuerOf(from, record);
		return { ...READY, signer, needsReview: reviews.isNeeded(policy, record) !== false };
	}

	/** Waits for what an activation needs. False: intents go on under the set in force meanwhile, and control, which this is of, waits. */
	async #isOver(work: Promise<void>): Promise<boolean> {
		const canGoOn = this.#folded.state.policy.digest !== "" && !this.#isBlind && this.#inputs.isControlTaken;
		if (!canGoOn) {
			await work;
			return true;
		}
		const preparing = new AbortController();
		this.#preparing = preparing;
		void work.then(() => {
			this.#preparing = null;
			preparing.abort();
		});
		return false;
	}

	get #waiting(): Waiting {
		if (this.#preparing !== null) return "control";
		return this.#isBlind ? "intents" : "none";
	}

	/** Appends at the expected offset and releases what is valid. A loss means that the state must be dropped. */
	async #commit(append: Append): Promise<Loss | null> {
		if (append.records.length === 0) return null;
		const { log, partition, meter, known, standing } = this.#context;
		const to = { topic: TOPICS.decisions, partition };
		const startedAt = performance.now();
		const expected = this.#expected;
		const underWay = log.append(to, append.records, { expected });
		const answered = this.#releaser.answer(append.releasables, { append: underWay, base: expected });
		const appended = await underWay;
		switch (appended.kind) {
			case "appended":
				break;
			case "superseded":
				// Whoever wrote may have done so under a claim that is not in force: then these entries count.
				known.unconfirmed = append;
				return { kind: "superseded", why: "superseded: somebody else wrote to the ledger" };
			case "withheld":
				return { kind: "failed", why: "the append was withheld" };
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
		this.#releaser.release(answered);
		this.#leaf = append.records.at(-1)?.value ?? this.#leaf;
		if (this.#releaser.backlog > BACKLOG_MAX) await this.#releaser.settled();
		this.#snapshots.writeIfDue(this.#place());
		return null;
	}

	#place(): LedgerEnd {
		return { claimId: this.#claimed.id, ledgerOffset: this.#expected, leaf: this.#leaf };
	}

	/** Waits for records, or for the time at which something falls due. */
	async #idle(end: AbortSignal): Promise<void> {
		const timeoutMs = await this.#ticker.tick(this.#folded.state);
		const more = this.#isBlind ? [this.#pauses.position] : [];
		const signal = this.#preparing === null ? end : AbortSignal.any([end, this.#preparing.signal]);
		await this.#context.log.waitFor([...this.#inputs.positions(this.#waiting), ...more], { timeoutMs, signal });
	}
}

/** Nearly every record: an intent or an outcome that was read is decided as it is. */
const needsNothing = ({ read }: Consumed): boolean =>
	read.ok && (read.value.type === "intent.submitted" || read.value.type === "outcome.reported");
