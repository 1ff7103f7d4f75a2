/** A TCP proxy before a broker, which can hold back what passes: a network between a client and a broker, in bad weather. */
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * `mute`: requests pass and answers do not. `cut`: nothing passes, and connections stay open. `late`: answers come so many
 * milliseconds later. `reset`: every connection is reset in the midst of its next answer. What was held back passes when it is
 * `fair` again, as a network sends again what it has lost.
 */
export type Weather =
	| { readonly kind: "fair" | "mute" | "cut" | "reset" }
	| { readonly kind: "late"; readonly ms: number };

export const FAIR: Weather = { kind: "fair" };

export class TcpProxy {
	readonly #server: Server;
	readonly #pairs = new Set<Pair>();
	#weather: Weather = FAIR;

	private constructor(to: number) {
		// Whatever one side ends, the other side ends, too: half-open connections are not what is tried here.
		this.#server = createServer({ noDelay: true }, (client) => {
			const pair = new Pair(client, connect({ host: "127.0.0.1", port: to, noDelay: true }), () => this.#weather);
			this.#pairs.add(pair);
			client.once("close", () => this.#pairs.delete(pair));
		});
	}

	/** Listens on 127.0.0.1. */
	static async open({ port, to }: { readonly port: number; readonly to: number }): Promise<TcpProxy> {
		const proxy = new TcpProxy(to);
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		proxy.#server.once("error", reject).listen({ port, host: "127.0.0.1" }, resolve);
		await promise;
		return proxy;
	}

	set weather(weather: Weather) {
		this.#weather = weather;
		for (const pair of this.#pairs) pair.pass();
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const pair of this.#pairs) pair.end();
		await closed;
	}
}

/** A client's connection and its own to the broker. */
class Pair {
	readonly #client: Socket;
	readonly #broker: Socket;
	readonly #weather: () => Weather;
	readonly #requests: Buffer[] = [];
	readonly #answers: { readonly bytes: Buffer; readonly at: number }[] = [];
	#timer: NodeJS.Timeout | undefined;

	constructor(client: Socket, broker: Socket, weather: () => Weather) {
		this.#client = client;
		this.#broker = broker;
		this.#weather = weather;
		client.on("data", (bytes) => {
			this.#requests.push(bytes);
			this.pass();
		});
		broker.on("data", (bytes) => {
			this.#answers.push({ bytes, at: performance.now() });
			this.pass();
		});
		for (const socket of [client, broker]) socket.on("error", () => this.end()).on("close", () => this.end());
	}

	/** As much as the weather lets through. */
	pass(): void {
		const weather = this.#weather();
		if (weather.kind !== "cut") for (const bytes of this.#requests.splice(0)) this.#broker.write(bytes);
		switch (weather.kind) {
			case "fair":
				this.#answer(Number.POSITIVE_INFINITY);
				return;
			case "late": {
				this.#answer(performance.now() - weather.ms);
				const [next] = this.#answers;
				clearTimeout(this.#timer);
				if (next === undefined) return;
				this.#timer = setTimeout(() => this.pass(), Math.max(1, next.at + weather.ms - performance.now()));
				return;
			}
			case "reset": {
				const [first] = this.#answers;
				if (first === undefined) return;
				this.#client.write(first.bytes.subarray(0, Math.ceil(first.bytes.length / 2)));
				// After the half has gone out.
				setImmediate(() => {
					this.#client.resetAndDestroy();
					this.end();
				});
				return;
			}
			case "mute":
			case "cut":
				return;
		}
	}

	/** Those that came until `until`. */
	#answer(until: number): void {
		while (this.#answers[0] !== undefined && this.#answers[0].at <= until)
			this.#client.write(this.#answers.shift()?.bytes ?? Buffer.alloc(0));
	}

	end(): void {
		clearTimeout(this.#timer);
		this.#client.destroy();
		this.#broker.destroy();
	}
}
