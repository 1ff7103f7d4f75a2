/** Units of the model. All are safe integers; nothing in the core is a float. */

/** Milliseconds since 1970-01-01T00:00:00Z, as a record's timestamp says it; the core never asks a clock. */
export type EpochMs = number;

/** A length of time in milliseconds. */
export type DurationMs = number;

/** Money in millionths of the deployment's currency unit: 1,000,000 is one unit. */
export type CostMicros = number;

/**
 * A record's place in its partition, counted from 0. A safe integer: a partition that takes a million records a second
 * reaches 2^53 after 285 years, and adapters refuse an offset beyond it rather than round it.
 */
export type Offset = number;

/** How far a record's timestamp, or what it says of its own time, may be in the future. */
export const AHEAD_MAX_MS: DurationMs = 300_000;

export const SECOND: DurationMs = 1_000;
export const MINUTE: DurationMs = 60 * SECOND;
export const HOUR: DurationMs = 60 * MINUTE;
export const DAY: DurationMs = 24 * HOUR;
