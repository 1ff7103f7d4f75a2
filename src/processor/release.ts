/**
 * Release: what may happen only after an entry is known to be valid. Replies, violations, checkpoints and dead letters, in
 * the order of the ledger; the next batch of a topic goes out only after the one before it is acknowledged.
 *
 * R1  Nothing enters here that is not a valid entry of the ledger (the partition's life calls it after a dense
 *     acknowledgement, or for entries read below its own claim).
 */
import { encodeDerived } from "../core/codec/encode.ts";
import { ceHeaders, replyHeaders } from "../core/codec/headers.ts";
import { checkpointOf, deadLetterOf, repliesOf, violationsOf } from "../core/ledger/projections.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import { callKey } from "../core/model/ids.ts";
import type { ReplyAddress } from "../core/model/inputs.ts";
import type { DerivedRecord } from "../core/model/records.ts";
import { type Log, type OutRecord, TOPICS } from "../ports/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { pause } from "./pause.ts";

/** A valid entry with what its projections need and the entry does not carry. */
export interface Releasable {
	readonly entry: LedgerEntry;
	/** Where the input wanted its answer; null for entries of the past, whose clients ask again. */
	readonly address: ReplyAddress | null;
	/** Merkle root over the leaves before it, where the entry carries a state digest; else empty. */
	readonly root: string;
	/** Policies in force when it was decided. */
	readonly policyDigest: string;
}

const ATTEMPTS_MAX = 8;

export class Releaser {
	readonly #log: Log;
	readonly #partition: number;
	readonly #telemetry: Telemetry;
	#last: Promise<void> = Promise.resolve();
	#backlog = 0;
	#failure: string | null = null;
	readonly #failed = new AbortController();

	constructor(of: { log: Log; partition: number; telemetry: Telemetry }) {
		this.#log = of.log;
		this.#partition = of.partition;
		this.#telemetry = of.telemetry;
	}

	/** Batches not yet acknowledged. */
	get backlog(): number {
		return this.#backlog;
	}

	/** Why a projection could not be published; the partition then claims again and sends it from the tail on. */
	get failure(): string | null {
		return this.#failure;
	}

	/** Aborts with the first failure, so that who waits for something else hears of it. */
	get failed(): AbortSignal {
		return this.#failed.signal;
	}

	/** Queues a batch. `withReplies: false` for entries of the past. */
	release(batch: readonly Releasable[], options: { readonly withReplies: boolean }): void {
		const byTopic = projectionsOf(batch, options.withReplies);
		if (byTopic.size === 0) return;
		this.#backlog += 1;
		this.#last = this.#last
			.then(() => this.#send(byTopic))
			.finally(() => {
				this.#backlog -= 1;
			});
	}

	/** Resolves when everything queued so far is acknowledged or given up. */
	settled(): Promise<void> {
		return this.#last;
	}

	/** Checkpoints last: one that is published says that all before it is. */
	async #send(byTopic: ReadonlyMap<string, readonly OutRecord[]>): Promise<void> {
		if (this.#failure !== null) return;
		const others = [...byTopic].filter(([topic]) => topic !== TOPICS.checkpoints);
		await Promise.all(others.map(([topic, records]) => this.#publish(topic, records)));
		const checkpoints = byTopic.get(TOPICS.checkpoints);
		if (checkpoints !== undefined && this.#failure === null) await this.#publish(TOPICS.checkpoints, checkpoints);
	}

	/** Retried with growing pauses. A reply that cannot be delivered must not stop a partition: its client asks again. */
	async #publish(topic: string, records: readonly OutRecord[]): Promise<void> {
		const isReply = topic === TOPICS.replies || topic.startsWith(`${TOPICS.replies}.`);
		let why = "";
		for (let attempt = 0; attempt < (isReply ? 2 : ATTEMPTS_MAX); attempt++) {
			if (attempt > 0) await pause(10 * 2 ** attempt);
			try {
				const sent = await this.#log.append({ topic, partition: this.#partition }, records, { durability: "ordered" });
				if (sent.kind === "appended") return;
				why = sent.kind;
			} catch (thrown) {
				why = thrown instanceof Error ? thrown.message : String(thrown);
			}
		}
		const facts = { topic, partition: this.#partition, records: records.length, why };
		if (isReply) {
			this.#telemetry.warn("reply.undelivered", facts);
			return;
		}
		this.#failure ??= why;
		this.#failed.abort();
		this.#telemetry.error("projection.unpublished", facts);
	}
}

function projectionsOf(batch: readonly Releasable[], withReplies: boolean): Map<string, OutRecord[]> {
	const byTopic = new Map<string, OutRecord[]>();
	const put = (topic: string, record: OutRecord): void => {
		const records = byTopic.get(topic);
		if (records === undefined) byTopic.set(topic, [record]);
		else records.push(record);
	};
	for (const { entry, address, root, policyDigest } of batch) {
		if (withReplies) {
			for (const { address: to, reply } of repliesOf(entry, address, policyDigest)) {
				const record = outRecord(reply, `${reply.partition}-${reply.seq}`, entry.at, callKey(reply.call));
				put(to.topic, { ...record, headers: { ...record.headers, ...replyHeaders(to.replyId, reply.call.id) } });
			}
		}
		for (const violation of violationsOf(entry)) {
			put(TOPICS.violations, outRecord(violation, violation.id, entry.at, callKey(violation.call)));
		}
		const checkpoint = checkpointOf(entry, root, policyDigest);
		if (checkpoint !== null) put(TOPICS.checkpoints, outRecord(checkpoint, checkpoint.id, entry.at, null));
		const letter = deadLetterOf(entry);
		if (letter !== null)
			put(
				TOPICS.deadLetters,
				outRecord(letter, `${letter.topic}-${letter.partition}-${letter.offset}`, entry.at, null),
			);
	}
	return byTopic;
}

function outRecord(record: DerivedRecord, id: string, time: number, key: string | null): OutRecord {
	const value = encodeDerived(record);
	return { key, value, headers: ceHeaders({ id, type: record.type, source: "assent/processor", time, value }) };
}
