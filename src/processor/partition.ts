/**
 * One partition's life: claiming, restoring, running, draining. There is one recovery path: whatever is unexpected drops the
 * state, and the partition is claimed again after a jittered pause.
 *
 * I1  Nothing is released that is not a valid entry of the ledger.
 * I2  State that has released anything is the fold of valid entries, never ahead of them.
 * I3  One append in flight; its entries are released only after an acknowledgement at exactly the expected offset.
 * I4  Inputs are consumed in offset order without gaps; after a claim, control is read to its end before any intent.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Folded } from "../core/audit/fold.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { decodeInput } from "../core/codec/decode.ts";
import { encodeInput } from "../core/codec/encode.ts";
import { ceHeaders } from "../core/codec/headers.ts";
import { nextDueAt } from "../core/engine/due.ts";
import type { InputTopic } from "../core/model/entries.ts";
import type { InputRecord, IntentSubmitted } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/records.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import type { Clock } from "../ports/clock.ts";
import { type Log, type LogRecord, TOPICS } from "../ports/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { LogCatalogue } from "./catalogue.ts";
import { type Claimed, claim } from "./claim.ts";
import { Releaser } from "./release.ts";
import { publishedUpTo, restore } from "./restore.ts";
import { writeSnapshot } from "./snapshot.ts";
import { type Append, beginAppend, type Consumed, consume, heldIntentOffset, inputOf, take } from "./step.ts";

/** Appends are cut at 500 entries or 900 KB (DESIGN §2). */
const APPEND_ENTRIES_MAX = 500;
const APPEND_BYTES_MAX = 900_000;
/** Release batches under way before the partition waits for them. */
const BACKLOG_MAX = 64;
/** How long a partition sleeps when nothing comes and nothing is due. */
const IDLE_MS = 60_000;
const TICK_PAUSE_MS = 1_000;

export interface PartitionOptions {
	readonly log: Log;
	readonly partition: number;
	readonly instance: string;
	readonly layout: Layout;
	readonly catalogue: LogCatalogue;
	readonly clock: Clock;
	readonly telemetry: Telemetry;
	/** A snapshot after so many entries, and at a drain when a tenth of that has come since the last. */
	readonly snapshotEvery: number;
}

export class Partition {
	readonly #of: PartitionOptions;
	readonly #stop = new AbortController();
	#life: Promise<void> = Promise.resolve();

	constructor(of: PartitionOptions) {
		this.#of = of;
	}

	/** Rejects only with what makes this process unable to decide here at all (layout, versions, a lost log). */
	start(): Promise<void> {
		this.#life = this.#live();
		return this.#life;
	}

	/** Finishes what is in flight, releases it, and lets go. */
	async drain(): Promise<void> {
		this.#stop.abort();
		await this.#life.catch(() => {});
	}

	async #live(): Promise<void> {
		const { partition, telemetry } = this.#of;
		for (let failures = 0; !this.#stop.signal.aborted; failures++) {
			if (failures > 0) await this.#pause(failures);
			if (this.#stop.signal.aborted) return;
			try {
				const tenure = await this.#take();
				if (tenure === null) continue;
				failures = 0;
				const why = await tenure.run(this.#stop.signal);
				if (why === null) return;
				telemetry.warn("partition.reclaimed", { partition, why });
			} catch (thrown) {
				if (!(thrown instanceof AssentError) || FATAL.has(thrown.code)) throw thrown;
				telemetry.error("partition.failed", { partition, code: thrown.code, why: thrown.message });
			}
		}
	}

	async #take(): Promise<Tenure | null> {
		const { log, partition, instance, layout, clock, telemetry } = this.#of;
		const startedAt = performance.now();
		const claimed = await claim(log, { partition, instance, layout, now: clock.now() });
		if (claimed === null) return null;
		const releaser = new Releaser({ log, partition, telemetry });
		const restored = await restore(log, {
			partition,
			layout,
			claimed,
			resendFrom: await publishedUpTo(log, partition),
			resend: (entry, root, policyDigest) =>
				releaser.release([{ entry, address: null, root, policyDigest }], { withReplies: false }),
		});
		if (restored === null) return null;
		telemetry.info("partition.restored", {
			partition,
			entries: restored.folded.state.nextSeq,
			fromSnapshot: restored.fromSeq,
			ms: Math.round(performance.now() - startedAt),
		});
		return new Tenure(this.#of, claimed, restored.folded, releaser, restored.slot);
	}

	/** Growing, jittered: two that believe they own a partition must not take it from each other for ever. */
	async #pause(failures: number): Promise<void> {
		const jitter = (randomBytes(1)[0] as number) / 255;
		const ms = Math.min(5_000, 20 * 2 ** Math.min(failures, 8)) * (0.5 + jitter);
		await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
	}
}

