/** The processor's clock: asked only for marks, ticks and waiting, never by the core. */
import type { EpochMs } from "../core/model/units.ts";

export interface Clock {
	now(): EpochMs;
}

export const systemClock: Clock = { now: () => Date.now() };
