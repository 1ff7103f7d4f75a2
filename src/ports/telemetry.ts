/** What a running part tells its operators: events with stable names and flat facts. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface Telemetry {
	info(event: string, facts?: Facts): void;
	warn(event: string, facts?: Facts): void;
	error(event: string, facts?: Facts): void;
}

export const silentTelemetry: Telemetry = { info: () => {}, warn: () => {}, error: () => {} };
