/**
 * Sliding windows: 60 buckets, aligned to the epoch. Windows slide by whole buckets, so that a count is a handful of
 * integers however many calls it counts.
 *
 * B2  The oldest bucket, which the window only touches, is counted whole: never over-admitted, and over-denied by at most one
 *     bucket, whatever the window's length.
 */

import type { DurationMs, EpochMs } from "../model/units.ts";

/** [bucket, amount], oldest first; a bucket is a 60th of the window, counted from the epoch. */
export type Buckets = readonly (readonly [bucket: number, amount: number])[];

const BUCKETS = 60;

export const widthOf = (windowMs: DurationMs): DurationMs => Math.ceil(windowMs / BUCKETS);

export const bucketOf = (windowMs: DurationMs, when: EpochMs): number => Math.floor(when / widthOf(windowMs));

/** The oldest bucket that a window ending at `at` touches. */
export const oldestOf = (windowMs: DurationMs, at: EpochMs): number => Math.floor((at - windowMs) / widthOf(windowMs));

/** The oldest bucket that is wholly in a window ending at `at`. */
export const firstWithin = (windowMs: DurationMs, at: EpochMs): number => oldestOf(windowMs, at) + 1;

/** From when on no window touches any of the buckets; 0 where there is none. */
export function passesAt(windowMs: DurationMs, buckets: Buckets): EpochMs {
	const newest = buckets.at(-1);
	return newest === undefined ? 0 : (newest[0] + 1) * widthOf(windowMs) + windowMs;
}
