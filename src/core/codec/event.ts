/** A record as a CloudEvent 1.0 in binary mode (Kafka protocol binding): its bytes, and the headers that say what they are. */
import type { EntryKind } from "../model/entries.ts";
import type { StoredInput } from "../model/inputs.ts";
import type { DerivedRecord } from "../model/records.ts";
import type { EpochMs } from "../model/units.ts";
import { encodeDerived, encodeInput, writerOf } from "./encode.ts";
import { HEADER } from "./headers.ts";

export interface EventFacts {
	/** Unique within `source`; the same however often the record is sent. */
	readonly id: string;
	/** A URI reference that says who made the record, such as `assent/processor/host-1`. */
	readonly source: string;
	readonly time: EpochMs;
}

export interface EncodedEvent {
	readonly value: Uint8Array;
	readonly headers: Record<string, string>;
}

/** Throws what `encodeInput` throws. */
export const inputEvent = (record: StoredInput, facts: EventFacts): EncodedEvent => ({
	value: encodeInput(record),
	headers: ceHeaders(record.type, writerOf("input", record.type).fingerprintHex, facts),
});

/** Throws what `encodeDerived` throws. */
export const derivedEvent = (record: DerivedRecord, facts: EventFacts): EncodedEvent => ({
	value: encodeDerived(record),
	headers: ceHeaders(record.type, writerOf("derived", record.type).fingerprintHex, facts),
});

export type RecordType = StoredInput["type"] | EntryKind | DerivedRecord["type"];

/** What stands for the types that name a thing rather than an event. */
const EVENTS: Readonly<Partial<Record<RecordType, string>>> = {
	claim: "partition.claimed",
	"record.dead": "record.quarantined",
	"policy.bundle": "policy.published",
	"snapshot.chunk": "snapshot-chunk.written",
	"snapshot.manifest": "snapshot.completed",
};

/**
 * The CloudEvents type, `dev.assent.<noun>.<past participle>.v1`. An input and the entry that records it may share one
 * (`dev.assent.halt.set.v1`): `ce_source` and `assent-schema` tell them apart.
 */
export const ceType = (type: RecordType): string => `dev.assent.${EVENTS[type] ?? type}.v1`;

/** CloudEvents in binary mode, and the schema's fingerprint for human readers. */
function ceHeaders(type: RecordType, fingerprint: string, { id, source, time }: EventFacts): Record<string, string> {
	const headers: Record<string, string> = {
		[HEADER.contentType]: "application/avro",
		[HEADER.ceSpecVersion]: "1.0",
		[HEADER.ceType]: ceType(type),
		[HEADER.ceId]: id,
		[HEADER.ceSource]: source,
	};
	const written = rfc3339(time);
	if (written !== null) headers[HEADER.ceTime] = written;
	headers[HEADER.schema] = fingerprint;
	return headers;
}

/** The end of the year 9999, after which RFC 3339 has no more digits. */
const RFC3339_MAX: EpochMs = 253_402_300_799_999;

/** `2026-02-03T04:05:06.789Z`, or null for a time that RFC 3339 cannot write. Remembers the last: batches share their time. */
function rfc3339(time: EpochMs): string | null {
	if (time === lastTime.time) return lastTime.text;
	const text = Number.isInteger(time) && time >= 0 && time <= RFC3339_MAX ? new Date(time).toISOString() : null;
	lastTime = { time, text };
	return text;
}

let lastTime: { readonly time: EpochMs; readonly text: string | null } = { time: -1, text: null };
