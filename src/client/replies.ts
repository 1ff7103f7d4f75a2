/** Replies: which record of the reply topic answers what was asked. */
import { decodeDerived } from "../core/codec/decode.ts";
import { HEADER } from "../core/codec/headers.ts";
import type { DecisionReplied } from "../core/model/records.ts";
import type { LogRecord } from "../ports/log/log.ts";

/** The reply in a record, if it is for one of `wanted`: the header is looked at before anything is decoded. */
export function replyFor(record: LogRecord, wanted: { has(replyId: string): boolean }): DecisionReplied | null {
	const replyId = record.headers[HEADER.replyId];
	if (replyId === undefined || !wanted.has(replyId)) return null;
	const read = decodeDerived(record.value);
	return read.ok && read.value.type === "decision.replied" ? read.value : null;
}
