/** Of kafkajs 2.2.4's inside, what the adapter uses: connections, the protocol's encoders, and names of requests. */

declare module "kafkajs/src/cluster/connectionPoolBuilder.js" {
	import type { ConnectionPool, PoolOptions } from "kafkajs/src/network/connectionPool.js";

	const connectionPoolBuilder: (options: PoolOptions) => {
		build(of?: { host: string; port: number }): Promise<ConnectionPool>;
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
		scheduleCheckPendingRequests(): void;
	}
	export interface Connection {
		readonly requestQueue: RequestQueue;
		readonly socket?: { destroy(): void };
		connect(): Promise<unknown>;
		disconnect(): Promise<unknown>;
		rejectRequests(why: Error): void;
	}
	export interface ConnectionPool {
		readonly pool: readonly Connection[];
		send(request: ProtocolRequest): Promise<unknown>;
	}
	export interface ProtocolRequest {
		readonly request: {
			readonly apiKey: number;
			readonly apiVersion: number;
			encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
		};
		readonly response: { decode(payload: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<unknown> };
		readonly requestTimeout?: number;
		readonly logResponseError?: boolean;
	}
}

declare module "kafkajs/src/broker/index.js" {
	import type { ConnectionPool, ProtocolRequest } from "kafkajs/src/network/connectionPool.js";

	class Broker {
		constructor(of: { connectionPool: ConnectionPool; logger: unknown; nodeId: number | null });
		readonly connectionPool: ConnectionPool;
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
