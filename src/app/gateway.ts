/** The role of a gateway: a client of its own, credentials, and the address where agents ask. */

import type { ApplicationParts } from "../adapters/http/gateway/application.ts";
import { Children } from "../adapters/http/gateway/children.ts";
import { Gateway } from "../adapters/http/gateway/gateway.ts";
import type { Issuer } from "../adapters/http/gateway/issuers.ts";
import { type BearerKeys, KnownCredentials } from "../adapters/http/gateway/known-credentials.ts";
import { DEFAULT_LIMITS, type GatewayLimits } from "../adapters/http/gateway/limits.ts";
import { Turns } from "../adapters/http/gateway/turns.ts";
import { openGatewayMetrics } from "../adapters/prometheus/gateway-metrics.ts";
import { threadComparer } from "../adapters/threads/compare-thread.ts";
import { threadCompiler } from "../adapters/threads/compile-thread.ts";
import { AssentClient } from "../client/client.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DurationMs } from "../core/model/units.ts";
import { systemClock } from "../ports/clock.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import type { PayloadKeys } from "../ports/payload-keys.ts";
import type { Signer } from "../ports/signer.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { Publisher } from "../publishing/input-publisher.ts";
import { tokenGateOf } from "./executor-tokens.ts";
import { VERSION } from "./version.ts";

export const GATEWAY_HOST = "127.0.0.1";
export const GATEWAY_PORT = 8_722;

export interface GatewayRoleOptions {
	readonly log: Log;
	readonly layout: Layout;
	/** From which salts are drawn: the same for all gateways that may be asked under one id. */
	readonly secret: Uint8Array;
	readonly keys: BearerKeys;
	/** Whose tokens are credentials, too. */
	readonly issuers: readonly Issuer[];
	readonly telemetry: Telemetry;
	/** Left out: what Fastify itself has to say is not logged. */
	readonly httpLog?: ApplicationParts["httpLog"];
	readonly host: string;
	/** 0 for one that is free. */
	readonly port: number;
	readonly tls: { readonly cert: string; readonly key: string } | null;
	readonly isBehindProxy: boolean;
	/** Where answers are awaited: `replies` by default. */
	readonly replyTopic?: string | undefined;
	/** Path of the file of used tokens: of all gateways that executors may ask for one call the same; else in memory. */
	readonly tokenStore?: string | undefined;
	/** Signs what is published, where the policies name publishers: the gateway speaks for all whom its credentials name. */
	readonly publisher?: Publisher | null;
	/** Seals what is published; null or left out: it is in the clear. */
	readonly sealing?: PayloadKeys | null;
	/** Signs what operators and approvers say here in their names: where the policies name them, the key is listed under each name. */
	readonly operatorSigner?: Signer | null;
	/** Those that are left out are the usual ones. */
	readonly limits?: Partial<GatewayLimits>;
}

export interface GatewayRole {
	/** `http://127.0.0.1:8722`. */
	readonly address: string;
	/** Takes no new requests, answers those that wait within `drainMs`, and ends. Idempotent. */
	stop(drainMs: DurationMs): Promise<void>;
}

/** Throws ASSENT_USAGE where it cannot listen, and what the client throws at its start. */
export async function startGateway(options: GatewayRoleOptions): Promise<GatewayRole> {
	const {
		log,
		layout,
		secret,
		telemetry,
		keys,
		issuers,
		replyTopic = TOPICS.replies,
		limits,
		httpLog = null,
		...rest
	} = options;
	const { tokenStore, publisher = null, sealing = null, operatorSigner = null, ...listening } = rest;
	const clock = systemClock;
	const children = new Children(secret, clock);
	const metrics = openGatewayMetrics();
	const tokens = await tokenGateOf(tokenStore === undefined ? {} : { tokenStore }, { log, layout, telemetry });
	const signing = publisher === null ? {} : { publisher };
	const asked = { log, layout, secret, telemetry, replyTopic, tokens, sealing };
	const client = await new AssentClient({ ...asked, ...signing }).start();
	try {
		const gateway = await Gateway.listen({
			...listening,
			credentials: new KnownCredentials({ keys, children, issuers, clock }),
			children,
			turns: new Turns(),
			limits: { ...DEFAULT_LIMITS, ...limits },
			log,
			layout,
			client,
			telemetry,
			httpLog,
			clock,
			comparer: threadComparer(),
			compiler: threadCompiler,
			operatorSigner,
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
