/** A sum over a sliding window: amounts by time, and what of them is not older than the window. */
import type { DurationMs, EpochMs } from "../model/units.ts";

export class RecentSum {
	readonly #windowMs: DurationMs;
	/** In order. What was asked for last ends before the first that is left. */
	#times: EpochMs[] = [];
	#amounts: number[] = [];
	#first = 0;
	#sum = 0;

	constructor(windowMs: DurationMs) {
		this.#windowMs = windowMs;
	}

	/** Nearly in order: what is late finds its place from the end. */
	add(time: EpochMs, amount: number): void {
		this.#sum += amount;
		let place = this.#times.length;
		while (place > this.#first && (this.#times[place - 1] as EpochMs) > time) place -= 1;
		if (place > this.#first && this.#times[place - 1] === time) {
			this.#amounts[place - 1] = (this.#amounts[place - 1] as number) + amount;
		} else if (place === this.#times.length) {
			this.#times.push(time);
			this.#amounts.push(amount);
		} else {
			this.#times.splice(place, 0, time);
			this.#amounts.splice(place, 0, amount);
		}
	}

	/** What is later than `now` less the window. `now` never falls. */
	at(now: EpochMs): number {
		while (this.#first < this.#times.length && (this.#times[this.#first] as EpochMs) <= now - this.#windowMs) {
			this.#sum -= this.#amounts[this.#first] as number;
			this.#first += 1;
		}
		if (this.#first > 1_000 && this.#first * 2 > this.#times.length) {
			this.#times = this.#times.slice(this.#first);
			this.#amounts = this.#amounts.slice(this.#first);
			this.#first = 0;
		}
		return this.#sum;
	}
}
