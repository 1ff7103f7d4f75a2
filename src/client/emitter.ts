/** Hands a client's events to whoever listens: functions of this program, and channels. */
import { publishEvent } from "./channels.ts";
import type { ClientEventName, ClientEvents } from "./events.ts";

type Listener<Name extends ClientEventName> = (event: ClientEvents[Name]) => void;

/** A listener that throws is its own problem: it is reported and the others are called. */
export class Emitter {
	readonly #listeners = new Map<ClientEventName, Set<Listener<ClientEventName>>>();
	readonly #onThrown: (name: ClientEventName, thrown: unknown) => void;

	constructor(onThrown: (name: ClientEventName, thrown: unknown) => void) {
		this.#onThrown = onThrown;
	}

	/** Returns the function that ends the subscription. */
	on<Name extends ClientEventName>(name: Name, listener: Listener<Name>): () => void {
		const listeners = this.#listeners.get(name) ?? new Set();
		this.#listeners.set(name, listeners);
		listeners.add(listener as Listener<ClientEventName>);
		return () => void listeners.delete(listener as Listener<ClientEventName>);
	}

	emit<Name extends ClientEventName>(name: Name, event: ClientEvents[Name]): void {
		publishEvent(name, event);
		for (const listener of this.#listeners.get(name) ?? []) {
			try {
				// An async function is a listener, too: nobody else would hear of its failure.
				const returned: unknown = listener(event);
				if (returned instanceof Promise) returned.catch((thrown: unknown) => this.#onThrown(name, thrown));
			} catch (thrown) {
				this.#onThrown(name, thrown);
			}
		}
	}
}
