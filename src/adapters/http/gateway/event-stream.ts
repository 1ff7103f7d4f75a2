/** Events as the lines of a server-sent stream, pulled one by one: whoever reads slowly is waited for, and who does not read is cut off. */
import { Readable } from "node:stream";
import type { DurationMs } from "../../../core/model/units.ts";
import type { PlacedEvent } from "../../../operations/events.ts";

type Events = AsyncGenerator<PlacedEvent, void, void>;

/** Bytes that are read ahead of the reader. */
const BUFFER_BYTES = 65_536;

/** `first` was taken from `events` before. A reader that takes nothing for `stallMs` ends the stream, and the events with it. */
export function eventStream(
	first: IteratorResult<PlacedEvent, void>,
	events: Events,
	{ stallMs }: { readonly stallMs: DurationMs },
): Readable {
	const lines = linesOf(first, events, { stallMs, cutOff: () => stream.destroy() });
	const stream: Readable = Readable.from(lines, { objectMode: false, highWaterMark: BUFFER_BYTES });
	return stream;
}

async function* linesOf(
	first: IteratorResult<PlacedEvent, void>,
	events: Events,
	{ stallMs, cutOff }: { readonly stallMs: DurationMs; readonly cutOff: () => void },
): AsyncGenerator<string, void, void> {
	try {
		for (let next = first; next.done !== true; next = await events.next()) {
			const stalled = setTimeout(cutOff, stallMs);
			try {
				yield textOf(next.value);
			} finally {
				clearTimeout(stalled);
			}
		}
	} finally {
		await events.return();
	}
}

function textOf({ event, place }: PlacedEvent): string {
	if (event === null) return `: nothing new\nid: ${place}\n\n`;
	const { type, ...data } = event;
	return `id: ${place}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
