/** When a line of progress is due: once something takes long, and then not more often than a person can read. */
import type { DurationMs } from "../../core/model/units.ts";

const FIRST_MS = 300;
const EVERY_MS = 100;

export class Seldom {
	readonly #since = performance.now();
	#shownAt = 0;

	/** Since it began. */
	get ms(): DurationMs {
		return performance.now() - this.#since;
	}

	/** Whoever asks shows it. */
	isDue(): boolean {
		const now = performance.now();
		if (now - this.#since < FIRST_MS || now - this.#shownAt < EVERY_MS) return false;
		this.#shownAt = now;
		return true;
	}
}
