/** The role of a gateway: a client of its own, credentials, and the address where agents ask. */

import type { Credentials } from "../adapters/http/gateway/credential.ts";
import { Gateway } from "../adapters/http/gateway/gateway.ts";
import type { RateLimit } from "../adapters/http/gateway/rate.ts";
import { openGatewayMetrics } from "../adapters/prometheus/gateway-metrics.ts";
import { threadComparer } from "../adapters/threads/compare-thread.ts";
import { AssentClient } from "../client/client.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DurationMs } from "../core/model/units.ts";
import { systemClock } from "../ports/clock.ts";
import type { Log } from "../ports/log/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { VERSION } from "./version.ts";

export const GATEWAY_HOST = "127.0.0.1";
export const GATEWAY_PORT = 8_722;

const RATE: RateLimit = { perSecond: 2_000, burst: 4_000 };

export interface GatewayRoleOptions {
	readonly log: Log;
	readonly layout: Layout;
	/** From which salts are drawn: the same for all gateways that may be asked under one id. */
	readonly secret: Uint8Array;
	readonly credentials: Credentials;
	readonly telemetry: Telemetry;
	readonly host: string;
	/** 0 for one that is free. */
	readonly port: number;
	readonly tls: { readonly cert: string; readonly key: string } | null;
	readonly isBehindProxy: boolean;
	/** Of each credential; default 2,000 a second, and twice as many at once. */
	readonly rate?: RateLimit;
}

export interface GatewayRole {
	/** `http://127.0.0.1:8722`. */
	readonly address: string;
	/** Takes no new requests, answers those that wait within `drainMs`, and ends. Idempotent. */
	stop(drainMs: DurationMs): Promise<void>;
}

/** Throws ASSENT_USAGE where it cannot listen, and what the client throws at its start. */
export async function startGateway(options: GatewayRoleOptions): Promise<GatewayRole> {
	const { log, layout, secret, telemetry, rate = RATE, ...listening } = options;
	const metrics = openGatewayMetrics();
	const client = await new AssentClient({ log, layout, secret, telemetry }).start();
	try {
		const gateway = await Gateway.listen({
			...listening,
			rate,
			log,
			layout,
			client,
			telemetry,
			clock: systemClock,
			comparer: threadComparer(),
			meter: metrics,
			metrics,
			version: VERSION,
			assertUsable: () => client.assertUsable(),
		});
		let stopped: Promise<void> | null = null;
		return {
			address: gateway.address,
			stop: (drainMs) => {
				stopped ??= end(drainMs);
				return stopped;
			},
		};

		async function end(drainMs: DurationMs): Promise<void> {
			await gateway.drain(drainMs);
			// Denies what still waits: its callers are told to ask another gateway.
			await client.close();
			await gateway.close();
			metrics.close();
		}
	} catch (thrown) {
		await client.close();
		metrics.close();
		throw thrown;
	}
}