const FATAL: ReadonlySet<string> = new Set([
	"ASSENT_LAYOUT",
	"ASSENT_LEDGER_NEWER",
	"ASSENT_LEDGER_INVALID",
	"ASSENT_LOG_CLOSED",
	"ASSENT_LOG_OFFSET_GONE",
	"ASSENT_INTERNAL",
]);

/** The time between a claim and whatever ends it. */
class Tenure {
	readonly #of: PartitionOptions;
	readonly #claimed: Claimed;
	readonly #folded: Folded;
	readonly #releaser: Releaser;
	/** The offset that the next append must get. */
	#expected: Offset;
	/** End of control when the partition was claimed: intents wait until it is reached. */
	#controlFirst: Offset | null = null;
	#slot: 0 | 1;
	#snapshotSeq: number;
	/** The offset of a tick that was written and is not consumed yet. */
	#tickAt: Offset | null = null;
	#tickedAt: EpochMs = 0;

	constructor(of: PartitionOptions, claimed: Claimed, folded: Folded, releaser: Releaser, slot: 0 | 1) {
		this.#of = of;
		this.#claimed = claimed;
		this.#folded = folded;
		this.#releaser = releaser;
		this.#expected = claimed.offset + 1;
		this.#slot = slot;
		this.#snapshotSeq = folded.state.nextSeq;
	}

