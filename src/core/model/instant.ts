/** Moments as texts, with their offset from UTC: `2026-12-31T00:00:00Z`. */
import type { EpochMs } from "./units.ts";

export const INSTANT_PATTERN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Null where the text is no moment: another form, or a day that the calendar does not have. */
export function parseInstant(text: string): EpochMs | null {
	if (!INSTANT_PATTERN.test(text)) return null;
	const at = Date.parse(text);
	// As it is written, read as UTC: days beyond the end of a month would roll over.
	const local = Date.parse(`${text.slice(0, 16)}Z`);
	if (!Number.isFinite(at) || !Number.isFinite(local)) return null;
	return new Date(local).toISOString().slice(0, 16) === text.slice(0, 16) ? at : null;
}

/** In UTC, without what is zero: `2026-12-31T00:00:00Z`. */
export const instantText = (at: EpochMs): string => new Date(at).toISOString().replace(".000Z", "Z");
