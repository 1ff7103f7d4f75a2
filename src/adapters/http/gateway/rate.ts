/** How many requests each credential may make: a bucket that fills at a steady rate, and takes so many at once as it holds. */
import type { DurationMs } from "../../../core/model/units.ts";

export interface RateLimit {
	readonly perSecond: number;
	/** Requests at once, after a pause. */
	readonly burst: number;
}

interface Bucket {
	left: number;
	at: number;
}

/** Buckets that are kept; beyond that those that are full again are forgotten, which changes nothing. */
const BUCKETS_MAX = 10_000;

export class Rates {
	readonly #limit: RateLimit;
	readonly #buckets = new Map<string, Bucket>();

	constructor(limit: RateLimit) {
		this.#limit = limit;
	}

	/** Takes one request; 0 where it may go on, else how long until the next may. `now` is any steady clock's. */
	take(id: string, now: DurationMs): DurationMs {
		const { perSecond, burst } = this.#limit;
		const bucket = this.#buckets.get(id) ?? { left: burst, at: now };
		bucket.left = Math.min(burst, bucket.left + ((now - bucket.at) * perSecond) / 1_000);
		bucket.at = now;
		if (!this.#buckets.has(id)) this.#keep(id, bucket, now);
		if (bucket.left < 1) return Math.ceil(((1 - bucket.left) * 1_000) / perSecond);
		bucket.left -= 1;
		return 0;
	}

	#keep(id: string, bucket: Bucket, now: DurationMs): void {
		if (this.#buckets.size >= BUCKETS_MAX) {
			const { perSecond, burst } = this.#limit;
			for (const [other, { left, at }] of this.#buckets) {
				if (left + ((now - at) * perSecond) / 1_000 >= burst) this.#buckets.delete(other);
			}
		}
		this.#buckets.set(id, bucket);
	}
}
