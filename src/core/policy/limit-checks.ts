/** Which keys of a limit go together, and the limit in the integers that the engine counts with. */

import type { Measure } from "../model/counters.ts";
import { parseDuration } from "../model/duration.ts";
import type { DurationMs } from "../model/units.ts";
import type { LimitRule } from "./document.ts";
import { amountOf, amountSlip } from "./written-amounts.ts";

export interface LimitFault {
	/** The key that is wrong; `name` where one is missing. */
	readonly key: string;
	readonly message: string;
	readonly help: string;
}

/** A window has 60 buckets of at least one millisecond. */
const WINDOW_MIN_MS = 60;
const WINDOW_MAX_MS = 366 * 86_400_000;

/** Measures of which a call takes an amount that is only known afterwards. */
const RESERVABLE: readonly Measure[] = ["tokens", "cost", "execution_time"];

export function limitFaults(rule: LimitRule): LimitFault[] {
	const faults: LimitFault[] = [];
	const add = (key: string, message: string, help: string): void => {
		faults.push({ key, message, help });
	};
	const timed = rule.measure === "execution_time";
	for (const key of ["max", "reserve"] as const) {
		const value = rule[key];
		if (value === undefined || amountOf(rule.measure, value) !== null) continue;
		const { message, help } = amountSlip(key, rule.measure, value);
		add(key, message, help);
	}
	if (timed && rule.reserve === undefined) {
		add(
			"name",
			"a limit on `execution_time` needs `reserve`",
			"how long a call runs is not known when it is admitted: say how much to set aside for it, else any number of calls could start at once",
		);
	}
	if (rule.reserve !== undefined && !RESERVABLE.includes(rule.measure)) {
		add("reserve", `\`reserve\` has no meaning for \`${rule.measure}\``, "every call counts as one: remove it");
	}
	const max = amountOf(rule.measure, rule.max);
	const reserve = rule.reserve === undefined ? 0 : amountOf(rule.measure, rule.reserve);
	if (max !== null && reserve !== null && reserve > max) {
		add(
			"reserve",
			"`reserve` is more than `max`, so no call could ever be admitted",
			"lower `reserve`; to forbid the calls, use `tools.deny`",
		);
	}
	if (timed && reserve === 0 && rule.reserve !== undefined) {
		add(
			"reserve",
			"`reserve` of `execution_time` cannot be nothing",
			"calls that reserve nothing could all start at once",
		);
	}
	if (rule.measure === "identical_calls" && rule.scope !== "session") {
		add(
			"scope",
			"`identical_calls` are counted per session only",
			"calls are compared under the session's salt: write `scope: session`",
		);
	}
	if (rule.measure === "concurrent_calls" && rule.per !== undefined) {
		add("per", "`concurrent_calls` has no window", "it counts calls that are running now: remove `per`");
	}
	if (rule.per !== undefined) {
		const window = parseDuration(rule.per);
		if (window === null || window < WINDOW_MIN_MS || window > WINDOW_MAX_MS) {
			add("per", `a window cannot be \`${rule.per}\` long`, "use 60ms to 366d; windows slide in 60 steps");
		}
	}
	return faults;
}

/** 0 for life. */
export const windowOf = (rule: LimitRule): DurationMs => (rule.per === undefined ? 0 : (parseDuration(rule.per) ?? 0));
