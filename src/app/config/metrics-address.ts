/** Where a running part shows its metrics and its health: by a `metrics` section of the configuration, and `--metrics-port`. */
import { z } from "zod";
import { text } from "./forms.ts";

export interface MetricsAddress {
	readonly host: string;
	/** 0: any that is free. */
	readonly port: number;
}

const METRICS_HOST = "127.0.0.1";

export const metricsSection = z.strictObject({
	host: text.optional().meta({ description: "The address to listen at.", absent: METRICS_HOST }),
	port: z
		.int()
		.min(0)
		.max(65_535)
		.meta({ description: "The port to listen at; 0 takes any that is free. `--metrics-port` wins." }),
});

/** Null: nowhere, and nothing is measured. A `port` of its own wins over the section's. */
export function metricsAddress(
	section: z.output<typeof metricsSection> | MetricsAddress | null | undefined,
	port: number | undefined = section?.port,
): MetricsAddress | null {
	return port === undefined ? null : { host: section?.host ?? METRICS_HOST, port };
}
