/** Votes that are enough for the one side of a call that both hold, and not for the other. */
import type { Requirement } from "../../model/entries.ts";
import type { DecidedCall } from "../trial.ts";
import type { Side } from "./limit-inclusion.ts";
import type { TrialPair, Witness, WitnessVote } from "./trial-pair.ts";

/** People that one glob may stand for. */
const LETTERS = "abcdefgh";

/** Null: none was found. */
export function findVotes(
	call: DecidedCall,
	own: readonly Requirement[],
	other: readonly Requirement[],
	deps: { readonly trials: TrialPair; readonly narrow: Side },
): Witness | null {
	const { trials, narrow } = deps;
	// Just before the looser side would give up waiting.
	const latest = Math.min(...own.map(({ expiresAfterMs }) => expiresAfterMs)) - 1;
	const foreign = new Set(other.flatMap(({ approvers }) => approvers));
	for (const waitMs of [0, latest]) {
		for (const isLast of [false, true]) {
			const people = own.flatMap(({ approvers, quorum }) => {
				// Whom the other side does not name comes first, or last.
				const sorted = [...approvers].sort((a, b) => Number(foreign.has(a)) - Number(foreign.has(b)));
				const names = (isLast ? sorted.reverse() : sorted).flatMap(namesOf);
				return [...new Set(names)].slice(0, quorum);
			});
			const votes: WitnessVote[] = [...new Set(people)].map((by) => ({ by, at: (call.at ?? 0) + waitMs }));
			for (const onBehalfOf of [null, ...people.slice(0, 1)]) {
				const witness = trials.executeVotes({ ...call, onBehalfOf }, votes, narrow);
				if (witness !== null) return witness;
			}
		}
	}
	return null;
}

const namesOf = (glob: string): readonly string[] =>
	/[*?]/.test(glob) ? [...LETTERS].map((letter) => glob.replaceAll(/[*?]+/g, letter)) : [glob];
