/** Durations as authors write them: `250ms`, `30s`, `15m`, `1h`, `7d`. */
import { DAY, type DurationMs, HOUR, MINUTE, SECOND } from "./units.ts";

export const DURATION_PATTERN = /^(?:0|[1-9][0-9]{0,11})(?:ms|s|m|h|d)$/;

const UNITS: Readonly<Record<string, DurationMs>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** Milliseconds, or null where the text is no duration or not a safe integer of milliseconds. */
export function parseDuration(text: string): DurationMs | null {
	if (!DURATION_PATTERN.test(text)) return null;
	const unit = /[a-z]+$/.exec(text)?.[0] ?? "";
	const length = Number(text.slice(0, -unit.length)) * (UNITS[unit] ?? Number.NaN);
	return Number.isSafeInteger(length) ? length : null;
}
