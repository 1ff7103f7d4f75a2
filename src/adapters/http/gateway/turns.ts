/**
 * Work that reads whole ledgers takes turns, one at a time, so that agents who wait for decisions are not kept by it. Credentials
 * take turns, too: whoever asks for much of it waits behind whoever asks for little.
 */
import { setImmediate as eventLoop } from "node:timers/promises";
import type { Credential } from "./credential.ts";
import { tooMany } from "./problems.ts";

/** So many of each credential wait for their turn; what comes after them is told to be asked again. */
const WAITING_MAX = 32;

export class Turns {
	/** What waits, by credential: the first of them is next, and goes behind the others then. */
	readonly #waiting = new Map<string, (() => Promise<void>)[]>();
	#isWorking = false;

	/** Throws GATEWAY_RATE where too many wait, and the signal's reason where its caller has gone away by its turn. */
	take<Out>({ countedAs }: Pick<Credential, "countedAs">, work: () => Promise<Out>, signal: AbortSignal): Promise<Out> {
		const own = this.#waiting.get(countedAs) ?? [];
		if (own.length >= WAITING_MAX) return Promise.reject(tooMany(1_000));
		return new Promise((resolve, reject) => {
			own.push(async () => {
				try {
					signal.throwIfAborted();
					resolve(await work());
				} catch (thrown) {
					reject(thrown);
				}
			});
			this.#waiting.set(countedAs, own);
			if (!this.#isWorking) void this.#work();
		});
	}

	async #work(): Promise<void> {
		this.#isWorking = true;
		for (const [id, [turn, ...later]] of this.#waiting) {
			this.#waiting.delete(id);
			// Behind those that are there already, where the loop comes by again.
			if (later.length > 0) this.#waiting.set(id, later);
			// Whether its caller has gone away is known once the event loop has looked at all connections: between two of these.
			await eventLoop();
			await eventLoop();
			await turn?.();
		}
		this.#isWorking = false;
	}
}
