/** What a gateway takes of its callers at most. */
import type { DurationMs } from "../../../core/model/units.ts";
import type { RateLimit } from "./rate.ts";

export interface GatewayLimits {
	/** Of each credential. */
	readonly rate: RateLimit;
	/** Connections at a time: one for each agent that waits, and some. */
	readonly connections: number;
	/** How long a caller may take to send its headers, and all of its request. */
	readonly headersWithinMs: DurationMs;
	readonly requestWithinMs: DurationMs;
}

export const DEFAULT_LIMITS: GatewayLimits = {
	rate: { perSecond: 2_000, burst: 4_000 },
	connections: 20_000,
	headersWithinMs: 10_000,
	requestWithinMs: 20_000,
};
