/** What a gateway takes of its callers at most. */
import type { DurationMs } from "../../../core/model/units.ts";
import type { RateLimit } from "./rate.ts";

export interface GatewayLimits {
	/** Of each credential, its children included: requests, by what they cost (`shares.ts`). */
	readonly rate: RateLimit;
	/** Requests of each credential that wait for decisions at a time. */
	readonly waiting: number;
	/** All others of it that are worked on at a time. */
	readonly working: number;
	/** Connections at a time: one for each agent that waits, and some. */
	readonly connections: number;
	/** How long a caller may take to send its headers, and all of its request. */
	readonly headersWithinMs: DurationMs;
	readonly requestWithinMs: DurationMs;
}

export const DEFAULT_LIMITS: GatewayLimits = {
	rate: { perSecond: 500, burst: 100 },
	waiting: 10_000,
	working: 256,
	connections: 20_000,
	headersWithinMs: 10_000,
	requestWithinMs: 20_000,
};
