/**
 * Budgets: reserve at the decision, settle at the outcome. Pure arithmetic on counters; nothing here knows a policy file.
 *
 * B1  At every admission settled + reserved + this <= max, with open reservations counted in every window.
 * B2  Windows are counted in buckets and never over-admit (core/model/window).
 * B3  Settlement never refuses an actual: what exceeds the reservation is booked at the settlement's time.
 * B4  A top-up of a window is in force for at most one window: a bucket that the window only touches is left out.
 * B5  What nobody can tell costs what was reserved: a refund takes a report in time that knows the amount.
 * B6  A slot of a concurrent call is free when its tool has ended or its lease has run out, not at its deadline.
 * B7  Sums end at the largest integer that an entry can hold.
 */
import { INTEGER_MAX } from "../model/bounds.ts";
import type { CounterName } from "../model/counters.ts";
import type { BudgetUse, Settlement } from "../model/entries.ts";
import type { Usage } from "../model/inputs.ts";
import type { DurationMs, EpochMs } from "../model/units.ts";
import { usedOf } from "../model/usage.ts";
import type { Counter, OwnCounter, Reservation } from "../state/accounts.ts";
import { type Buckets, bucketOf, firstWithin, oldestOf } from "../state/window.ts";

/** Integers of an entry end here: sums that would go beyond stand still. */
export const bounded = (sum: number): number => Math.min(sum, INTEGER_MAX);

export const emptyCounter = (name: CounterName): OwnCounter => ({
	name,
	reserved: 0,
	settled: 0,
	toppedUp: 0,
	buckets: NOTHING,
	topUps: NOTHING,
});

/** One for all: most counters have no buckets, and there are many counters. */
const NOTHING: Buckets = [];

/** Settled + reserved as a window ending at `at` sees it (life: all of it). */
export function used(counter: Counter, at: EpochMs): number {
	const { windowMs } = counter.name;
	return bounded(
		counter.reserved + (windowMs === 0 ? counter.settled : since(oldestOf(windowMs, at), counter.buckets)),
	);
}

/** What operators have added to the maximum and is still in force at `at`. */
export function toppedUp(counter: Counter, at: EpochMs): number {
	const { windowMs } = counter.name;
	return windowMs === 0 ? counter.toppedUp : since(firstWithin(windowMs, at), counter.topUps);
}

// Below, a counter is changed in place and handed back: a step changes several, and is done sooner without a copy of each.

/** Takes what a call uses: what is reserved stays open, what is settled is booked at `at`. The sum stays within bounds. */
export function take(
	counter: OwnCounter,
	{ amount, kind }: Pick<BudgetUse, "amount" | "kind">,
	at: EpochMs,
): OwnCounter {
	if (kind === "reserved") counter.reserved += amount;
	else book(counter, amount, at, at);
	return counter;
}

/** Gives a reservation back, as if it had never been: an unapproved hold, an abandoned call. */
export function giveBack(counter: OwnCounter, amount: number): OwnCounter {
	counter.reserved -= amount;
	return counter;
}

/** Replaces a reservation by what was used. */
export function settle(counter: OwnCounter, part: Settlement, admittedAt: EpochMs, at: EpochMs): OwnCounter {
	counter.reserved -= part.reserved;
	if (part.settled > 0) book(counter, part.settled, admittedAt, at);
	if (part.excess > 0) book(counter, part.excess, at, at);
	return counter;
}

/** What a settlement does to each counter of a call. `lapsed`: settled in full before, so that only an excess is left. */
export function settlementOf(
	{ counter, amount }: Reservation,
	usage: Usage,
	state: "in-time" | "overdue" | "lapsed",
): Settlement {
	const actual = usedOf(counter.measure, usage) ?? amount;
	const kept = state === "in-time" ? Math.min(actual, amount) : amount;
	return {
		counter,
		// A lapsed call has nothing reserved but its slots.
		reserved: state === "lapsed" && !isSlot(counter) ? 0 : amount,
		settled: state === "lapsed" || isSlot(counter) ? 0 : kept,
		excess: Math.max(0, actual - amount),
	};
}

/** The end of a call that nobody saw: at least what was reserved, and slots stay taken, for its tool may still run. */
export function settlementUnseen(part: Reservation, usage: Usage, state: "in-time" | "overdue" | "lapsed"): Settlement {
	return isSlot(part.counter) ? lapse(part) : settlementOf(part, usage, state === "in-time" ? "overdue" : state);
}

/** A reservation whose call never reported: settled at the reserved amount; a slot stays taken, for the tool may still run. */
export const lapse = ({ counter, amount }: Reservation): Settlement =>
	isSlot(counter)
		? { counter, reserved: 0, settled: 0, excess: 0 }
		: { counter, reserved: amount, settled: amount, excess: 0 };

/** Does the counter count calls that are running now? */
export const isSlot = (counter: Pick<CounterName, "measure">): boolean => counter.measure === "concurrent_calls";

/** A top-up: for life until reset, or for one window. */
export function raise(counter: OwnCounter, amount: number, at: EpochMs): OwnCounter {
	const { windowMs } = counter.name;
	if (windowMs === 0) counter.toppedUp = bounded(counter.toppedUp + amount);
	else counter.topUps = added(counter.topUps, amount, windowMs, at, at);
	return counter;
}

/** Zeroes what is settled and topped up, and keeps reservations. */
export function reset(counter: OwnCounter): OwnCounter {
	counter.settled = 0;
	counter.toppedUp = 0;
	counter.buckets = NOTHING;
	counter.topUps = NOTHING;
	return counter;
}

/** Books an amount at `when`; buckets that no window ending at `at` or later can touch are dropped. */
function book(counter: OwnCounter, amount: number, when: EpochMs, at: EpochMs): void {
	const { windowMs } = counter.name;
	if (windowMs === 0) counter.settled = bounded(counter.settled + amount);
	else counter.buckets = added(counter.buckets, amount, windowMs, when, at);
}

function since(oldest: number, buckets: Buckets): number {
	let sum = 0;
	// By index: an iterator is an object for each item, and all limits of a call are summed up.
	for (let place = buckets.length - 1; place >= 0; place--) {
		const bucket = buckets[place] as Buckets[number];
		if (bucket[0] < oldest) break;
		sum += bucket[1];
	}
	return bounded(sum);
}

function added(buckets: Buckets, amount: number, windowMs: DurationMs, when: EpochMs, at: EpochMs): Buckets {
	const oldest = oldestOf(windowMs, at);
	const bucket = bucketOf(windowMs, when);
	const isOld = buckets.length > 0 && (buckets[0] as readonly [number, number])[0] < oldest;
	const kept = isOld ? buckets.filter(([index]) => index >= oldest) : buckets;
	if (bucket < oldest) return kept;
	// From the end: nearly all is booked in the newest bucket.
	let place = kept.length;
	while (place > 0 && (kept[place - 1] as readonly [number, number])[0] >= bucket) place -= 1;
	const found = kept[place];
	if (found === undefined || found[0] !== bucket) return kept.toSpliced(place, 0, [bucket, amount]);
	// In place, as the counter itself: a list that has items is nobody else's.
	(kept as Buckets[number][])[place] = [bucket, bounded(found[1] + amount)];
	return kept;
}
