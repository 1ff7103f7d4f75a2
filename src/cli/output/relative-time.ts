/** Times as a person says them, from now. */
import { DAY, type DurationMs, HOUR, MINUTE, SECOND } from "../../core/model/units.ts";

/** `in 12 minutes`, `3 hours ago`: the largest unit that fits, rounded down. */
export function relative(time: number, now: number): string {
	const ms = Math.abs(time - now);
	const [unit, size] = UNITS.find(([, each]) => ms >= each) ?? ["second", 1_000];
	const value = Math.floor(ms / size);
	if (value === 0) return "now";
	const words = `${value} ${unit}${value === 1 ? "" : "s"}`;
	return time > now ? `in ${words}` : `${words} ago`;
}

const UNITS: readonly (readonly [string, DurationMs])[] = [
	["day", DAY],
	["hour", HOUR],
	["minute", MINUTE],
	["second", SECOND],
];
