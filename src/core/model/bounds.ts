/**
 * How large the parts of a record may be. Decoders refuse anything outside; encoders refuse to write it; who composes a
 * record out of other people's words cuts them with `cutTo` first.
 */

/** Bytes of one record, header included. */
export const RECORD_BYTES_MAX = 1_000_000;

/** Bytes of an input that a publisher may send; the rest up to RECORD_BYTES_MAX is for the log's own framing. */
export const INPUT_BYTES_MAX = 900_000;

/** Bytes of a ledger entry: a C2SP tile bundle gives each leaf a 16-bit length. */
export const ENTRY_BYTES_MAX = 65_535;

/**
 * UTF-16 code units of the canonical arguments, how deeply they may be nested, and members and items at all depths: each of those costs
 * as much as hundreds of letters, at everybody who reads the call.
 */
export const ARGS_LENGTH_MAX = 900_000;
export const ARGS_DEPTH_MAX = 64;
export const ARGS_MEMBERS_MAX = 10_000;

/** UTF-16 code units of ids, tools and names: at least one, none of them a control character. */
export const NAME_LENGTH_MAX = 256;

/** UTF-16 code units of comments, reasons and messages. */
export const TEXT_LENGTH_MAX = 2_048;
/** Longest message of a reason, by a policy's author or our own. */
export const MESSAGE_LENGTH_MAX = 512;

/** UTF-16 code units of scope keys (three percent-encoded names) and of JSON pointers. */
export const KEY_LENGTH_MAX = 8_192;

/** UTF-16 code units of a policy source; the record's own size is the tighter bound for most texts. */
export const SOURCE_LENGTH_MAX = 900_000;

export const ACTOR_PARTS_MAX = 16;

/** Tags of one rule. */
export const TAGS_MAX = 10;

/** Items of any other list. */
export const LIST_LENGTH_MAX = 1_024;

/** UTF-16 code units of an executor: 128 random bits take 22 in base64url, 32 in hex. The state keeps it for each open call. */
export const EXECUTOR_LENGTH_MAX = 64;

/** Caps of one intent, and UTF-16 code units of a cap's name: an entry has to hold what a call takes of each. */
export const CAPS_MAX = 16;
export const CAP_NAME_LENGTH_MAX = 64;

/** UTF-16 code units of an output's sketch. */
export const SKETCH_LENGTH_MAX = 256;

/** Characters of a token: names of the greatest length, every letter percent-encoded, and the longest name of a key fit. */
export const TOKEN_LENGTH_MAX = 10_240;

/** UTF-16 code units of a folder that a session declares. */
export const FOLDER_LENGTH_MAX = 1_024;

export const SALT_BYTES_MIN = 16;
export const SALT_BYTES_MAX = 64;

/** What is sealed: a nonce, and behind two salts and a tag what arguments fit into a record. */
export const NONCE_BYTES = 12;
export const SEALED_BYTES_MIN = 80;
export const SEALED_BYTES_MAX = 950_000;

/** One below the largest safe integer: what every Avro library that keeps to safe integers can write. */
export const INTEGER_MAX = Number.MAX_SAFE_INTEGER - 1;

/** The text, or its beginning and `…` if it is longer than `lengthMax` UTF-16 code units. Never splits a surrogate pair. */
export function cutTo(text: string, lengthMax: number = TEXT_LENGTH_MAX): string {
	if (text.length <= lengthMax) return text;
	const last = text.charCodeAt(lengthMax - 2);
	const splitsPair = last >= 0xd800 && last <= 0xdbff;
	return `${text.slice(0, lengthMax - (splitsPair ? 2 : 1))}…`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/;

/** Whether a C0 control character, DEL or a C1 control character is in the text. */
export const hasControls = (text: string): boolean => CONTROLS.test(text);

/** Why a value is no id, tool or name, as the end of a sentence; null when it is one. */
export function nameFault(value: unknown): string | null {
	if (typeof value !== "string") return "is not a text";
	if (value === "") return "is empty";
	if (!value.isWellFormed()) return "holds a lone surrogate";
	if (value.length > NAME_LENGTH_MAX) return `has ${value.length} characters, at most ${NAME_LENGTH_MAX} are accepted`;
	return hasControls(value) ? "holds a control character" : null;
}

/** Characters of a signed note on the log: a checkpoint with the signatures of its notary and of dozens of witnesses. */
export const NOTE_LENGTH_MAX = 16_384;
