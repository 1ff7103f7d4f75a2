/**
 * Which tokens were used up. A token is used once: whatever shares a store, in one process or several, before a restart or after it.
 *
 * S1  Of all who consume one token, one is told `consumed`, however many ask at once.
 * S2  What was used is remembered for as long as the token is good. Where a store cannot know (it is younger than the token, or has
 *     forgotten what ran out by then), it says so: `unknown`, never `consumed`.
 */
import type { EpochMs } from "../core/model/units.ts";

export interface TokenUse {
	/** Names the allow: ledger, partition and seq. */
	readonly id: string;
	readonly issuedAt: EpochMs;
	/** From then on nobody accepts the token, whatever their clock. */
	readonly until: EpochMs;
}

export type TokenUsed = "consumed" | "used" | "unknown";

export interface TokenStore {
	/** Throws TOKEN_STORE where nobody can tell, and where there is no room: then the call must not run. */
	consume(use: TokenUse, now: EpochMs): TokenUsed;
	close(): void;
}

/** Tokens that a store remembers at once. */
export const TOKENS_MAX = 1_000_000;
/** After so many uses what has run out is forgotten. */
export const SWEEP_EVERY = 1_000;
