/** What an allowed call owes where no policy says it. */
import type { Obligations } from "./entries.ts";
import type { DurationMs } from "./units.ts";

/** Default time that an allowed call may take. */
export const CALL_DEADLINE_DEFAULT_MS: DurationMs = 600_000;

/** Where no policy says it: a crashed agent's slot comes back after six times what its call may take. */
export const leaseDefault = (callDeadlineMs: DurationMs): DurationMs =>
	Math.max(LEASE_DEFAULT_MIN_MS, LEASE_DEADLINES * callDeadlineMs);

const LEASE_DEADLINES = 6;
const LEASE_DEFAULT_MIN_MS: DurationMs = 600_000;

/** What is owed where no policy asks for anything, or where there is nothing to run. */
export const NO_OBLIGATIONS: Obligations = Object.freeze({
	redact: Object.freeze([]),
	callDeadlineMs: CALL_DEADLINE_DEFAULT_MS,
	leaseMs: leaseDefault(CALL_DEADLINE_DEFAULT_MS),
	messages: Object.freeze([]),
});
