/** Ranges of numbers that are within one another, by their ends. Exact: nothing is rounded. */
import { compareDecimals, type Decimal } from "../../arguments/decimal.ts";
import type { NumberBound, NumberRange } from "../../arguments/number-range.ts";

interface End {
	readonly at: Decimal;
	/** Is the number itself left out? */
	readonly isOpen: boolean;
}

/** Is every number of `narrow`, which holds one, in `wide`? */
export function includesRange(wide: NumberRange, narrow: NumberRange): boolean {
	const [low, high] = [endOf(narrow, "lower"), endOf(narrow, "upper")];
	return wide.every((bound) => {
		const isLowKept = !isBound(bound, "lower") || (low !== null && isWithinLow(bound, low));
		return isLowKept && (!isBound(bound, "upper") || (high !== null && isWithinHigh(bound, high)));
	});
}

/** Is no number in both? */
export function areApart(range: NumberRange, other: NumberRange): boolean {
	const both = [...range, ...other];
	const [low, high] = [endOf(both, "lower"), endOf(both, "upper")];
	return low !== null && high !== null && isEmpty(low, high);
}

/** Is every number of `narrow` in one of the others? From one end to the other, each time by the range that leads farthest. */
export function coverRange(ranges: readonly NumberRange[], narrow: NumberRange): boolean {
	const end = endOf(narrow, "upper");
	let from = endOf(narrow, "lower");
	let left = ranges;
	for (;;) {
		const here = left.filter((range) => beginsBy(range, from));
		if (here.length === 0) return false;
		const highs = here.map((range) => endOf(range, "upper"));
		if (highs.includes(null)) return true;
		const far = (highs as End[]).reduce((a, b) => (isFarther(b, a) ? b : a));
		// What is left begins where the range ends, with that number if the range leaves it out.
		from = { at: far.at, isOpen: !far.isOpen };
		if (end !== null && isEmpty(from, end)) return true;
		left = left.filter((range) => !here.includes(range));
	}
}

const isEmpty = (low: End, high: End): boolean => {
	const order = compareDecimals(low.at, high.at);
	return order > 0 || (order === 0 && (low.isOpen || high.isOpen));
};

/** Null: without end. */
function beginsBy(range: NumberRange, from: End | null): boolean {
	const low = endOf(range, "lower");
	if (low === null || from === null) return low === null;
	const order = compareDecimals(low.at, from.at);
	return order < 0 || (order === 0 && (from.isOpen || !low.isOpen));
}

function isFarther(high: End, other: End): boolean {
	const order = compareDecimals(high.at, other.at);
	return order > 0 || (order === 0 && other.isOpen);
}

const isBound = ({ relation }: NumberBound, side: "lower" | "upper"): boolean =>
	relation === "=" || relation.startsWith(side === "lower" ? ">" : "<");

function endOf(range: NumberRange, side: "lower" | "upper"): End | null {
	const sign = side === "lower" ? 1 : -1;
	let end: End | null = null;
	for (const bound of range) {
		if (!isBound(bound, side)) continue;
		const isOpen = bound.relation === ">" || bound.relation === "<";
		const order = end === null ? 1 : compareDecimals(bound.than, end.at) * sign;
		if (order > 0 || (order === 0 && isOpen)) end = { at: bound.than, isOpen };
	}
	return end;
}

function isWithinLow({ relation, than }: NumberBound, { at, isOpen }: End): boolean {
	const order = compareDecimals(at, than);
	return order > 0 || (order === 0 && (isOpen || relation !== ">"));
}

function isWithinHigh({ relation, than }: NumberBound, { at, isOpen }: End): boolean {
	const order = compareDecimals(at, than);
	return order < 0 || (order === 0 && (isOpen || relation !== "<"));
}
