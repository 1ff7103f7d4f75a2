/** Work that reads whole ledgers takes turns, one at a time, so that agents who wait for decisions are not kept by it. */
import { tooMany } from "./problems.ts";

/** So many wait for their turn; whoever comes after them is told to ask again. */
const WAITING_MAX = 32;

export class Turns {
	#last: Promise<unknown> = Promise.resolve();
	#waiting = 0;

	/** Throws GATEWAY_RATE where too many wait, and the signal's reason where its caller has gone away by its turn. */
	async take<Out>(work: () => Promise<Out>, signal: AbortSignal): Promise<Out> {
		if (this.#waiting >= WAITING_MAX) throw tooMany(1_000);
		this.#waiting += 1;
		const turn = this.#last.then(() => {
			signal.throwIfAborted();
			return work();
		});
		this.#last = turn.catch(() => {});
		try {
			return await turn;
		} finally {
			this.#waiting -= 1;
		}
	}
}
