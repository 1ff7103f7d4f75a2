/** Inputs as they were consumed: decoded, with the marks that only a clock can set, and what else their step needs. */
import { sha256Hex } from "../core/base/digest.ts";
import { err, type Result } from "../core/base/result.ts";
import { decodeInput, type RecordFault } from "../core/codec/decode.ts";
import { readReplyAddress } from "../core/codec/headers.ts";
import { sealFault } from "../core/codec/sealed.ts";
import type { Input, ReadInput } from "../core/engine/input.ts";
import { callKey } from "../core/model/ids.ts";
import type { InputRecord, InputTopic, IntentSubmitted } from "../core/model/inputs.ts";
import { AHEAD_MAX_MS, type EpochMs, type Offset } from "../core/model/units.ts";
import type { Signer } from "../core/policy/trust-index.ts";
import type { State } from "../core/state/state.ts";
import type { LogRecord } from "../ports/log/log.ts";
import type { PayloadKeys } from "../ports/payload-keys.ts";
import { unsealed } from "./unsealed.ts";

/** A record as it was consumed, and what it was read as. */
export interface Consumed {
	readonly from: LogRecord;
	readonly topic: InputTopic;
	readonly read: Result<InputRecord, RecordFault>;
}

/** What is sealed is opened by `keys`; without the key it cannot be read. */
export function consume(from: LogRecord, topic: InputTopic, keys?: PayloadKeys): Consumed {
	if (from.unreadable === undefined) {
		const stored = decodeInput(from.value, topic);
		if (!stored.ok) return { from, topic, read: stored };
		const { value: record } = stored;
		if (record.type === "intent.sealed") return { from, topic, read: unsealed(record, keys) };
		return { from, topic, read: stored as Result<InputRecord, RecordFault> };
	}
	const { unreadable: message } = from;
	const fault = { code: "RECORD_MALFORMED", message, call: null, session: null, unknownSchema: false } as const;
	return { from, topic, read: err(fault) };
}

/** The same where whoever decided had no key, another key, or no key any more: what came of that is in its entry, whoever has the key now. */
export function consumeLocked(
	from: LogRecord,
	topic: InputTopic,
	code: "RECORD_SEALED" | "RECORD_SEAL" | "RECORD_ERASED",
): Consumed {
	const stored = from.unreadable === undefined ? decodeInput(from.value, topic) : null;
	if (stored?.ok !== true || stored.value.type !== "intent.sealed") return consume(from, topic);
	return { from, topic, read: err(sealFault(stored.value, code)) };
}

/** The offset of the intent that a vote needs read again; null when the call is not held here. */
export function heldIntentOffset(state: State, record: InputRecord): Offset | null {
	if (record.type !== "approval.granted") return null;
	return state.calls.get(callKey(record.call))?.hold?.intentOffset ?? null;
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
export function inputOf(consumed: Consumed, now: EpochMs, ready: Ready = READY, isBlind = false): Input {
	const { from, read } = consumed;
	const late = read.ok && read.value.type === "intent.submitted" && read.value.deadline < now;
	return inputUnder(consumed, { late, ahead: from.timestamp > now + AHEAD_MAX_MS, blind: isBlind }, ready);
}

export interface Marks {
	readonly late: boolean;
	readonly ahead: boolean;
	readonly blind: boolean;
}

/** The engine's input under marks that were made before. */
export function inputUnder(
	{ from, topic, read }: Consumed,
	{ late, ahead, blind }: Marks,
	{ heldIntent, needsReview, signer }: Ready = READY,
): Input {
	const cause = { topic, partition: from.partition, offset: from.offset };
	const causeTime = from.timestamp;
	const address = topic === "intents" ? readReplyAddress(from.headers) : null;
	if (read.ok) {
		const record = read.value;
		const input: ReadInput =
			signer === undefined
				? { kind: "read", cause, causeTime, late, ahead, blind, address, record }
				: { kind: "read", cause, causeTime, late, ahead, blind, address, record, signer };
		if (needsReview) return { ...input, needsReview };
		return heldIntent === undefined ? input : { ...input, heldIntent };
	}
	const { code, message: detail, call } = read.error;
	const recordDigest = sha256Hex(from.value);
	return { kind: "unreadable", cause, causeTime, late, ahead, blind, address, code, detail, call, recordDigest };
}
