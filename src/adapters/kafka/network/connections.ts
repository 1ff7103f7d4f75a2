/** Connections of kafkajs to brokers, and the fixes each one needs. */
import { connect as connectPlain, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import Broker from "kafkajs/src/broker/index.js";
import connectionPoolBuilder from "kafkajs/src/cluster/connectionPoolBuilder.js";
import type { Connection, ConnectionPool, RequestQueue } from "kafkajs/src/network/connectionPool.js";
import type { DurationMs } from "../../../core/model/units.ts";
import { KAFKA_DEFAULTS, type KafkaLogOptions } from "../options.ts";

/** kafkajs speaks through an object like this one; what matters is thrown as well. */
const SILENT = { namespace: () => SILENT, debug() {}, info() {}, warn() {}, error() {} };

/** A Fetch asks for 16 MiB; one batch that is larger comes anyway. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

const NEVER_MS: DurationMs = 2 ** 31 - 1;

export class Connections {
	readonly #pools: { build(of: { readonly host: string; readonly port: number }): Promise<ConnectionPool> };

	constructor(options: KafkaLogOptions) {
		const { clientId, connectTimeoutMs } = { ...KAFKA_DEFAULTS, ...options };
		this.#pools = connectionPoolBuilder({
			logger: SILENT,
			socketFactory,
			brokers: options.brokers,
			ssl: tlsOf(options),
			sasl: options.sasl === undefined ? undefined : { ...options.sasl },
			clientId,
			connectionTimeout: connectTimeoutMs,
			// The sender of a request waits for its answer as long as it may take (wire.ts).
			requestTimeout: NEVER_MS,
			enforceRequestTimeout: false,
			maxInFlightRequests: null,
			reauthenticationThreshold: 10_000,
		});
	}

	/** Not connected yet. */
	async to(address: { readonly host: string; readonly port: number }): Promise<Broker> {
		const connectionPool = await this.#pools.build(address);
		for (const connection of connectionPool.pool) {
			keepQuiet(connection.requestQueue);
			connectOnce(connection);
			distrust(connection);
		}
		return new Broker({ connectionPool, logger: SILENT });
	}
}

/** The one connection that is used: kafkajs opens a second for Fetch, beside which nothing waits here anyway. */
export function connectionOf({ connectionPool }: Broker): Connection {
	return connectionPool.pool[0] as Connection;
}

/**
 * kafkajs looks for pending requests on a timer, after every answer, whether there are any or not, and with a negative
 * delay of which Node 24 warns (kafkajs#1704, #1751). Here it looks only while something is pending.
 */
function keepQuiet(queue: RequestQueue): void {
	queue.scheduleCheckPendingRequests = () => {
		if (queue.throttleCheckTimeoutId !== null || queue.pending.length === 0) return;
		queue.throttleCheckTimeoutId = setTimeout(
			() => {
				queue.throttleCheckTimeoutId = null;
				queue.checkPendingRequests();
			},
			Math.max(10, queue.throttledUntil - Date.now()),
		);
	};
}

/** When everything under way is answered. */
export function retire(broker: Broker): void {
	connectionOf(broker)
		.disconnect()
		.catch(() => {});
}

/**
 * Now, and not when everything under way is answered: kafkajs would wait forever for a broker that does not answer.
 */
export function hangUp({ connectionPool }: Broker): void {
	for (const connection of connectionPool.pool) {
		connection.rejectRequests(new Error("the connection was given up"));
		connection.disconnect().catch(() => {});
		connection.socket?.destroy();
	}
}

/** kafkajs opens a socket for each request that finds none, and forgets all but the last: here they share one. */
function connectOnce(connection: Connection): void {
	const connect = connection.connect.bind(connection);
	let connecting: Promise<unknown> | null = null;
	connection.connect = () => {
		connecting ??= connect().finally(() => {
			connecting = null;
		});
		return connecting;
	};
}

/**
 * What kafkajs makes of a length that no answer has is thrown where nobody catches it, or gathered for gigabytes: such a
 * connection is given up.
 */
function distrust(connection: Connection): void {
	const process = connection.processData.bind(connection);
	connection.processData = (data) => {
		try {
			process(data);
			if (connection.bytesNeeded <= ANSWER_BYTES_MAX) return;
		} catch {
			// Its length was none.
		}
		connection.authHandlers?.onError();
		connection.rejectRequests(new Error("the broker's answer has a length that cannot be"));
		connection.disconnect().catch(() => {});
		connection.socket?.destroy();
	};
}

interface SocketRequest {
	readonly host: string;
	readonly port: number;
	/** kafkajs makes null of none. */
	readonly ssl: object | null;
	readonly onConnect: () => void;
}

/** Small requests must not wait for each other's acknowledgements (Nagle). */
function socketFactory({ host, port, ssl, onConnect }: SocketRequest) {
	const socket =
		ssl === null
			? connectPlain({ host, port }, onConnect)
			: connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect);
	socket.setNoDelay(true);
	socket.setKeepAlive(true, 30_000);
	return socket;
}

function tlsOf({ tls }: Pick<KafkaLogOptions, "tls">): object | undefined {
	if (tls === undefined) return undefined;
	const { serverName, ...pem } = tls;
	return { ...pem, ...(serverName === undefined ? {} : { servername: serverName }) };
}
