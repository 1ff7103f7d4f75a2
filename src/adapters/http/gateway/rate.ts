/**
 * How much each credential may ask for: a bucket that fills at a steady rate and gives at once no more than it holds. Who comes when it
 * is empty waits until it has filled again, so that many at once become a steady stream; only where that takes long is it refused.
 */
import { type DurationMs, SECOND } from "../../../core/model/units.ts";

export interface RateLimit {
	/** Requests, or bytes. */
	readonly perSecond: number;
	/** At once, after a pause: what is more waits for its time. */
	readonly burst: number;
}

interface Bucket {
	left: number;
	at: number;
}

/** Buckets that are kept; beyond that those that are full again are forgotten, which changes nothing. */
const BUCKETS_MAX = 10_000;

/** Whoever would have to wait for longer is refused. */
export const PACED_MS: DurationMs = SECOND;

export class Rates {
	readonly #limit: RateLimit;
	readonly #buckets = new Map<string, Bucket>();

	constructor(limit: RateLimit) {
		this.#limit = limit;
	}

	/**
	 * Takes one request, or a number of bytes. Returns when it may go on, from now; more than PACED_MS: it was not taken, and may be asked
	 * for again then. What is more than is left is lent, and the next waits for longer. `now` is any steady clock's.
	 */
	take(id: string, now: DurationMs, amount = 1): DurationMs {
		const { perSecond, burst } = this.#limit;
		const bucket = this.#buckets.get(id) ?? { left: burst, at: now };
		bucket.left = Math.min(burst, bucket.left + ((now - bucket.at) * perSecond) / 1_000);
		bucket.at = now;
		if (!this.#buckets.has(id)) this.#keep(id, bucket, now);
		const waitMs = Math.max(0, Math.ceil(((1 - bucket.left) * 1_000) / perSecond));
		if (waitMs <= PACED_MS) bucket.left -= amount;
		return waitMs;
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
