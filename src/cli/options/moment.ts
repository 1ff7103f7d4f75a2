/** Moments as options give them. */
import { InvalidArgumentError } from "commander";
import { parseDuration } from "../../core/model/duration.ts";
import { parseInstant } from "../../core/model/instant.ts";
import type { EpochMs } from "../../core/model/units.ts";

/** What is taken, in words of a help text. */
export const MOMENT_FORMS = "2026-12-31T00:00:00Z, 2026-12-31 (where it begins in UTC), or 7d for seven days ago";

/** Reads a time with its offset from UTC, a day, or how long ago: `7d`, or `-7d`. */
export function moment(text: string): EpochMs {
	const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : (parseInstant(text) ?? past(text));
	if (at !== null && at >= 0) return at;
	throw new InvalidArgumentError(`a moment is expected: ${MOMENT_FORMS}.`);
}

function past(text: string): EpochMs | null {
	const ago = parseDuration(text.replace(/^-/, ""));
	return ago === null ? null : Date.now() - ago;
}
