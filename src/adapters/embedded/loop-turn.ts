/**
 * Turns of the event loop. Reads are made on the caller's thread and are there at once: who reads a long topic would never
 * give signals, timers and other work their turn.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

/** How long readers may go on within one turn. */
const TURN_MAX_MS = 20;

export class LoopTurn {
	/** When the first reader of this turn came; null: none has yet. */
	#startedAt: number | null = null;

	/** Resolves at once, or in the next turn when this one has lasted long enough. */
	async mayEnd(): Promise<void> {
		if (this.#startedAt === null) {
			this.#startedAt = performance.now();
			setImmediate(() => {
				this.#startedAt = null;
			});
		} else if (performance.now() - this.#startedAt > TURN_MAX_MS) await nextTurn();
	}
}
