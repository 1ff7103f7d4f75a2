/** How the walks over a body report what is wrong: the innermost check says what, each level above adds its name. */
import type { ErrorCode } from "../base/errors.ts";

export interface BodyFault {
	code: ErrorCode;
	/** What was wrong, to follow `field <path> `. Never the value itself: faults reach the ledger. */
	what: string;
	/** Path of the field at fault: `decision.reasons[3].code`. */
	path: string;
}

export function fail(walk: BodyFault, code: ErrorCode, what: string): false {
	walk.code = code;
	walk.what = what;
	return false;
}

/** A value out of bounds. */
export const refuse = (walk: BodyFault, what: string): false => fail(walk, "RECORD_FIELD", what);

/** Puts a field's name or an item's `[index]` in front of the path. */
export function within(walk: BodyFault, part: string): false {
	const joint = walk.path === "" || walk.path.startsWith("[") ? "" : ".";
	walk.path = part + joint + walk.path;
	return false;
}
