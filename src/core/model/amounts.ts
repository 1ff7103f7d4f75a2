/** Amounts of money as people write and read them: in units of the currency. The engine counts millionths (units.ts). */
import type { CostMicros } from "./units.ts";

const MICROS_PER_UNIT = 1_000_000n;
const DIGITS = 6;

export interface WrittenCost {
	readonly micros: CostMicros;
	/** The label behind the amount, such as `USD`; null where there is none. It converts nothing. */
	readonly currency: string | null;
}

const WRITTEN = /^(0|[1-9]\d{0,15})(?:\.(\d{1,6}))?(?: ?([A-Z]{3}))?$/;

/** `5`, `5.00`, `0.25`, `5 USD`; null where it is no such amount, has more than six decimals, or is not a safe integer of millionths. */
export function parseCost(text: string): WrittenCost | null {
	const [, units, decimals = "", currency] = WRITTEN.exec(text) ?? [];
	if (units === undefined) return null;
	const micros = BigInt(units) * MICROS_PER_UNIT + BigInt(decimals.padEnd(DIGITS, "0"));
	return micros > BigInt(Number.MAX_SAFE_INTEGER) ? null : { micros: Number(micros), currency: currency ?? null };
}

/** `25.00`, `0.000001`, `-1.50`: two decimals or as many as it takes. */
export function costText(micros: CostMicros): string {
	const digits = String(Math.abs(micros)).padStart(DIGITS + 1, "0");
	const decimals = digits.slice(-DIGITS).replace(/0{1,4}$/, "");
	return `${micros < 0 ? "-" : ""}${digits.slice(0, -DIGITS)}.${decimals}`;
}
