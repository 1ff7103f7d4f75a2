/** Long work in pieces: between two of them timers, sockets and signals have their turn. */
import type { DurationMs } from "../core/model/units.ts";

const HELD_MAX_MS: DurationMs = 8;

/** Told after each piece; gives the event loop a turn when this work has held it for some milliseconds. */
export class Breath {
	#since = performance.now();

	async next(): Promise<void> {
		if (performance.now() - this.#since < HELD_MAX_MS) return;
		await new Promise<void>((resolve) => setImmediate(resolve));
		this.#since = performance.now();
	}
}
