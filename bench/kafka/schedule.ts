/** An open loop: requests fall due at a steady rate, whether or not earlier ones were answered. */
import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../row.ts";

/** What to ask for, and for how long. */
export interface Load {
	readonly perSecond: number;
	readonly seconds: number;
	/** Asked for before, at the same rate, and not counted. */
	readonly warmSeconds: number;
}

/** Milliseconds from when a request was due to when its answer was seen. */
export interface Latency {
	readonly sent: number;
	readonly answered: number;
	readonly p50: number;
	readonly p90: number;
	readonly p99: number;
	readonly max: number;
}

/** How long requests wait to be sent together; a send for each request is what no client can afford. */
const LINGER_MS = 1;
/** How long the last requests are waited for. */
const PATIENCE_MS = 15_000;

export class OpenLoop {
	readonly #of: Load;
	readonly #took = new Map<number, number>();
	#startedAt = Number.NaN;

	constructor(of: Load) {
		this.#of = of;
	}

	get total(): number {
		return Math.round(this.#of.perSecond * (this.#of.warmSeconds + this.#of.seconds));
	}

	/** Calls `send` with the requests that fell due, once a millisecond, and then waits for the answers. */
	async run(send: (indexes: readonly number[]) => void, onBegun: () => void): Promise<Latency> {
		const counted = Math.round(this.#of.perSecond * this.#of.warmSeconds);
		this.#startedAt = performance.now();
		let next = 0;
		let isBegun = false;
		while (next < this.total) {
			const due = Math.floor(((performance.now() - this.#startedAt) * this.#of.perSecond) / 1_000);
			const until = Math.min(this.total, due + 1);
			if (until > next) send(Array.from({ length: until - next }, (_, index) => next + index));
			next = Math.max(next, until);
			if (!isBegun && next > counted) {
				isBegun = true;
				onBegun();
			}
			await sleep(LINGER_MS);
		}
		const patientUntil = performance.now() + PATIENCE_MS;
		while (this.#took.size < this.total && performance.now() < patientUntil) await sleep(10);
		return this.#latency(counted);
	}

	/** The answer to request `index` is seen now; only the first counts. */
	answered(index: number): void {
		if (this.#took.has(index)) return;
		this.#took.set(index, performance.now() - (this.#startedAt + (index * 1_000) / this.#of.perSecond));
	}

	#latency(counted: number): Latency {
		const took = [...this.#took]
			.filter(([index]) => index >= counted)
			.map(([, ms]) => ms)
			.sort((a, b) => a - b);
		const at = (share: number): number => percentile(took, share);
		return {
			sent: this.total - counted,
			answered: took.length,
			p50: at(0.5),
			p90: at(0.9),
			p99: at(0.99),
			max: took.at(-1) ?? Number.NaN,
		};
	}
}