	/** Runs until told to stop (null) or until something unexpected ends the tenure (why). */
	async run(stop: AbortSignal): Promise<string | null> {
		const { log, partition, catalogue } = this.#of;
		const { digest } = this.#folded.state.policy;
		if (digest !== "" && !(await this.#awaitBundle(digest, stop))) return null;
		this.#controlFirst = (await log.bounds({ topic: TOPICS.control, partition })).end;
		while (!stop.aborted) {
			const batch = await this.#nextBatch();
			if (batch.length === 0) {
				await this.#idle(stop);
				continue;
			}
			const append = beginAppend(this.#claimed.id, this.#folded.state.nextSeq);
			for (const consumed of batch) {
				if (append.records.length >= APPEND_ENTRIES_MAX || append.bytes >= APPEND_BYTES_MAX) break;
				const ready = await this.#prepare(consumed, append.records.length > 0, stop);
				if (ready === null) break;
				take(this.#folded, append, inputOf(consumed, this.#of.clock.now(), ready.heldIntent), catalogue);
			}
			const failure = await this.#commit(append);
			if (failure !== null) return failure;
		}
		await this.#releaser.settled();
		await this.#snapshot(this.#of.snapshotEvery / 10);
		return null;
	}

	/** Control that has been received goes first; intents wait until it is read to the end that it had at the claim. */
	async #nextBatch(): Promise<Consumed[]> {
		if (this.#controlFirst !== null) {
			if (this.#folded.state.inputs.control < this.#controlFirst) return this.#read("control");
			this.#controlFirst = null;
		}
		const [control, intents] = await Promise.all([this.#read("control"), this.#read("intents")]);
		return control.length > 0 ? control : intents;
	}

	async #read(topic: InputTopic): Promise<Consumed[]> {
		const { log, partition } = this.#of;
		const at = this.#folded.state.inputs[topic];
		const records = await log.read({ topic, partition }, at, {
			recordsMax: APPEND_ENTRIES_MAX,
			bytesMax: 4 * APPEND_BYTES_MAX,
		});
		assertDense(records, at);
		return records.map((record) => consume(record, topic));
	}

	/**
	 * What the step needs beside the record. Null: the batch ends before this record, because it must wait and entries
	 * before it are still to be committed, or because the partition was told to stop while waiting.
	 */
	async #prepare(
		consumed: Consumed,
		isBegun: boolean,
		stop: AbortSignal,
	): Promise<{ heldIntent: IntentSubmitted | null | undefined } | null> {
		if (consumed.kind === "unreadable") {
			const isNewer = consumed.topic === "control" && consumed.fault.unknownSchema;
			if (isNewer) return isBegun ? null : this.#refuseNewer(consumed.from, stop);
			return { heldIntent: undefined };
		}
		const { record } = consumed;
		if (record.type === "policy.activated" && record.generation >= this.#folded.state.policy.generation) {
			if (isBegun && this.#of.catalogue.get(record.digest) === null) return null;
			if (!(await this.#awaitBundle(record.digest, stop))) return null;
		}
		const offset = heldIntentOffset(this.#folded.state, record);
		return { heldIntent: offset === null ? undefined : await this.#intentAt(offset) };
	}

	/** A control record from a newer version could be a halt: the partition waits for an upgrade rather than pass over it. */
	async #refuseNewer(from: LogRecord, stop: AbortSignal): Promise<null> {
		const { partition, telemetry } = this.#of;
		while (!stop.aborted) {
			telemetry.error("partition.paused", {
				partition,
				offset: from.offset,
				why: "a control record has a schema that this version does not know: upgrade this processor",
			});
			await sleep(30_000, undefined, { signal: stop }).catch(() => {});
		}
		return null;
	}

	/** A policy in force without its bundle: the partition pauses and says so. False: told to stop. */
	async #awaitBundle(digest: string, stop: AbortSignal): Promise<boolean> {
		const { partition, catalogue, telemetry } = this.#of;
		for (let waits = 0; !(await catalogue.load(digest)); waits++) {
			if (stop.aborted) return false;
			if (waits % 30 === 0) {
				telemetry.error("partition.paused", {
					partition,
					digest,
					why: "the bundle of the activated policy is not on the log",
				});
			}
			await catalogue.waitForMore(stop);
		}
		return true;
	}

	async #intentAt(offset: Offset): Promise<IntentSubmitted | null> {
		const { log, partition } = this.#of;
		try {
			const [record] = await log.read({ topic: TOPICS.intents, partition }, offset, { recordsMax: 1 });
			if (record === undefined || record.offset !== offset) return null;
			const read = decodeInput(record.value, "intents");
			return read.ok && read.value.type === "intent.submitted" ? read.value : null;
		} catch (thrown) {
			if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_OFFSET_GONE") return null;
			throw thrown;
		}
	}

	/** Appends at the expected offset and releases what is valid. A reason means that the state must be dropped. */
	async #commit(append: Append): Promise<string | null> {
		if (append.records.length === 0) return null;
		const { log, partition } = this.#of;
		const to = { topic: TOPICS.decisions, partition };
		const appended = await log.append(to, append.records, { expected: this.#expected });
		switch (appended.kind) {
			case "appended":
				break;
			case "superseded":
				return "superseded: somebody else wrote to the ledger";
			case "unknown":
				return `the append may or may not have been written: ${appended.why}`;
			case "failed":
				return `${appended.problem.code}: ${appended.problem.message}`;
		}
		if (appended.base !== this.#expected) return `the append landed at ${appended.base}, not at ${this.#expected}`;
		this.#expected = appended.base + append.records.length;
		this.#releaser.release(append.releasables, { withReplies: true });
		if (this.#releaser.backlog > BACKLOG_MAX) await this.#releaser.settled();
		if (this.#releaser.failure !== null) return `a projection could not be published: ${this.#releaser.failure}`;
		await this.#snapshot(this.#of.snapshotEvery);
		return null;
	}

	/** Waits for records, or for the time at which something falls due, and writes the tick that says so. */
	async #idle(stop: AbortSignal): Promise<void> {
		const { log, partition, clock } = this.#of;
		const { state } = this.#folded;
		if (this.#tickAt !== null && state.inputs.control > this.#tickAt) this.#tickAt = null;
		const now = clock.now();
		const due = nextDueAt(state);
		let timeoutMs = due === null ? IDLE_MS : Math.max(1, Math.min(IDLE_MS, due - now));
		if (due !== null && due <= now) {
			const isPaced = state.streamTime >= due || now - this.#tickedAt >= TICK_PAUSE_MS;
			if (this.#tickAt === null && isPaced) await this.#tick(now);
			timeoutMs = TICK_PAUSE_MS;
		}
		const positions = (["control", "intents"] as const).map((topic) => ({ topic, partition, at: state.inputs[topic] }));
		await log.waitFor(positions, { timeoutMs, signal: stop });
	}

	async #tick(now: EpochMs): Promise<void> {
		const { log, partition, instance } = this.#of;
		const id = randomBytes(8).toString("hex");
		const record: InputRecord = { type: "clock.ticked", id, issuedBy: instance, issuedAt: now };
		const value = encodeInput(record);
		const headers = ceHeaders({ id, type: record.type, source: `assent/processor/${instance}`, time: now, value });
		const appended = await log.append({ topic: TOPICS.control, partition }, [{ key: null, value, headers }]);
		this.#tickedAt = now;
		if (appended.kind === "appended") this.#tickAt = appended.base;
	}

	async #snapshot(every: number): Promise<void> {
		const { log, partition } = this.#of;
		if (this.#folded.state.nextSeq - this.#snapshotSeq < Math.max(1, every)) return;
		// Released first: a restore from this snapshot looks for missing projections only behind it.
		await this.#releaser.settled();
		if (this.#releaser.failure !== null) return;
		await writeSnapshot(log, this.#folded, {
			partition,
			claimId: this.#claimed.id,
			ledgerOffset: this.#expected,
			slot: this.#slot,
		});
		this.#slot = this.#slot === 0 ? 1 : 0;
		this.#snapshotSeq = this.#folded.state.nextSeq;
	}
}

/** Inputs are never compacted: a gap means that records were lost, and deciding on would be deciding without them. */
function assertDense(records: readonly LogRecord[], at: Offset): void {
	for (const [index, record] of records.entries()) {
		if (record.offset === at + index) continue;
		throw new AssentError(
			problem(
				"ASSENT_LOG_OFFSET_GONE",
				`${record.topic}/${record.partition} has offset ${record.offset} where ${at + index} is due`,
				"input topics must not be compacted, and must be kept as long as the ledger",
			),
		);
	}
}
