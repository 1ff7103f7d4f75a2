/** Of kafkajs 2.2.4's inside, what the adapter uses: connections, the protocol's encoders, and names of requests. */

declare module "kafkajs/src/cluster/connectionPoolBuilder.js" {
	import type { ConnectionPool, PoolOptions } from "kafkajs/src/network/connectionPool.js";

	const connectionPoolBuilder: (options: PoolOptions) => {
		build(of?: { readonly host: string; readonly port: number }): Promise<ConnectionPool>;
	};
	export = connectionPoolBuilder;
}

declare module "kafkajs/src/network/connectionPool.js" {
	export interface PoolOptions {
		readonly logger: unknown;
		readonly socketFactory: unknown;
		readonly brokers: readonly string[];
		readonly ssl: object | undefined;
		readonly sasl: object | undefined;
		readonly clientId: string;
		readonly connectionTimeout: number;
		readonly requestTimeout: number;
		readonly enforceRequestTimeout: boolean;
		readonly maxInFlightRequests: number | null;
		readonly reauthenticationThreshold: number;
	}
	export interface RequestQueue {
		readonly pending: readonly unknown[];
		readonly throttledUntil: number;
		throttleCheckTimeoutId: NodeJS.Timeout | null;
		checkPendingRequests(): void;
		/** Sends at once, or later while the broker's throttling lasts; ends it when its time is over. */
		push(request: QueuedRequest): void;
		maybeThrottle(ms: number): void;
		scheduleCheckPendingRequests(): void;
	}
	export interface QueuedRequest {
		readonly entry: {
			readonly apiKey: number;
			readonly apiName: string;
			readonly apiVersion: number;
			readonly correlationId: number;
			resolve(answer: { readonly payload: Buffer }): void;
			reject(why: Error): void;
		};
		readonly expectResponse: boolean;
		/** Null: the connection's own. */
		readonly requestTimeout: number | null;
		sendRequest(): void;
	}
	export interface Connection {
		readonly requestQueue: RequestQueue;
		readonly clientId: string;
		readonly host: string;
		readonly port: number;
		readonly socket?: { destroy(): void; write(bytes: Buffer): boolean };
		isConnected(): boolean;
		nextCorrelationId(): number;
		connect(): Promise<unknown>;
		disconnect(): Promise<unknown>;
		rejectRequests(why: Error): void;
		/** Takes what came over the socket; throws at lengths that are none. */
		processData(data: Buffer): void;
		/** Bytes of the answer that is being gathered, with its length. */
		readonly bytesNeeded: number;
		/** Present while it logs in. */
		readonly authHandlers?: { onError(): void } | null;
		send(request: ProtocolRequest): Promise<unknown>;
	}
	export interface ConnectionPool {
		readonly pool: readonly Connection[];
	}
	export interface ProtocolRequest {
		readonly request: {
			readonly apiKey: number;
			readonly apiVersion: number;
			encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
		};
		readonly response: { decode(payload: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
		readonly logResponseError?: boolean;
	}
}

declare module "kafkajs/src/broker/index.js" {
	import type { ConnectionPool, ProtocolRequest } from "kafkajs/src/network/connectionPool.js";

	class Broker {
		constructor(of: { connectionPool: ConnectionPool; logger: unknown });
		readonly connectionPool: ConnectionPool;
		/** By request, once connected. */
		readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>> | null;
		isConnected(): boolean;
		connect(): Promise<void>;
		lookupRequest(apiKey: number, definitions: unknown): (args: object) => ProtocolRequest;
	}
	export = Broker;
}

declare module "kafkajs/src/protocol/requests/index.js" {
	const all: { readonly requests: Readonly<Record<string, unknown>> };
	export = all;
}

declare module "kafkajs/src/protocol/requests/apiKeys.js" {
	const apiKeys: Readonly<Record<string, number>>;
	export = apiKeys;
}
