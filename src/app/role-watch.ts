/** `/metrics`, `/livez` and `/readyz` of a role that is no processor; only who is watched pays for them. */
import type { MetricsPage } from "../adapters/http/probes.ts";
import type { MetricsAddress } from "./config/metrics-address.ts";

/** What is measured, as it is shown; what counts is in `Metrics`. */
type Measured = MetricsPage & { close(): void };

export interface RoleWatch<Metrics> {
	readonly address: string;
	readonly metrics: Metrics;
	/** The role is at work from now on, until it is told to stop. */
	ready(): void;
	close(): Promise<void>;
}

/** Null where nobody watches. Throws ASSENT_USAGE where the port cannot be had. */
export async function watchRole<Metrics extends Measured>(
	at: MetricsAddress | null,
	parts: {
		readonly open: () => Promise<Metrics>;
		/** What `/readyz` says beside whether it is ready. */
		readonly facts: object;
		readonly stop: AbortSignal;
	},
): Promise<RoleWatch<Metrics> | null> {
	if (at === null) return null;
	const { serveHealth } = await import("../adapters/http/probes.ts");
	const metrics = await parts.open();
	let isAtWork = false;
	const status = () => ({ isEnded: false, isReady: isAtWork && !parts.stop.aborted, facts: parts.facts });
	const health = await serveHealth({ ...at, metrics, status });
	return {
		address: health.address,
		metrics,
		ready: () => {
			isAtWork = true;
		},
		close: async () => {
			await health.close();
			metrics.close();
		},
	};
}
