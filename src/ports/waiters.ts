/** Who waits for records of which partitions, and the timers and signals that end a wait: shared by the adapters. */
import type { Offset } from "../core/model/units.ts";
import type { TopicPartition } from "./log.ts";

export type Position = TopicPartition & { readonly at: Offset };

export interface WaitOptions {
	readonly timeoutMs: number;
	readonly signal?: AbortSignal;
}

interface Waiter {
	readonly positions: readonly Position[];
	wake(): void;
}

/** Longest delay that a timer of Node takes; a longer one would fire at once. */
export const TIMER_MAX_MS = 2 ** 31 - 1;

export class Waiters {
	readonly #waiting = new Set<Waiter>();
	/** The furthest end heard of, by topic and partition: a hint that comes before the log is asked. */
	readonly #ends = new Map<string, Map<number, Offset>>();
	readonly #onChange: (waiting: number) => void;

	/** `onChange` hears how many wait now, so that an adapter polls only while somebody does. */
	constructor(onChange: (waiting: number) => void = () => {}) {
		this.#onChange = onChange;
	}

	/** Resolves with the positions that are met: at once if there are any, else by `advance`; with none at the timeout, at the signal, or by `wakeAll`. */
	wait(positions: readonly Position[], { timeoutMs, signal }: WaitOptions): Promise<readonly Position[]> {
		const met = this.#met(positions);
		if (met.length > 0 || signal?.aborted === true || timeoutMs <= 0) return Promise.resolve(met);
		return new Promise((resolve) => {
			const wake = () => {
				if (!this.#waiting.delete(waiter)) return;
				clearTimeout(timer);
				signal?.removeEventListener("abort", wake);
				this.#onChange(this.#waiting.size);
				resolve(this.#met(positions));
			};
			const waiter: Waiter = { positions, wake };
			const timer = setTimeout(wake, Math.min(timeoutMs, TIMER_MAX_MS));
			signal?.addEventListener("abort", wake, { once: true });
			this.#waiting.add(waiter);
			this.#onChange(this.#waiting.size);
		});
	}

	/** Was an end of this partition ever heard of? */
	knows({ topic, partition }: TopicPartition): boolean {
		return this.#ends.get(topic)?.has(partition) === true;
	}

	#met(positions: readonly Position[]): readonly Position[] {
		return positions.filter(({ topic, partition, at }) => (this.#ends.get(topic)?.get(partition) ?? 0) > at);
	}

	/** The partition now ends at `end`: wakes those who wait for an offset below it. */
	advance(topic: string, partition: number, end: Offset): void {
		const ends = this.#ends.get(topic) ?? new Map<number, Offset>();
		this.#ends.set(topic, ends);
		ends.set(partition, Math.max(end, ends.get(partition) ?? 0));
		for (const waiter of [...this.#waiting]) {
			const isMet = waiter.positions.some(
				(each) => each.topic === topic && each.partition === partition && each.at < end,
			);
			if (isMet) waiter.wake();
		}
	}

	/** Every position that somebody waits for. */
	positions(): readonly Position[] {
		return [...this.#waiting].flatMap((waiter) => waiter.positions);
	}

	wakeAll(): void {
		for (const waiter of [...this.#waiting]) waiter.wake();
	}
}

/** Resolves with the promise or when the signal aborts, and leaves no listener behind; rejects as the promise does. */
export async function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	const { promise: aborted, resolve } = Promise.withResolvers<void>();
	const onAbort = (): void => resolve();
	signal.addEventListener("abort", onAbort, { once: true });
	try {
		await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener("abort", onAbort);
	}
}
