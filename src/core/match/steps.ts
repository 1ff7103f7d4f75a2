/** What a search takes its steps with: sets of places in a pattern, as the numbers of one array, and where characters lead from them. */
import type { RuneSet } from "../language/rune-set.ts";

export interface Advance {
	/** The assertions that hold before the character. */
	readonly holds: number;
	/** What `reading` gave for the character. */
	readonly reads: Int32Array;
}

export interface Steps {
	/** Numbers that a set takes; all of them 0: nothing has begun, or nothing is left. */
	readonly words: number;
	/** All that the pattern reads. */
	readonly sets: readonly RuneSet[];
	/** Operations that one character can take; infinite for a pattern that must not be searched for. */
	readonly cost: number;
	/** The set before a text is read. */
	begin(): Int32Array;
	/** What in the pattern reads a code point. */
	reading(rune: number): Int32Array;
	/** Is a match complete at these places, where these assertions hold? */
	accepts(now: Int32Array, holds: number): boolean;
	/** The places after one more character, into `next`. */
	advance(now: Int32Array, next: Int32Array, by: Advance): void;
}
