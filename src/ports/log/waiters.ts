/** Waits for records of partitions, and the timers and signals that end a wait: shared by the adapters. */
import type { Offset } from "../../core/model/units.ts";
import type { TopicPartition } from "./log.ts";
import { PartitionMap } from "./partition-map.ts";

export type Position = TopicPartition & { readonly offset: Offset };

export interface WaitOptions {
	readonly timeoutMs: number;
	readonly signal?: AbortSignal;
}

interface Waiter {
	readonly positions: readonly Position[];
	wake(): void;
}

interface Place {
	/** The furthest end heard of: a hint that comes before the log is asked. -1: none ever was. */
	end: Offset;
	/** Those who wait for the partition, with the offset that each waits for. */
	readonly waiting: Map<Waiter, Offset>;
}

/** Longest delay that a timer of Node takes; a longer one would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export class Waiters {
	readonly #waiting = new Set<Waiter>();
	readonly #places = new PartitionMap<Place>();
	/** Waits under a signal, which is listened to once, not by every wait. */
	readonly #bySignal = new WeakMap<AbortSignal, Set<Waiter>>();
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
			const under = signal === undefined ? null : this.#under(signal);
			const wake = () => {
				if (!this.#waiting.delete(waiter)) return;
				clearTimeout(timer);
				under?.delete(waiter);
				for (const position of positions) this.#placeOf(position).waiting.delete(waiter);
				this.#onChange(this.#waiting.size);
				resolve(this.#met(positions));
			};
			const waiter: Waiter = { positions, wake };
			const timer = setTimeout(wake, Math.min(timeoutMs, TIMER_MAX_MS));
			// Waiting for news holds no process: who awaits an answer has a timer of their own.
			timer.unref();
			under?.add(waiter);
			for (const position of positions) {
				const { waiting } = this.#placeOf(position);
				waiting.set(waiter, Math.min(position.offset, waiting.get(waiter) ?? position.offset));
			}
			this.#waiting.add(waiter);
			this.#onChange(this.#waiting.size);
		});
	}

	#under(signal: AbortSignal): Set<Waiter> {
		const known = this.#bySignal.get(signal);
		if (known !== undefined) return known;
		const waiters = new Set<Waiter>();
		this.#bySignal.set(signal, waiters);
		const wakeThem = (): void => {
			for (const { wake } of [...waiters]) wake();
		};
		signal.addEventListener("abort", wakeThem, { once: true });
		return waiters;
	}

	#placeOf(of: TopicPartition): Place {
		const known = this.#places.get(of);
		if (known !== undefined) return known;
		const place: Place = { end: -1, waiting: new Map() };
		this.#places.set(of, place);
		return place;
	}

	/** The furthest end of the partition that was heard of; -1 when none ever was. */
	heardOf(of: TopicPartition): Offset {
		return this.#places.get(of)?.end ?? -1;
	}

	/** Does anybody wait for this partition? */
	awaits(of: TopicPartition): boolean {
		return (this.#places.get(of)?.waiting.size ?? 0) > 0;
	}

	#met(positions: readonly Position[]): readonly Position[] {
		return positions.filter((position) => (this.#places.get(position)?.end ?? -1) > position.offset);
	}

	/** The partition now ends at `end`: wakes those who wait for an offset below it. */
	advance(topic: string, partition: number, end: Offset): void {
		const place = this.#placeOf({ topic, partition });
		place.end = Math.max(end, place.end);
		if (place.waiting.size === 0) return;
		for (const [{ wake }, offset] of [...place.waiting]) if (offset < end) wake();
	}

	/** What was heard of an end beyond `offset` no longer counts: the log is asked again. */
	retreat(topic: string, partition: number, offset: Offset): void {
		const place = this.#placeOf({ topic, partition });
		place.end = Math.min(offset, place.end);
	}

	/** Every position that somebody waits for. */
	positions(): readonly Position[] {
		return [...this.#waiting].flatMap((waiter) => waiter.positions);
	}

	wakeAll(): void {
		for (const waiter of [...this.#waiting]) waiter.wake();
	}
}

/**
 * What the promise resolves with, or undefined when the signal aborts before; rejects as the promise does. What it comes to
 * after the signal is of no interest to anybody. Leaves no listener behind, and nothing that holds what came: a race against
 * one promise that lasts would.
 */
export async function untilAborted<Out>(promise: Promise<Out>, signal: AbortSignal): Promise<Out | undefined> {
	promise.catch(() => {});
	if (signal.aborted) return undefined;
	const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
	const onAbort = (): void => resolve(undefined);
	signal.addEventListener("abort", onAbort, { once: true });
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener("abort", onAbort);
	}
}
