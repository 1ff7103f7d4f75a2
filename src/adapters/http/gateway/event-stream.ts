/**
 * Events as the lines of a server-sent stream, pulled one by one: whoever reads slowly is waited for, and no more than a buffer is kept.
 * A stream that ends says why in a last event, which has no id: whoever comes back goes on behind the last that it was told.
 */
import { Readable } from "node:stream";
import type { GovernanceEvent } from "../../../core/ledger/projections/events.ts";
import type { DurationMs } from "../../../core/model/units.ts";
import type { PlacedEvent } from "../../../operations/events.ts";
import { derivedOnce } from "../../../operations/shared-reads.ts";

type Events = AsyncGenerator<PlacedEvent, void, void>;

/** `time`: it was open for as long as a stream may be; `credential`: that has expired or was revoked; `slow`: nothing was taken for a while. */
export type StreamEnd = "time" | "credential" | "closing" | "slow";

/** Bytes that are read ahead of the reader. */
const BUFFER_BYTES = 65_536;

export interface StreamParts {
	/** A reader that takes nothing for so long ends the stream, and one that does not take its end for as long is cut off. */
	readonly stallMs: DurationMs;
	/** Why the events ended. */
	readonly endedBy: () => StreamEnd;
}

/** `first` was taken from `events` before. */
export function eventStream(first: IteratorResult<PlacedEvent, void>, events: Events, parts: StreamParts): Readable {
	return new EventStream(first, events, parts);
}

class EventStream extends Readable {
	readonly #events: Events;
	readonly #parts: StreamParts;
	#next: Promise<IteratorResult<PlacedEvent, void>>;
	#isPumping = false;
	#isOver = false;
	#stalled: NodeJS.Timeout | undefined;

	constructor(first: IteratorResult<PlacedEvent, void>, events: Events, parts: StreamParts) {
		super({ highWaterMark: BUFFER_BYTES });
		this.#events = events;
		this.#parts = parts;
		this.#next = Promise.resolve(first);
	}

	override _read(): void {
		if (this.#isOver) return;
		clearTimeout(this.#stalled);
		if (!this.#isPumping) void this.#pump();
	}

	override _destroy(thrown: Error | null, done: (thrown?: Error | null) => void): void {
		this.#isOver = true;
		clearTimeout(this.#stalled);
		// Which may take a while: nothing waits for it.
		void this.#events.return().catch(() => {});
		done(thrown);
	}

	/** Until the buffer is full. */
	async #pump(): Promise<void> {
		this.#isPumping = true;
		try {
			for (;;) {
				const next = await this.#next;
				if (this.#isOver) return;
				if (next.done === true) return this.#end(this.#parts.endedBy());
				this.#next = this.#events.next();
				// Somebody asks for it later, or nobody does.
				this.#next.catch(() => {});
				if (!this.push(textOf(next.value))) break;
			}
		} catch (thrown) {
			this.destroy(thrown as Error);
		} finally {
			this.#isPumping = false;
		}
		this.#stalled = setTimeout(() => this.#end("slow"), this.#parts.stallMs);
	}

	#end(why: StreamEnd): void {
		this.#isOver = true;
		this.push(`event: stream_ended\ndata: ${JSON.stringify({ reason: why })}\n\n`);
		this.push(null);
		clearTimeout(this.#stalled);
		this.#stalled = setTimeout(() => this.destroy(), this.#parts.stallMs);
		void this.#events.return().catch(() => {});
	}
}

function textOf({ event, place }: PlacedEvent): string {
	return event === null ? `: nothing new\nid: ${place}\n\n` : `id: ${place}\n${linesOf(event)}`;
}

/** The same for everybody who hears it. */
const linesOf = derivedOnce((event: GovernanceEvent): string => {
	const { type, ...data } = event;
	return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
});
