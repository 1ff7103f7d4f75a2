/** A gateway that listens: where it may, until it is told to end, and then in order. */
import type { FastifyInstance } from "fastify";
import { AssentError, problem } from "../../../core/base/errors.ts";
import type { DurationMs } from "../../../core/model/units.ts";
import { type ApplicationParts, makeApplication } from "./application.ts";

export interface GatewayOptions extends Omit<ApplicationParts, "hosts" | "isDraining" | "closing"> {
	/** Name or address of the interface to listen on. */
	readonly host: string;
	/** 0 for one that is free. */
	readonly port: number;
	/** A proxy in front ends TLS, and vouches for the host. */
	readonly isBehindProxy: boolean;
}

/** Connections that the system keeps until they are accepted: thousands of agents may begin at once. */
const BACKLOG = 4_096;
const DRAIN_LOOK_MS: DurationMs = 20;

export class Gateway {
	/** Where it listens: `http://127.0.0.1:8722`. */
	readonly address: string;
	readonly #app: FastifyInstance;
	readonly #lifecycle: Lifecycle;
	#closed: Promise<void> | null = null;

	private constructor(parts: { app: FastifyInstance; lifecycle: Lifecycle; address: string }) {
		this.#app = parts.app;
		this.#lifecycle = parts.lifecycle;
		this.address = parts.address;
	}

	/** Listens, or throws ASSENT_USAGE: the port cannot be had, or others could listen in on the way. */
	static async listen({ host, port, isBehindProxy, ...options }: GatewayOptions): Promise<Gateway> {
		const { tls } = options;
		if (!isLoopback(host) && tls === null && !isBehindProxy) throw openToAll(host);
		const lifecycle = new Lifecycle();
		const app = makeApplication({
			...options,
			meter: {
				...options.meter,
				waiting: (change) => {
					lifecycle.waiting += change;
					options.meter.waiting(change);
				},
			},
			hosts: isLoopback(host) && !isBehindProxy && tls === null ? LOCAL_NAMES : null,
			closing: lifecycle.closing.signal,
			isDraining: () => lifecycle.isDraining,
		});
		app.server.maxConnections = options.limits.connections;
		try {
			await (app.listen({ host, port, backlog: BACKLOG }) as Promise<string>);
		} catch (thrown) {
			await app.close();
			throw unusable(host, port, thrown as NodeJS.ErrnoException);
		}
		return new Gateway({ app, lifecycle, address: addressOf(app, tls !== null) });
	}

	/** How many requests are worked on. */
	get waiting(): number {
		return this.#lifecycle.waiting;
	}

	/** Takes no new requests; resolves when those that wait were answered, or after `withinMs`. */
	async drain(withinMs: DurationMs): Promise<void> {
		this.#lifecycle.isDraining = true;
		this.#lifecycle.closing.abort();
		const end = performance.now() + withinMs;
		while (this.#lifecycle.waiting > 0 && performance.now() < end) {
			await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
		}
	}

	/** Stops listening. What still waits must have been answered before: end the client first. Idempotent. */
	close(): Promise<void> {
		this.#closed ??= this.#close();
		return this.#closed;
	}

	async #close(): Promise<void> {
		await this.drain(0);
		// One turn for the answers that the client's end has made.
		await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
		const closed = this.#app.close();
		this.#app.server.closeAllConnections();
		await closed;
	}
}

class Lifecycle {
	waiting = 0;
	isDraining = false;
	readonly closing = new AbortController();
}

const LOCAL_NAMES: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127\./.test(host);

function addressOf(app: FastifyInstance, isTls: boolean): string {
	const at = app.server.address();
	if (at === null || typeof at === "string") return "";
	return `${isTls ? "https" : "http"}://${at.family === "IPv6" ? `[${at.address}]` : at.address}:${at.port}`;
}

function unusable(host: string, port: number, error: NodeJS.ErrnoException): AssentError {
	const why = error.code === "EADDRINUSE" ? "it is taken" : (error.code ?? error.message);
	const help = "choose another port or address for the gateway, or stop whatever is listening there";
	return new AssentError(problem("ASSENT_USAGE", `cannot listen on port ${port} of \`${host}\`: ${why}`, help), {
		errno: error.code ?? "",
	});
}

const openToAll = (host: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`\`${host}\` can be reached from other machines, and credentials would cross the network in the clear`,
			"give it TLS, `--tls-cert FILE --tls-key FILE`; or say `--behind-proxy` where a proxy in front of it does that",
		),
	);
