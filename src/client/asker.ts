/** One caller that waits for a decision, until its signal says that it no longer does. */

export class Asker {
	/** Rejects with the signal's reason once it aborts. */
	readonly stopped: Promise<never>;
	readonly #leave: () => void;

	/** `stop` gives up what was asked for; false: it was decided before, and the decision is on its way. */
	constructor(signal: AbortSignal | undefined, stop: () => boolean) {
		const { promise, reject } = Promise.withResolvers<never>();
		const hear = (): void => {
			if (stop()) reject(signal?.reason);
		};
		signal?.addEventListener("abort", hear, { once: true });
		this.stopped = promise;
		this.#leave = () => signal?.removeEventListener("abort", hear);
	}

	/** The signal of a whole run has many askers: each lets go of it. */
	leave(): void {
		this.#leave();
	}
}
