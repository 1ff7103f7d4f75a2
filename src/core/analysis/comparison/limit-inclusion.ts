/** When limits of one side keep what a limit of the other allows: by what they count, in which scope, for how long. */
import type { Obligations } from "../../model/entries.ts";
import { CALL_DEADLINE_DEFAULT_MS } from "../../model/obligations.ts";
import { MergedObligations } from "../../policy/obligations.ts";
import type { CompiledLimit, CompiledObligation } from "../../policy/rules.ts";
import { widthOf } from "../../state/window.ts";
import type { Asker } from "./asker.ts";
import type { Cell, CellSide } from "./cells.ts";
import { liftsOf } from "./exceptions.ts";
import { coversRequirement } from "./force.ts";

/** Which of the two sides is held to be stricter. */
export type Side = 0 | 1;

/** Cells of calls that the stricter side may admit, and that the limit counts. */
export const countedCells = (cells: readonly Cell[], limit: CompiledLimit, narrow: Side): readonly Cell[] =>
	cells.filter(({ sides }) => sides[otherSide(narrow)].limits.includes(limit) && !isShut(sides[narrow]));

export const otherSide = (side: Side): Side => (side === 0 ? 1 : 0);

/** Is everything denied, whatever the arguments are? */
export const isShut = (side: CellSide): boolean =>
	side.isClosed ||
	side.certain.some(({ fired }) => fired.reason.rule.effect === "deny" && liftsOf(side, fired).length === 0) ||
	side.limits.some(admitsNothing);

/** Every call needs one of a count, and of what is reserved for it. Where all of nothing is taken, no call is admitted at all. */
const admitsNothing = ({ max, effect }: CompiledLimit): boolean => max === 0 && effect === "deny";

/** Do the stricter side's limits keep the other side's `limit`, whatever calls they admit? False where that is not certain. */
export function keepsLimit(cells: readonly Cell[], limit: CompiledLimit, narrow: Side, asker: Asker): boolean {
	const counted = countedCells(cells, limit, narrow);
	const own = [...new Set(counted.flatMap(({ sides }) => sides[narrow].limits))];
	const countsIn = (candidate: CompiledLimit, { sides }: Cell): boolean => sides[narrow].limits.includes(candidate);
	const times = counted.map(({ sides }) => [timesOf(sides[narrow]), timesOf(sides[otherSide(narrow)])] as const);
	const isKept = own.some(
		(candidate) =>
			counted.every((cell) => countsIn(candidate, cell)) &&
			countsNoLess(candidate, limit) &&
			times.every(([ours, theirs]) => countsAsLong(candidate, limit, ours, theirs)) &&
			isAsForceful(candidate, limit, asker),
	);
	if (isKept || counted.length === 0) return true;
	// Calls that stay open count beyond a window: the limit's must not be open for longer than those that keep it count them.
	const staysOpen = times.some(
		([ours, theirs]) =>
			limit.windowMs !== 0 && theirs.callDeadlineMs > limit.windowMs && theirs.callDeadlineMs > ours.callDeadlineMs,
	);
	const admitting = own.filter((candidate) => admits(candidate, limit, staysOpen) !== null);
	const sharing = coverOf(counted, admitting, countsIn);
	return sharing !== null && sharing.reduce((sum, each) => sum + (admits(each, limit, staysOpen) ?? 0), 0) <= limit.max;
}

/** Is the limit's counter never below the other's, and its maximum not above? */
export function countsNoLess(limit: CompiledLimit, other: CompiledLimit): boolean {
	if (limit.max > other.max || !isScopeAsWide(limit, other)) return false;
	if (limit.measure !== other.measure) return isLifeOfCalls(limit, other);
	if (limit.windowMs === other.windowMs)
		return limit.windowMs === 0 ? limit.reserve >= other.reserve : limit.reserve === other.reserve;
	if (limit.windowMs === 0) return limit.reserve >= other.reserve;
	if (other.windowMs === 0 || limit.reserve !== other.reserve) return false;
	return limit.windowMs >= other.windowMs + widthOf(other.windowMs);
}

/** A count of all calls is never below that of those which are the same, or run at the same time. */
const isLifeOfCalls = (limit: CompiledLimit, other: CompiledLimit): boolean =>
	limit.measure === "tool_calls" &&
	limit.windowMs === 0 &&
	(other.measure === "concurrent_calls" || other.measure === "identical_calls");

