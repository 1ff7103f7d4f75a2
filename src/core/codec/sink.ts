/**
 * Where records are written: one behind the other in slabs, for a buffer of its own for each costs more than writing it.
 * Encoding is synchronous, so that one sink serves all records.
 */
import { type BodyFault, fail } from "./body-fault.ts";

export interface Sink extends BodyFault {
	/** The slab: what is in front of `start` was handed out and is never written again. */
	buffer: Buffer;
	/** Where the record begins, and where its next byte goes. */
	start: number;
	at: number;
	/** Bytes that the record may have, header included. */
	limit: number;
}

const SLAB_BYTES = 65_536;
/** A record larger than this has a buffer of its own. */
const SHARING_MAX = SLAB_BYTES / 4;

export const createSink = (): Sink => ({
	buffer: Buffer.allocUnsafeSlow(SLAB_BYTES),
	start: 0,
	at: 0,
	limit: 0,
	code: "RECORD_FIELD",
	what: "",
	path: "",
});

/** Begins a record with its header. */
export function beginRecord(sink: Sink, header: Uint8Array, limit: number): void {
	sink.at = sink.start;
	sink.limit = limit;
	sink.path = "";
	if (sink.at + header.length > sink.buffer.length) move(sink, SLAB_BYTES);
	const { buffer, at } = sink;
	for (let index = 0; index < header.length; index++) buffer[at + index] = header[index] as number;
	sink.at = at + header.length;
}

/** The record's bytes. */
export function endRecord(sink: Sink): Uint8Array {
	const { buffer, start, at } = sink;
	if (at - start > SHARING_MAX) {
		sink.at = start;
		return Uint8Array.from(buffer.subarray(start, at));
	}
	sink.start = at;
	return new Uint8Array(buffer.buffer, start, at - start);
}

/** Makes room for this many more bytes. */
export function hasRoom(sink: Sink, bytes: number): boolean {
	const { buffer, start, at, limit } = sink;
	if (at + bytes <= buffer.length) return true;
	// Texts ask for more than they may take, so that the limit itself is checked on what has been written.
	if (at - start > limit) return fail(sink, "RECORD_OVERSIZED", `ends beyond the limit of ${limit} bytes`);
	move(sink, Math.max(SLAB_BYTES, 2 * (at - start + bytes)));
	return true;
}

/** Takes what was written of the record to a new slab. */
function move(sink: Sink, bytes: number): void {
	const slab = Buffer.allocUnsafeSlow(bytes);
	sink.buffer.copy(slab, 0, sink.start, sink.at);
	sink.buffer = slab;
	sink.at -= sink.start;
	sink.start = 0;
}
