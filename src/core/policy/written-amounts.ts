/** Amounts and durations as authors write them, and what to write in place of one that cannot be read. */

import { parseCost } from "../model/amounts.ts";
import type { Measure } from "../model/counters.ts";
import { parseDuration } from "../model/duration.ts";

/** Calls, tokens, millionths of a currency unit or milliseconds; null where the form does not fit the measure. */
export function amountOf(measure: Measure, value: number | string): number | null {
	switch (measure) {
		case "execution_time":
			return typeof value === "string" ? parseDuration(value) : null;
		case "cost":
			return parseCost(String(value))?.micros ?? null;
		case "tool_calls":
		case "tokens":
		case "concurrent_calls":
		case "identical_calls":
			return Number.isSafeInteger(value) ? (value as number) : null;
	}
}

/** The label of a cost, such as `USD`; null where it has none. */
export const currencyOf = (value: number | string): string | null => parseCost(String(value))?.currency ?? null;

export interface Slip {
	readonly message: string;
	readonly help: string;
}

/** Why the amount under a key of a limit cannot be read. */
export function amountSlip(key: string, measure: Measure, value: number | string): Slip {
	switch (measure) {
		case "execution_time":
			return { message: `\`${key}\` of \`execution_time\` is a duration`, help: durationHelp(key, value) };
		case "cost":
			return costSlip(key, value);
		case "tool_calls":
		case "tokens":
		case "concurrent_calls":
		case "identical_calls":
			return { message: `\`${key}\` of \`${measure}\` is a whole number`, help: countHelp(key, value) };
	}
}

function costSlip(key: string, value: number | string): Slip {
	const text = String(value);
	const message = `\`${key}\` of \`cost\` cannot be \`${text}\``;
	const plain = plainNumber(text.replace(/\s*(?:[$€£¥]|[A-Za-z]{3})\s*/g, ""));
	if (/^\d+\.\d{7,}/.test(text) || /e-/.test(text)) {
		return { message: `\`${key}\` of \`cost\` has more than six decimals`, help: "the smallest amount is 0.000001" };
	}
	if (UNLIMITED.test(text)) return { message, help: NO_LIMIT };
	if (/^\d+,\d{1,2}$/.test(text)) {
		return { message, help: `the decimal sign is a point: write \`${key}: ${text.replace(",", ".")}\`` };
	}
	if (plain !== null && parseCost(plain) !== null) {
		return { message, help: `write \`${key}: ${plain}\`, or with the currency behind it: \`${key}: ${plain} USD\`` };
	}
	return { message, help: `write an amount in currency units, such as \`${key}: 25\`, \`0.25\` or \`25 USD\`` };
}

function countHelp(key: string, value: number | string): string {
	const text = String(value);
	if (typeof value === "number") {
		return Number.isInteger(value)
			? `use at most ${Number.MAX_SAFE_INTEGER}`
			: `there are no parts of one: write \`${key}: ${Math.floor(value)}\` or \`${key}: ${Math.ceil(value)}\``;
	}
	if (UNLIMITED.test(text)) return NO_LIMIT;
	const plain = plainNumber(text);
	if (plain !== null && /^\d+$/.test(plain)) {
		return text === plain ? `write \`${key}: ${plain}\`, without quotes` : `write \`${key}: ${plain}\``;
	}
	const [, digits = "", unit = ""] = /^(\d{1,9})\s*([kKmM])$/.exec(text) ?? [];
	if (unit !== "" && parseDuration(text) === null) {
		return `write the number out: \`${key}: ${digits}${unit.toLowerCase() === "k" ? "000" : "000000"}\``;
	}
	if (parseDuration(text) !== null) return "durations belong to `execution_time`; the length of a window is `per`";
	return `write a number, such as \`${key}: 100\``;
}

/** What to write where a duration is expected. */
export function durationHelp(key: string, value: unknown): string {
	const text = String(value).trim();
	const word = DURATION_WORDS[text.toLowerCase()];
	if (word !== undefined) return `write \`${key}: ${word}\``;
	const parts = [...text.matchAll(/(\d{1,6})\s*(ms|s|m|h|d)(?![a-z])\s*/gi)];
	if (parts.length > 1 && parts.map(([part]) => part).join("") === text) {
		const ms = parts.reduce(
			(sum, [, amount, unit]) => sum + (parseDuration(`${Number(amount)}${unit?.toLowerCase()}`) ?? 0),
			0,
		);
		const [unit = "ms", size = 1] = Object.entries(UNITS_MS).find(([, each]) => ms % each === 0) ?? [];
		return `write \`${key}: ${ms / size}${unit}\``;
	}
	if (/^\d{1,9}$/.test(text)) return `write a unit: \`${key}: ${text}s\`, \`${text}m\` or \`${text}h\``;
	const [, amount = "", name = ""] = /^(\d{1,9}(?:\.\d{1,3})?)\s*([A-Za-z]+)$/.exec(text) ?? [];
	if (/^w(?:eeks?)?$/i.test(name)) return `write \`${key}: ${Number(amount) * 7}d\``;
	const unit = UNIT_WORDS.find(([words]) => words.test(name))?.[1];
	if (unit !== undefined) {
		const [whole, part] = finer(Number(amount), unit);
		if (parseDuration(`${whole}${part}`) !== null) return `write \`${key}: ${whole}${part}\``;
	}
	if (UNLIMITED.test(text))
		return key === "per" || key === "within"
			? `without \`${key}\` it is for life: remove it`
			: `30 days is the most: write \`${key}: 30d\``;
	return `write a whole number and a unit, such as \`${key}: 90s\`; units are ms, s, m, h and d`;
}

/** `1.5 h` is `90m`. */
function finer(amount: number, unit: string): readonly [number, string] {
	const steps: readonly (readonly [string, number])[] = [
		["d", 24],
		["h", 60],
		["m", 60],
		["s", 1_000],
	];
	const index = steps.findIndex(([name]) => name === unit);
	const [, size] = steps[index] ?? ["", 1];
	return Number.isInteger(amount) || index < 0 ? [amount, unit] : [amount * size, steps[index + 1]?.[0] ?? "ms"];
}

const UNITS_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

const DURATION_WORDS: Readonly<Record<string, string | undefined>> = {
	hourly: "1h",
	hour: "1h",
	daily: "1d",
	day: "1d",
	weekly: "7d",
	week: "7d",
	minute: "1m",
	second: "1s",
	month: "30d",
	monthly: "30d",
};

const UNIT_WORDS: readonly (readonly [RegExp, string])[] = [
	[/^(?:ms|msecs?|millis|milliseconds?)$/i, "ms"],
	[/^(?:s|secs?|seconds?)$/i, "s"],
	[/^(?:m|mins?|minutes?)$/i, "m"],
	[/^(?:h|hrs?|hours?)$/i, "h"],
	[/^(?:d|days?)$/i, "d"],
];

const UNLIMITED = /^(?:unlimited|infinite|infinity|none|no|never|off|null|~|-1)$/i;
const NO_LIMIT = "an unlimited amount needs no rule: remove it";

/** A number without the marks between its digits; null where it is none. */
function plainNumber(text: string): string | null {
	const plain = /^\d{1,3}(?:[_,' ]\d{3})+(?:\.\d+)?$/.test(text) ? text.replace(/[_,' ]/g, "") : text.replace(/_/g, "");
	return /^\d+(?:\.\d+)?$/.test(plain) ? plain.replace(/^0+(?=\d)/, "") : null;
}