const WIDTH = { session: 0, agent: 1, tenant: 2 } as const;

/** Identical calls are those of one session, whatever the scope says. */
const isScopeAsWide = (limit: CompiledLimit, other: CompiledLimit): boolean =>
	(limit.measure === "identical_calls" && other.measure === "identical_calls") ||
	other.measure === "identical_calls" ||
	WIDTH[limit.scope] >= WIDTH[other.scope];

export const isAsForceful = (limit: CompiledLimit, other: CompiledLimit, asker: Asker): boolean =>
	limit.effect === "deny" ||
	(other.effect === "hold" &&
		limit.requirement !== null &&
		other.requirement !== null &&
		coversRequirement(limit.requirement, other.requirement, asker));

/** How many calls the limit admits at most while the other one, which counts calls, remembers them; null: nobody knows. */
function admits(limit: CompiledLimit, other: CompiledLimit, staysOpen: boolean): number | null {
	if (limit.effect !== "deny" || limit.measure !== "tool_calls") return null;
	if (limit.max === 0) return 0;
	if (!isScopeAsWide(limit, other)) return null;
	if (limit.windowMs === 0) return other.measure === "tool_calls" || isLifeOfCalls(limit, other) ? limit.max : null;
	if (other.windowMs === 0 || (other.measure === "tool_calls" && staysOpen)) return null;
	const isCount = other.measure === "tool_calls" || other.measure === "identical_calls";
	return isCount ? limit.max * roundsOf(limit.windowMs, other.windowMs) : null;
}

/**
 * How often a window of the first length can be filled while one of the second remembers. What a window forgets, it forgets by
 * whole buckets: the next call comes a window and a bucket after the beginning of the bucket of the first.
 */
function roundsOf(windowMs: number, otherMs: number): number {
	const [width, otherWidth] = [widthOf(windowMs), widthOf(otherMs)];
	const remembered = otherMs + otherWidth;
	const isAligned = windowMs % width === 0 && otherWidth % width === 0;
	return Math.ceil(remembered / (isAligned ? windowMs + width : windowMs + 1));
}

/** Some of the limits that count, between them, whatever is counted; null: there are none. Those with the least room first. */
function coverOf(
	counted: readonly Cell[],
	candidates: readonly CompiledLimit[],
	countsIn: (limit: CompiledLimit, cell: Cell) => boolean,
): readonly CompiledLimit[] | null {
	let open = counted;
	const cover: CompiledLimit[] = [];
	while (open.length > 0) {
		const best = candidates
			.filter((limit) => !cover.includes(limit))
			.map((limit) => ({ limit, count: open.filter((cell) => countsIn(limit, cell)).length }))
			.filter(({ count }) => count > 0)
			.sort((a, b) => b.count / (b.limit.max + 1) - a.count / (a.limit.max + 1))[0];
		if (best === undefined) return null;
		cover.push(best.limit);
		open = open.filter((cell) => !countsIn(best.limit, cell));
	}
	return cover;
}

type Times = Pick<Obligations, "callDeadlineMs" | "leaseMs">;

/** How long calls may take, as the obligations of the cell say together. */
export const timesOf = ({ obligations }: CellSide): Times => new MergedObligations(obligations).unredacted.obligations;

/**
 * A call counts while it is open, and in full once its deadline has passed without a report; its slot is taken until its lease has
 * run out. Does each count at least as long, and as much, with the limit?
 */
function countsAsLong(limit: CompiledLimit, { measure }: CompiledLimit, own: Times, other: Times): boolean {
	if (measure === "identical_calls" || limit.measure !== measure) return true;
	if (measure === "concurrent_calls") return own.leaseMs >= other.leaseMs;
	if (measure !== "tool_calls" && own.callDeadlineMs > other.callDeadlineMs) return false;
	const isForLife = limit.windowMs === 0;
	return isForLife || own.callDeadlineMs >= other.callDeadlineMs || other.callDeadlineMs <= limit.windowMs;
}

/** Does it give calls more time than they have without it? */
export const isLong = ({ deadlineMs }: CompiledObligation): boolean =>
	deadlineMs !== null && deadlineMs > CALL_DEADLINE_DEFAULT_MS;
