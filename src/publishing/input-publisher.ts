/**
 * Publishing to `intents`: what is handed over within one turn of the event loop goes out together for each partition, in
 * appends of bounded size. A publisher may repeat (the processor deduplicates by id); it never gives up silently.
 */
import { randomUUID } from "node:crypto";
import { sha256Hex } from "../core/base/digest.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { checkPublishable, encodeInput } from "../core/codec/encode.ts";
import { inputEvent } from "../core/codec/event.ts";
import { sealIntent } from "../core/codec/sealed.ts";
import { publisherHeaders, publisherMessage, type SignedParts } from "../core/codec/signed.ts";
import { type IntentSubmitted, type IntentsRecord, type StoredInput, subjectOf } from "../core/model/inputs.ts";
import { type Layout, routeOf } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import type { Clock } from "../ports/clock.ts";
import { type Headers, type Log, type OutRecord, TOPICS } from "../ports/log/log.ts";
import { erasedCall, type PayloadKeys } from "../ports/payload-keys.ts";
import type { Signer } from "../ports/signer.ts";
import { cutAppends } from "./append-bounds.ts";

export interface Published {
	readonly partition: number;
	readonly offset: Offset;
}

export interface InputPublisherOptions {
	readonly log: Log;
	readonly layout: Layout;
	readonly clock: Clock;
	/** The CloudEvents source: `assent/client`, `assent/gateway`, … */
	readonly source: string;
	/** Signs every record; null: none is signed. */
	readonly publisher: Publisher | null;
	/** Seals intents; null: they are published in the clear. */
	readonly sealing?: PayloadKeys | null;
}

/** Whose records they are, where the policies name publishers (docs/policies/trust.md). */
export interface Publisher {
	/** As the policies name it. */
	readonly name: string;
	readonly signer: Signer;
}

interface Waiting {
	readonly record: OutRecord;
	readonly resolve: (published: Published) => void;
	readonly reject: (why: unknown) => void;
}

export class InputPublisher {
	readonly #options: InputPublisherOptions;
	readonly #waiting = new Map<number, Waiting[]>();
	/** Of sealed intents: what is erased cannot be sealed once more. */
	readonly #digests = new WeakMap<IntentSubmitted, string>();
	#isScheduled = false;

	constructor(options: InputPublisherOptions) {
		this.#options = options;
	}

	/**
	 * Partition and key follow from the principal of the record. Rejects with RECORD_OVERSIZED, RECORD_FIELD or what `stored` throws
	 * before anything is sent, and with what the log throws.
	 */
	async publish(record: IntentsRecord, headers: Headers = {}): Promise<Published> {
		const { layout, clock, source } = this.#options;
		const { partition, key } = routeOf(layout, subjectOf(record));
		const id = record.type === "intent.submitted" ? record.id : randomUUID();
		const event = inputEvent(this.stored(record), { id, source, time: clock.now() });
		const fault = checkPublishable(event.value);
		if (!fault.ok) {
			throw new AssentError(problem(fault.error.code, fault.error.message, "send less in the arguments"));
		}
		if (this.#isSealed(record)) this.#digests.set(record, sha256Hex(event.value));
		const unsigned = { key, value: event.value, headers: { ...event.headers, ...headers } };
		return this.#enqueue(partition, { ...unsigned, headers: this.#signed({ partition, ...unsigned }) });
	}

	/** The record as it is published: the same however often it is asked. Throws RECORD_ERASED and ASSENT_PAYLOAD_KEYS. */
	stored(record: IntentsRecord): StoredInput {
		const { sealing = null } = this.#options;
		if (sealing === null || !this.#isSealed(record)) return record;
		const { tenant, agent, session } = record.principal;
		const call = { tenant, agent, session, id: record.id };
		const secret = sealing.find(call);
		if (secret === null || secret === "erased") throw erasedCall(call);
		return sealIntent(record, secret);
	}

	/** SHA-256 of the bytes as which an intent is published; of one that was erased, as it was published from here. Empty where that is not known. */
	digestOf(intent: IntentSubmitted): string {
		const known = this.#digests.get(intent);
		if (known !== undefined) return known;
		try {
			return sha256Hex(encodeInput(this.stored(intent)));
		} catch {
			return "";
		}
	}

	#isSealed(record: IntentsRecord): record is IntentSubmitted {
		return (this.#options.sealing ?? null) !== null && record.type === "intent.submitted";
	}

	#signed(parts: SignedParts): Headers {
		const { publisher } = this.#options;
		if (publisher === null) return parts.headers;
		const { name, signer } = publisher;
		return { ...parts.headers, ...publisherHeaders(name, signer.sign(publisherMessage(parts))) };
	}

	#enqueue(partition: number, record: OutRecord): Promise<Published> {
		return new Promise((resolve, reject) => {
			const queue = this.#waiting.get(partition) ?? [];
			this.#waiting.set(partition, queue);
			queue.push({ record, resolve, reject });
			if (this.#isScheduled) return;
			this.#isScheduled = true;
			queueMicrotask(() => this.#flush());
		});
	}

	#flush(): void {
		this.#isScheduled = false;
		const queues = [...this.#waiting];
		this.#waiting.clear();
		for (const [partition, queue] of queues) {
			// Not awaited one by one: a log carries appends out in the order in which they were called.
			for (const part of cutAppends(queue, ({ record }) => record.value.length)) void this.#send(partition, part);
		}
	}

	async #send(partition: number, part: readonly Waiting[]): Promise<void> {
		try {
			// Durable at the latest with the ledger's append that answers it: until then nobody has acted on it.
			const records = part.map((each) => each.record);
			const to = { topic: TOPICS.intents, partition };
			const appended = await this.#options.log.append(to, records, { durability: "ordered" });
			if (appended.kind !== "appended") {
				const why =
					appended.kind === "failed"
						? appended.problem
						: problem(
								"ASSENT_LOG_UNAVAILABLE",
								"the record may not have been published",
								"publish it again under the same id",
							);
				throw new AssentError(why);
			}
			for (const [index, each] of part.entries()) each.resolve({ partition, offset: appended.base + index });
		} catch (thrown) {
			for (const each of part) each.reject(thrown);
		}
	}
}
