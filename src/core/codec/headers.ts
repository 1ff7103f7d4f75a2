/**
 * Headers of a record: CloudEvents 1.0 in binary mode (Kafka protocol binding), W3C trace context, and Assent's own.
 *
 * Headers lie outside the ledger's leaves, so that no decision may depend on them.
 */

import { hasControls, NAME_LENGTH_MAX } from "../model/bounds.ts";
import type { EntryKind } from "../model/entries.ts";
import type { InputRecord, ReplyAddress } from "../model/inputs.ts";
import type { DerivedRecord } from "../model/records.ts";
import type { EpochMs } from "../model/units.ts";
import { identify } from "./decode.ts";

export type RecordHeaders = Readonly<Record<string, string>>;

/** Names of the headers. `assent-claim`, `assent-seq` and `assent-first` belong to the ledger (core/ledger). */
export const HEADER = {
	contentType: "content-type",
	ceId: "ce_id",
	ceType: "ce_type",
	ceSource: "ce_source",
	ceSpecVersion: "ce_specversion",
	ceTime: "ce_time",
	traceparent: "traceparent",
	schema: "assent-schema",
	intent: "assent-intent",
	replyTo: "assent-reply-to",
	replyId: "assent-reply-id",
} as const;

export type RecordType = InputRecord["type"] | EntryKind | DerivedRecord["type"];

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

export interface EventFacts {
	/** Unique within `source`; the same however often the record is sent. */
	readonly id: string;
	readonly type: RecordType;
	/** A URI reference that says who made the record, such as `assent/processor/host-1`. */
	readonly source: string;
	readonly time: EpochMs;
	/** The encoded record: its first bytes name the schema. */
	readonly value: Uint8Array;
}

/** CloudEvents in binary mode, and the schema's fingerprint for human readers. */
export function ceHeaders({ id, type, source, time, value }: EventFacts): Record<string, string> {
	const headers: Record<string, string> = {
		[HEADER.contentType]: "application/avro",
		[HEADER.ceSpecVersion]: "1.0",
		[HEADER.ceType]: ceType(type),
		[HEADER.ceId]: id,
		[HEADER.ceSource]: source,
	};
	const written = rfc3339(time);
	if (written !== null) headers[HEADER.ceTime] = written;
	const schema = identify(value);
	if (schema !== null) headers[HEADER.schema] = schema.fingerprint;
	return headers;
}

/** What a submission adds: its intent, and where it wants its reply. */
export const submissionHeaders = (intent: string, address: ReplyAddress | null): Record<string, string> =>
	address === null
		? { [HEADER.intent]: intent }
		: { [HEADER.intent]: intent, [HEADER.replyTo]: address.topic, [HEADER.replyId]: address.replyId };

/** What a reply adds: the submission's id, which it echoes, and its intent. */
export const replyHeaders = (replyId: string, intent: string): Record<string, string> => ({
	[HEADER.replyId]: replyId,
	[HEADER.intent]: intent,
});

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

/** W3C Trace Context, the 55 characters that every version begins with; ids of zeros and version `ff` are invalid. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The header that passes a record's trace context on; none when the record has none or a malformed one. */
export function traceHeaders(from: RecordHeaders): Record<string, string> {
	const value = read(from, HEADER.traceparent);
	return value !== null && TRACEPARENT.test(value) ? { [HEADER.traceparent]: value } : {};
}

/** The only topics that a processor ever replies to. */
const REPLY_TOPIC = /^replies(\.[a-z0-9-]{1,64})?$/;

export const isReplyTopic = (topic: string): boolean => REPLY_TOPIC.test(topic);

/** Where a submission wants its reply; null when it says nothing, or anything but `replies` or `replies.<name>`. */
export function readReplyAddress(headers: RecordHeaders): ReplyAddress | null {
	const topic = read(headers, HEADER.replyTo);
	const replyId = read(headers, HEADER.replyId);
	if (topic === null || replyId === null || !isReplyTopic(topic)) return null;
	const isName = replyId.length > 0 && replyId.length <= NAME_LENGTH_MAX;
	return isName && replyId.isWellFormed() && !hasControls(replyId) ? { topic, replyId } : null;
}

const read = (headers: RecordHeaders, name: string): string | null =>
	Object.hasOwn(headers, name) && typeof headers[name] === "string" ? headers[name] : null;
