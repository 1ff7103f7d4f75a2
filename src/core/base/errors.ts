/**
 * The one table of error codes. A message says what and where in a lower-case sentence with the user's text in backticks;
 * help says what to do next. No stack, no class name reaches a user.
 */
import { visibleLines } from "./safe-text.ts";

/** Exit codes: 2 usage or bad input, 3 unavailable, 4 unknown (docs/design/command-line.md#exit-codes). */
export const ERROR_CODES = {
	// Usage
	ASSENT_USAGE: { exit: 2, title: "the command line was not understood" },
	ASSENT_CONFIG: { exit: 2, title: "the configuration file cannot be used" },
	ASSENT_FILE_MISSING: { exit: 2, title: "a file that was named does not exist" },
	ASSENT_FILE_UNREADABLE: { exit: 2, title: "a file that was named cannot be read" },
	ASSENT_INPUT_LINE: { exit: 2, title: "the input cannot be read" },
	ASSENT_STOPPED: { exit: 3, title: "the command was stopped before it was finished" },
	ASSENT_OUTPUT: { exit: 3, title: "the output cannot be written" },
	ASSENT_RUNTIME: { exit: 3, title: "this Node cannot run Assent" },
	// Gateway
	GATEWAY_UNAUTHENTICATED: { exit: 2, title: "no credential that is known and in force came with the request" },
	GATEWAY_FORBIDDEN: { exit: 2, title: "the credential does not entitle to this" },
	GATEWAY_REQUEST: { exit: 2, title: "the request does not have the form that is documented" },
	GATEWAY_NOT_FOUND: { exit: 2, title: "there is no such resource" },
	GATEWAY_CONFLICT: { exit: 2, title: "the request contradicts what is there already" },
	GATEWAY_TOO_LARGE: { exit: 2, title: "the request is larger than what is accepted" },
	GATEWAY_RATE: { exit: 3, title: "there are too many requests, of this credential or of all together" },
	GATEWAY_DRAINING: { exit: 3, title: "the gateway is ending, and takes no new requests" },
	// Policies
	POLICY_YAML: { exit: 2, title: "the file is not acceptable YAML" },
	POLICY_SCHEMA: { exit: 2, title: "the document does not have the form of a policy" },
	POLICY_UNKNOWN_KEY: { exit: 2, title: "a key that policies do not have" },
	POLICY_PATTERN: { exit: 2, title: "a pattern that cannot be compiled" },
	POLICY_GLOB: { exit: 2, title: "a glob outside the accepted subset" },
	POLICY_REFERENCE: { exit: 2, title: "a name that nothing in the policy defines" },
	POLICY_DUPLICATE: { exit: 2, title: "the same name twice" },
	POLICY_LAYER: { exit: 2, title: "a layer that does not only tighten the one above" },
	POLICY_SCOPE: { exit: 2, title: "a budget wider than the partition key" },
	POLICY_EMPTY: { exit: 2, title: "no policy was given" },
	POLICY_LIMITS: { exit: 2, title: "a policy larger than what is accepted" },
	POLICY_NOT_CARRIED: { exit: 2, title: "a part of a policy that the other language says otherwise, or not at all" },
	POLICY_UNSIGNED: { exit: 2, title: "a bundle of policies that no configured key has signed" },
	POLICY_UNAVAILABLE: { exit: 3, title: "the bundle of an activated policy is not on the log" },
	// Records
	RECORD_TRUNCATED: { exit: 2, title: "the record ends too early" },
	RECORD_OVERSIZED: { exit: 2, title: "the record is larger than what is accepted" },
	RECORD_SCHEMA_UNKNOWN: { exit: 2, title: "the record's schema is not known" },
	RECORD_MALFORMED: { exit: 2, title: "the record's bytes do not fit its schema" },
	RECORD_FIELD: { exit: 2, title: "a field's value is out of bounds" },
	RECORD_JSON: { exit: 2, title: "the arguments are not acceptable JSON" },
	RECORD_DEPTH: { exit: 2, title: "the arguments are nested too deeply" },
	RECORD_MEMBERS: { exit: 2, title: "the arguments have too many members" },
	RECORD_TOPIC: { exit: 2, title: "the record does not belong on this topic" },
	RECORD_SEALED: { exit: 4, title: "the arguments are sealed, and their key is not at hand" },
	RECORD_ERASED: { exit: 4, title: "the arguments were erased" },
	RECORD_SEAL: { exit: 2, title: "the sealed arguments were changed, or sealed under another key" },
	// Tokens
	TOKEN_MISSING: { exit: 2, title: "the call has no token, and one is required" },
	TOKEN_MALFORMED: { exit: 2, title: "the text is no token of a decision" },
	TOKEN_KEY: { exit: 2, title: "the token's key is not published, or not good any more" },
	TOKEN_SIGNATURE: { exit: 2, title: "the token was not signed with its key" },
	TOKEN_EXPIRED: { exit: 2, title: "the token comes too late" },
	TOKEN_EARLY: { exit: 2, title: "the token is from the future" },
	TOKEN_AUDIENCE: { exit: 2, title: "the token is for another executor" },
	TOKEN_SUBJECT: { exit: 2, title: "the token is for another tenant, agent or session" },
	TOKEN_CALL: { exit: 2, title: "the token is for another call" },
	TOKEN_HALTED: { exit: 2, title: "the token's agent is halted" },
	TOKEN_USED: { exit: 2, title: "the token was used before" },
	TOKEN_STORE: { exit: 3, title: "nobody can tell whether the token was used before" },
	// Privacy
	ASSENT_PAYLOAD_KEYS: { exit: 3, title: "the keys of sealed arguments cannot be used" },
	ASSENT_PRIVACY_CLEAR: { exit: 2, title: "the arguments are on the log in the clear, and cannot be erased" },
	// Log
	ASSENT_LOG_UNAVAILABLE: { exit: 3, title: "the log cannot be reached" },
	ASSENT_LOG_DENIED: { exit: 3, title: "the log refuses this user, or this operation" },
	ASSENT_LOG_SETTINGS: { exit: 3, title: "the log's settings would break what Assent promises" },
	ASSENT_LOG_FOREIGN: { exit: 3, title: "the file belongs to another program" },
	ASSENT_LOG_CORRUPT: { exit: 3, title: "the log's file is damaged" },
	ASSENT_LOG_FULL: { exit: 3, title: "the disk is full" },
	ASSENT_LOG_OFFSET_GONE: { exit: 3, title: "records that were asked for are gone" },
	ASSENT_LOG_REWOUND: { exit: 3, title: "the log ends before what was read of it" },
	ASSENT_LOG_OTHER: { exit: 3, title: "this is not the log that its own history describes" },
	ASSENT_LOG_TOPIC: { exit: 3, title: "the topic does not exist or has another shape" },
	ASSENT_LOG_CLOSED: { exit: 3, title: "the log was closed" },
	ASSENT_LOG_VERSION: { exit: 3, title: "a component is too old or too new" },
	ASSENT_SUPERSEDED: { exit: 3, title: "another processor has taken over" },
	ASSENT_LAYOUT: { exit: 3, title: "the ledger was begun with another layout" },
	ASSENT_LEDGER_VERSION: { exit: 3, title: "the ledger was written by another version" },
	ASSENT_LEDGER_INVALID: { exit: 4, title: "the ledger does not fold" },
	// Exports
	ASSENT_EXPORT: { exit: 2, title: "the export is not whole, or not what its manifest says" },
	// Verification
	ASSENT_AUDIT_KEY: { exit: 2, title: "the log was not signed with the key that was given" },
	ASSENT_AUDIT_CHECKPOINT: { exit: 2, title: "the file is no checkpoint of this log" },
	// Notary
	ASSENT_NOTARY_HISTORY: { exit: 4, title: "the log does not continue what was signed of it" },
	ASSENT_NOTARY_STATE: { exit: 4, title: "the notary's state is not the one that it signed last with" },
	ASSENT_UNSIGNED: { exit: 4, title: "no signed checkpoint covers the entry yet" },
	ASSENT_NOTARY_TAKEN: { exit: 3, title: "another notary signs on the same state" },
	// All
	ASSENT_TIMEOUT: { exit: 3, title: "no answer came in time" },
	ASSENT_INTERNAL: { exit: 4, title: "a promise of the program was broken" },
} as const satisfies Record<string, { exit: 2 | 3 | 4; title: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where a problem lies; lines and columns count from 1. */
export interface Place {
	readonly file: string;
	readonly line?: number;
	readonly column?: number;
}

/** A problem as a value. */
export interface Problem {
	readonly code: ErrorCode;
	readonly message: string;
	readonly help: string;
	readonly place: Place | null;
}

export const problem = (code: ErrorCode, message: string, help = "", place: Place | null = null): Problem => ({
	code,
	message,
	help,
	place,
});

/** A problem that is thrown: the log is lost, a file is missing, a promise is broken. */
export class AssentError extends Error {
	readonly problem: Problem;
	/** Facts for programs, such as the first offset that is left. */
	readonly facts: Readonly<Record<string, string | number>>;
	/** What else is wrong, where more than one thing was found at once; the first is `problem`. */
	readonly others: readonly Problem[];

	constructor(of: Problem, facts: Readonly<Record<string, string | number>> = {}, others: readonly Problem[] = []) {
		super(of.help === "" ? of.message : `${of.message} (${of.help})`);
		this.name = "AssentError";
		this.problem = of;
		this.facts = facts;
		this.others = others;
	}

	get code(): ErrorCode {
		return this.problem.code;
	}
}

/** `file:line:col  CODE  message` and, below it, `help: …`. */
export function formatProblem(of: Problem): string {
	const at = of.place === null ? "" : `${placeText(of.place)}  `;
	const help = of.help === "" ? "" : `\nhelp: ${of.help}`;
	return visibleLines(`${at}${of.code}  ${of.message}${help}`);
}

export function placeText(place: Place): string {
	if (place.line === undefined) return place.file;
	return place.column === undefined ? `${place.file}:${place.line}` : `${place.file}:${place.line}:${place.column}`;
}
