/** What an SQL text is made of. */

export const WORD = 0;
/** A quoted name: `"x"`, `` `x` ``, `[x]`; MySQL takes the first as a string. */
export const QUOTED = 1;
export const TEXT = 2;
export const NUMBER = 3;
/** `@x`, `@@x`. */
export const VARIABLE = 4;
export const SIGN = 5;

export interface Token {
	readonly kind: number;
	/** Lower case for words and variables; what quotes hold, without them; signs as they are. */
	readonly text: string;
	readonly from: number;
	readonly to: number;
}
