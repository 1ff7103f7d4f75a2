/**
 * Headers of a record, written and read: those of a CloudEvent (event.ts), W3C trace context, and Assent's own.
 *
 * Headers lie outside the ledger's leaves, so that no decision may depend on them, but for a signature of the leaf's own input: that it
 * is there and holds is known again from the input, or the input is rejected.
 */

import { hasControls, NAME_LENGTH_MAX } from "../model/bounds.ts";
import type { ReplyAddress } from "../model/inputs.ts";

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
	publisher: "assent-publisher",
	signature: "assent-signature",
} as const;

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
