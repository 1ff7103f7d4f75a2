/**
 * What a call used, as people and programs report it: `{tokens, cost or costMicros, executionMs}`, all of it optional. Each
 * member is read for itself: one that cannot be read is unknown, which costs what was reserved, and the others count.
 */

import { suggest } from "../base/suggestion.ts";
import { INTEGER_MAX } from "../model/bounds.ts";
import type { Usage } from "../model/inputs.ts";
import type { CostMicros, DurationMs } from "../model/units.ts";

/** A member that is left out, undefined or null is unknown. */
export interface ReportedUsage {
	readonly tokens?: number | null | undefined;
	/** In currency units, such as 0.25; what is finer than a millionth is rounded up. */
	readonly cost?: number | null | undefined;
	/** In millionths of the currency unit, instead of `cost`. */
	readonly costMicros?: CostMicros | null | undefined;
	readonly executionMs?: DurationMs | null | undefined;
}

/** A member that was given and cannot be read. */
export interface UsageFault {
	readonly member: string;
	readonly why: string;
}

export interface ReadUsage {
	readonly usage: Usage;
	readonly faults: readonly UsageFault[];
}

const MEMBERS: readonly string[] = ["tokens", "cost", "costMicros", "executionMs"];
const MICROS = 1_000_000;

export const UNKNOWN_USAGE: Usage = { tokens: null, costMicros: null, executionMs: null };

/** Reads what somebody reports; total, whatever is handed over. */
export function readUsage(given: unknown): ReadUsage {
	try {
		return read(given);
	} catch {
		// A getter of somebody's own, a proxy.
		return { usage: UNKNOWN_USAGE, faults: [{ member: "usage", why: "throws when it is read" }] };
	}
}

function read(given: unknown): ReadUsage {
	if (given === undefined || given === null) return { usage: UNKNOWN_USAGE, faults: [] };
	if (typeof given !== "object" || Array.isArray(given)) {
		const why = `is ${nounOf(given)}, not an object {tokens, cost, executionMs}`;
		return { usage: UNKNOWN_USAGE, faults: [{ member: "usage", why }] };
	}
	const faults: UsageFault[] = [];
	const members = given as Readonly<Record<string, unknown>>;
	const amountOf = (member: string, to: (value: number) => number | string): number | null => {
		const value = members[member];
		if (value === undefined || value === null) return null;
		const amount = typeof value === "number" ? to(value) : `is ${nounOf(value)}, not a number`;
		if (typeof amount === "number") return amount;
		faults.push({ member, why: amount });
		return null;
	};
	const tokens = amountOf("tokens", wholeNumber);
	const executionMs = amountOf("executionMs", wholeNumber);
	const ofUnits = amountOf("cost", microsOf);
	const ofMicros = amountOf("costMicros", wholeMicros);
	for (const member of Object.keys(members).filter((key) => !MEMBERS.includes(key))) {
		faults.push({ member, why: `is not a member of a usage: ${suggest(member, MEMBERS)}` });
	}
	const isTwofold = ofUnits !== null && ofMicros !== null && ofUnits !== ofMicros;
	if (isTwofold) faults.push({ member: "cost", why: "and `costMicros` say two different amounts" });
	return { usage: { tokens, costMicros: isTwofold ? null : (ofUnits ?? ofMicros), executionMs }, faults };
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= INTEGER_MAX;

/** Without the sign that a zero may have. */
const wholeNumber = (value: number): number | string =>
	isCount(value) ? value + 0 : `is ${value}, not a whole number from 0 on`;

const wholeMicros = (value: number): number | string =>
	isCount(value)
		? value + 0
		: `is ${value}, not a whole number of millionths: give \`cost\` for currency units, such as 0.25`;

/** Up, so that nothing is spent for free; but what only a binary fraction adds (1.1 × 1,000,000) is no amount. */
function microsOf(cost: number): number | string {
	const micros = cost * MICROS;
	if (!(micros >= 0 && micros <= INTEGER_MAX)) return `is ${cost}, not an amount from 0 on`;
	const nearest = Math.round(micros);
	const isNoise = Math.abs(micros - nearest) <= 4 * Number.EPSILON * micros;
	return isNoise ? nearest + 0 : Math.ceil(micros);
}

/** Never the value itself: it may be anything, of any length. */
function nounOf(value: unknown): string {
	if (Array.isArray(value)) return "a list";
	return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
