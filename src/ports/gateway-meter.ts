/** What a gateway measures. */
import type { DurationMs } from "../core/model/units.ts";

export interface GatewayMeter {
	/** A request was answered: its route as it is documented, never what was asked for. */
	answered(route: string, status: number, ms: DurationMs): void;
	/** 1: a request begins to be worked on; -1: it ended. */
	waiting(change: 1 | -1): void;
}
