/**
 * Turns of the event loop. Reads, and appends while they are quick, are made on the caller's thread and are there at once:
 * a process that reads a long topic, or appends without end, would never give signals, timers and other work their turn.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

/** How long what is made on this thread may go on within one turn. */
const TURN_MAX_MS = 20;

export class LoopTurn {
	/** When the first of this turn came; null: none has yet. */
	#startedAt: number | null = null;

	/** Resolves at once, or in the next turn when this one has lasted long enough. */
	async mayEnd(): Promise<void> {
		if (this.isLong()) await nextTurn();
	}

	/** Has this turn lasted long enough? */
	isLong(): boolean {
		if (this.#startedAt !== null) return performance.now() - this.#startedAt > TURN_MAX_MS;
		this.#startedAt = performance.now();
		setImmediate(() => {
			this.#startedAt = null;
		});
		return false;
	}
}
