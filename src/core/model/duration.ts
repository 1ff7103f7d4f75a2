/** Durations as texts: `250ms`, `30s`, `15m`, `1h`, `7d`. */
import { DAY, type DurationMs, HOUR, MINUTE, SECOND } from "./units.ts";

export const DURATION_PATTERN = /^(?:0|[1-9][0-9]{0,11})(?:ms|s|m|h|d)$/;

/** From the longest to the shortest. */
const UNITS = [
	["d", DAY],
	["h", HOUR],
	["m", MINUTE],
	["s", SECOND],
	["ms", 1],
] as const;

export type DurationUnit = (typeof UNITS)[number][0];

/** Milliseconds, or null where the text is no duration or not a safe integer of milliseconds. */
export function parseDuration(text: string): DurationMs | null {
	if (!DURATION_PATTERN.test(text)) return null;
	const unit = /[a-z]+$/.exec(text)?.[0] ?? "";
	const length = Number(text.slice(0, -unit.length)) * lengthOf(unit);
	return Number.isSafeInteger(length) ? length : null;
}

const lengthOf = (unit: string): DurationMs => UNITS.find(([name]) => name === unit)?.[1] ?? Number.NaN;

/** In the longest unit that divides it: 90 s, 2 h, 250 ms. */
export function inWholeUnits(ms: DurationMs): { readonly value: number; readonly unit: DurationUnit } {
	const [unit, length] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? (["ms", 1] as const);
	return { value: ms / length, unit };
}

/** As an author would write it. */
export function durationText(ms: DurationMs): string {
	const { value, unit } = inWholeUnits(ms);
	return `${value}${unit}`;
}
