/** Inputs without effect on any table: what their entries say. */

import { commitment } from "../../base/digest.ts";
import type { ErrorCode } from "../../base/errors.ts";
import { cutTo, MESSAGE_LENGTH_MAX } from "../../model/bounds.ts";
import type { EntryHead, InputRejectedEntry, LedgerEntry, Severity } from "../../model/entries.ts";
import type { CallId } from "../../model/ids.ts";
import type { InputRecord, IntentSubmitted } from "../../model/inputs.ts";
import type { Input, UnreadableInput } from "../input.ts";
import { REJECTIONS, type Rejection } from "../reasons.ts";

export function unreadable(head: EntryHead, input: UnreadableInput): LedgerEntry {
	const code = UNREADABLE[input.code] ?? "record.unreadable";
	return {
		...head,
		kind: "input.rejected",
		code,
		detail: cutTo(`${input.code}: ${input.detail}`, MESSAGE_LENGTH_MAX),
		call: input.call ?? NO_CALL,
		commitment: "",
		severity: REJECTIONS[code].severity,
		recordDigest: input.recordDigest,
	};
}

/** What cannot be read for want of its key alone. */
const UNREADABLE: Readonly<Partial<Record<ErrorCode, Rejection>>> = {
	RECORD_SEALED: "record.sealed",
	RECORD_ERASED: "record.erased",
};

export const NO_CALL: CallId = { tenant: "", agent: "", id: "" };

export function rejected(head: EntryHead, code: Rejection, call: CallId = NO_CALL, about = ""): InputRejectedEntry {
	const { detail, severity }: { detail: string; severity: Severity } = REJECTIONS[code];
	return { ...head, kind: "input.rejected", code, detail, call, commitment: about, severity, recordDigest: "" };
}

/** A rejection of a record as a whole, whatever it says. */
export const rejectedInput = (head: EntryHead, code: Rejection, record: InputRecord): InputRejectedEntry =>
	rejected(head, code, callOf(record), record.type === "intent.submitted" ? commitmentOf(record) : "");

/** The call in one number that says nothing of its arguments. */
export const commitmentOf = ({ salt, tool, argsText }: IntentSubmitted): string => commitment(salt, tool, argsText);

/** Replaces an entry that cannot be written: the same head and effects, no effect of its own. */
export function rejectOversized(head: EntryHead, input: Input): InputRejectedEntry {
	const { seq, at, semantics, cause, causeTime, late, ahead, effects, stateDigest } = head;
	const bare: EntryHead = { seq, at, semantics, cause, causeTime, late, ahead, effects, stateDigest };
	if (input.kind === "unreadable") return rejected(bare, "entry.oversized", input.call ?? NO_CALL);
	return rejectedInput(bare, "entry.oversized", input.record);
}

/** The call that a record is about. */
function callOf(record: InputRecord): CallId {
	if (record.type === "intent.submitted") {
		return { tenant: record.principal.tenant, agent: record.principal.agent, id: record.id };
	}
	return "call" in record ? record.call : NO_CALL;
}
