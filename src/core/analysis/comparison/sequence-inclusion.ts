/** When a sequence of one side stops whatever one of the other does: begun by at least as much, for as long, as widely. */
import type { CallKind, CompiledSequence } from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import type { Cell } from "./cells.ts";
import { covers } from "./exceptions.ts";
import { isShut, otherSide, type Side } from "./limit-inclusion.ts";
import { allFindWherever } from "./reading-inclusion.ts";
import { firesWhereverTest } from "./test-inclusion.ts";

/** Cells of calls that the stricter side may admit, and that begin the sequence, or complete it and are not stopped by a rule. */
export function sequenceCells(cells: readonly Cell[], sequence: CompiledSequence, narrow: Side, asker: Asker) {
	const open = cells.filter(({ sides }) => !isShut(sides[narrow]));
	return {
		beginning: open.filter(({ sides }) => sides[otherSide(narrow)].begins.includes(sequence)),
		completing: open.filter(({ sides }) => {
			const [own, other] = [sides[narrow], sides[otherSide(narrow)]];
			return other.completes.includes(sequence) && !own.certain.some(covers(own, other, sequence, asker));
		}),
	};
}

/** False where it is not certain. */
export function keepsSequence(cells: readonly Cell[], sequence: CompiledSequence, narrow: Side, asker: Asker): boolean {
	const { beginning, completing } = sequenceCells(cells, sequence, narrow, asker);
	if (beginning.length === 0 || completing.length === 0) return true;
	const own = new Set(beginning.flatMap(({ sides }) => sides[narrow].begins));
	return [...own].some(
		(candidate) =>
			lastsAsLong(candidate, sequence) &&
			beginning.every(({ sides }) => sides[narrow].begins.includes(candidate)) &&
			completing.every(({ sides }) => {
				const [mine, other] = [sides[narrow], sides[otherSide(narrow)]];
				return mine.completes.includes(candidate) && covers(mine, other, sequence, asker)(candidate);
			}) &&
			holdsKind(candidate.after, sequence.after, asker) &&
			holdsKind(candidate.completedBy, sequence.completedBy, asker),
	);
}

/** Of calls of the same tools: is each of the one kind also of the other? False where it is not certain. */
export const holdsKind = (own: CallKind, other: CallKind, asker: Asker): boolean =>
	allFindWherever(own.readings, other.readings) && firesWhereverTest(own, other, asker);

/** What an agent has begun without end is never forgotten; what one of its sessions has is forgotten with the session. */
export function lastsAsLong({ sequence: own }: CompiledSequence, { sequence: other }: CompiledSequence): boolean {
	const isAsWide = own.scope === other.scope || own.scope === "agent";
	return isAsWide && (own.withinMs === 0 || (other.withinMs !== 0 && own.withinMs >= other.withinMs));
}
