/** What one step is handed: a consumed record, decoded, with the marks that only a clock can set. */
import type { ErrorCode } from "../base/errors.ts";
import type { Cause } from "../model/entries.ts";
import type { CallId } from "../model/ids.ts";
import type { InputRecord, IntentSubmitted, ReplyAddress } from "../model/inputs.ts";
import type { EpochMs } from "../model/units.ts";
import type { Signer } from "../policy/trust-index.ts";

interface InputHead {
	readonly cause: Cause;
	/** The log's timestamp of the record. */
	readonly causeTime: EpochMs;
	/** The intent's deadline had passed when the processor took it up (docs/design/step.md#time). */
	readonly late: boolean;
	/** Stamped more than 5 min after the processor's clock: decided at the previous stream time. */
	readonly ahead: boolean;
	/**
	 * The processor could not tell what is in force: an input that needs the policies has no effect. Its entry is the
	 * rejection `policy.unavailable`, from which the mark is taken on recomputation.
	 */
	readonly blind?: boolean;
	readonly address: ReplyAddress | null;
}

export interface ReadInput extends InputHead {
	readonly kind: "read";
	readonly record: InputRecord;
	/**
	 * Who has signed the record: by the keys of the policies in force, under the name that it gives. Null: none of them; absent where
	 * nobody must sign. Found from the record, also on recomputation.
	 */
	readonly signer?: Signer | null;
	/**
	 * For an approval: the intent that the hold's cause points to, read again from `intents`; null when it is gone. Absent
	 * when the call is not held here, so that there was nothing to read.
	 */
	readonly heldIntent?: IntentSubmitted | null;
	/**
	 * For an activation: the processor was told to ask for a second operator, and does not know the set to be as strict as the
	 * one in force. Unless somebody else has proposed it, its entry is `policy.proposed` or the rejection `policy.unreviewed`, from which
	 * the mark is taken on recomputation.
	 */
	readonly needsReview?: boolean;
}

export interface UnreadableInput extends InputHead {
	readonly kind: "unreadable";
	readonly code: ErrorCode;
	readonly detail: string;
	/** The call that it concerns, where its id could be read. */
	readonly call: CallId | null;
	/** SHA-256 of the record's value, 64 hex digits. */
	readonly recordDigest: string;
}

export type Input = ReadInput | UnreadableInput;
