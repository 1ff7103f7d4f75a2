/** Where a running part tells its operators the events of `events.ts`. */
import type { EventOf, FactsOf } from "./events.ts";

/** What came with an event, for those who only pass it on. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface Telemetry {
	info<Name extends EventOf<"info">>(event: Name, facts: FactsOf<Name>): void;
	warn<Name extends EventOf<"warn">>(event: Name, facts: FactsOf<Name>): void;
	error<Name extends EventOf<"error">>(event: Name, facts: FactsOf<Name>): void;
}

export const silentTelemetry: Telemetry = { info: () => {}, warn: () => {}, error: () => {} };
