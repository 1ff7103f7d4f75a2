/** How families of servers take texts apart. */

export interface Manner {
	readonly backslash: boolean;
	readonly hash: boolean;
	/** Does `--` begin a comment without a blank behind it? */
	readonly tightDash: boolean;
	readonly nesting: boolean;
}

/** What most texts are meant for, and what fits texts of which nothing is known. */
export const ANY: Manner = { backslash: true, hash: true, tightDash: true, nesting: true };
export const MYSQL: Manner = { backslash: true, hash: true, tightDash: false, nesting: false };
export const STANDARD: Manner = { backslash: false, hash: false, tightDash: true, nesting: true };
