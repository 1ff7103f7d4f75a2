/** What the work for one call is counted in: operations, each of about a nanosecond, and no clock. */

/** Operations that searches for one call may take at most: about a second at the worst. */
export const WORK_MAX = 400_000_000;

/** A single look for a pattern, and a value or leaf that is read. */
export const LOOK_WORK = 2_000;
export const LEAF_WORK = 200;

/** For each character of a text: one pass over it, and reading it as something that has parts. */
export const PASS_WORK = 2;
export const READ_WORK = 40;

/** Says that a rule was left undecided. */
export const TOO_MUCH = "could not be evaluated: the arguments hold too many texts to look at";
