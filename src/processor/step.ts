/** From bytes to entry bytes: decode, mark, decide, encode, fold. The one place where a record becomes a ledger entry. */

import { sha256Hex } from "../core/base/digest.ts";
import { err, type Result } from "../core/base/result.ts";
import { decodeInput, type RecordFault } from "../core/codec/decode.ts";
import { readReplyAddress } from "../core/codec/headers.ts";
import { headerBytes, NO_TRACE } from "../core/codec/trace.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import type { Input } from "../core/engine/input.ts";
import { decideAndWrite } from "../core/engine/step.ts";
import { type Folded, foldEntry } from "../core/ledger/fold.ts";
import { type EntrySummary, summaryOf } from "../core/ledger/projections/summary.ts";
import { ledgerHeaders } from "../core/ledger/validity.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import { callKey } from "../core/model/ids.ts";
import {
	type ControlRecord,
	type InputRecord,
	type InputTopic,
	type IntentSubmitted,
	isLaterActivation,
	type PolicyActivated,
} from "../core/model/inputs.ts";
import { AHEAD_MAX_MS, type EpochMs, type Offset } from "../core/model/units.ts";
import type { Signer } from "../core/policy/trust-index.ts";
import { DIGEST_EVERY } from "../core/state/digest.ts";
import type { State } from "../core/state/state.ts";
import type { Headers, LogRecord, OutRecord } from "../ports/log/log.ts";
import { UNPUBLISHED } from "../reading/published.ts";
import type { Releasable } from "./release.ts";

/** A record as it was consumed, and what it was read as. */
export interface Consumed {
	readonly from: LogRecord;
	readonly topic: InputTopic;
	readonly read: Result<InputRecord, RecordFault>;
}

/** Is a control record that is read ahead of its turn signed as the policies in force ask for? */
export type IsIssued = (from: LogRecord, record: ControlRecord) => boolean;

export function consume(from: LogRecord, topic: InputTopic): Consumed {
	if (from.unreadable === undefined) return { from, topic, read: decodeInput(from.value, topic) };
	const { unreadable: message } = from;
	const fault = { code: "RECORD_MALFORMED", message, call: null, session: null, unknownSchema: false } as const;
	return { from, topic, read: err(fault) };
}

/** The offset of the intent that a vote needs read again; null when the call is not held here. */
export function heldIntentOffset(state: State, record: InputRecord): Offset | null {
	if (record.type !== "approval.granted") return null;
	return state.calls.get(callKey(record.call))?.hold?.intentOffset ?? null;
}

/** Is this an activation that will be adopted if its bundle compiles? Only then is the bundle needed. */
export function activates(state: State, record: InputRecord): record is PolicyActivated {
	if (record.type !== "policy.activated" || state.controls.has(record.id)) return false;
	return isLaterActivation(record, { ...state.policy, id: state.policy.activationId });
}

/** What a step needs beside its record. */
export interface Ready {
	/** Of a vote, the intent of the call that it is about; undefined where that is not held here. */
	readonly heldIntent: IntentSubmitted | null | undefined;
	/** Of an activation: whether the processor asks for a second operator. */
	readonly needsReview: boolean;
	/** Who has signed it; absent where nobody must. */
	readonly signer?: Signer | null;
}

/** Nearly every record needs nothing. */
export const READY: Ready = { heldIntent: undefined, needsReview: false };

/** The engine's input. `now` is the processor's clock: it sets the two marks and nothing else. `isBlind`: nobody can tell what is in force. */
export function inputOf(
	consumed: Consumed,
	now: EpochMs,
	{ heldIntent, needsReview, signer }: Ready = READY,
	isBlind = false,
): Input {
	const { from, topic, read } = consumed;
	const cause = { topic, partition: from.partition, offset: from.offset };
	const causeTime = from.timestamp;
	const ahead = causeTime > now + AHEAD_MAX_MS;
	const address = topic === "intents" ? readReplyAddress(from.headers) : null;
	if (read.ok) {
		const record = read.value;
		const late = record.type === "intent.submitted" && record.deadline < now;
		const plain = { kind: "read", cause, causeTime, late, ahead, blind: isBlind, address, record } as const;
		const input = signer === undefined ? plain : { ...plain, signer };
		if (needsReview) return { ...input, needsReview };
		return heldIntent === undefined ? input : { ...input, heldIntent };
	}
	const { code, message: detail, call } = read.error;
	const recordDigest = sha256Hex(from.value);
	const marks = { late: false, ahead, blind: isBlind };
	return { kind: "unreadable", cause, causeTime, ...marks, address, code, detail, call, recordDigest };
}

/** Its row for an index is made where it is asked for: of the logs one keeps it. */
class EntryRecord implements OutRecord {
	readonly key = null;
	readonly value: Uint8Array;
	readonly headers: Headers;
	readonly #entry: LedgerEntry;

	constructor(entry: LedgerEntry, value: Uint8Array, headers: Headers) {
		this.#entry = entry;
		this.value = value;
		this.headers = headers;
	}

	get index(): EntrySummary {
		return summaryOf(this.#entry);
	}
}

/** Entries of one append, in the making. */
export interface Append {
	readonly claimId: string;
	/** `seq` of its first entry. */
	readonly first: number;
	readonly records: OutRecord[];
	readonly releasables: Releasable[];
	bytes: number;
}

export const beginAppend = (claimId: string, first: number): Append => ({
	claimId,
	first,
	records: [],
	releasables: [],
	bytes: 0,
});

/**
 * Decides one input and folds the entry into the state, ahead of its append: a partition that loses the append drops the state. The
 * input's trace goes beside the entry, into headers, and no decision sees it.
 */
export function step(
	folded: Folded,
	append: Append,
	input: Input,
	catalogue: PolicyCatalogue,
	trace: Headers = NO_TRACE,
): LedgerEntry {
	const { state } = folded;
	const root = state.nextSeq % DIGEST_EVERY === 0 ? folded.tree.root() : "";
	const policyDigest = state.policy.digest;
	const { entry, value } = decideAndWrite(state, input, catalogue);
	foldEntry(folded, entry, value);
	folded.head = {
		claim: append.claimId,
		seq: entry.seq,
		previous: { claim: append.claimId, first: append.first },
	};
	const headers = ledgerHeaders({ claim: append.claimId, seq: entry.seq, first: append.first });
	append.records.push(new EntryRecord(entry, value, Object.assign(headers, trace)));
	append.bytes += value.length + headerBytes(trace);
	append.releasables.push({ entry, input, isOwn: true, root, policyDigest, trace, published: UNPUBLISHED });
	return entry;
}
