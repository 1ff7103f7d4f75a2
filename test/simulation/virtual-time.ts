/**
 * Time that passes only when the simulation says so. Timers, immediates, the monotonic clock and `Math.random` of the
 * platform are replaced, so that one seed gives one run; between two timers everything that can go on does go on.
 */

interface Timer {
	readonly at: number;
	readonly id: number;
	readonly run: () => void;
	/** Time here ends with the test: nothing is held. */
	unref(): Timer;
}

/** A small generator of good enough randomness (mulberry32): numbers in [0, 1). */
export function randomOf(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
	};
}

const platform = {
	setTimeout: globalThis.setTimeout,
	clearTimeout: globalThis.clearTimeout,
	setImmediate: globalThis.setImmediate,
	now: performance.now.bind(performance),
	random: Math.random,
};

/** One turn of the real event loop: every promise that can settle has settled after it. */
const turn = (): Promise<void> => new Promise((resolve) => platform.setImmediate(resolve));

export class VirtualTime {
	/** Milliseconds since the run began. */
	now = 0;
	#timers: Timer[] = [];
	#nextId = 1;

	/** Takes the platform's timers over until `uninstall`. */
	install(random: () => number): void {
		const set = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): Timer => {
			const unref = (): Timer => timer;
			const timer = { at: this.now + Math.max(0, ms), id: this.#nextId++, run: () => run(...args), unref };
			this.#timers.push(timer);
			return timer;
		};
		const clear = (timer: unknown): void => {
			this.#timers = this.#timers.filter((each) => each !== timer);
		};
		Object.assign(globalThis, {
			setTimeout: set,
			clearTimeout: clear,
			setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) => set(run, 0, ...args),
		});
		performance.now = () => this.now;
		Math.random = random;
	}

	uninstall(): void {
		this.#timers = [];
		const { setTimeout, clearTimeout, setImmediate, now, random } = platform;
		Object.assign(globalThis, { setTimeout, clearTimeout, setImmediate });
		performance.now = now;
		Math.random = random;
	}

	sleep(ms: number): Promise<void> {
		return new Promise((resolve) => void setTimeout(resolve, ms));
	}

	/** Lets so many milliseconds pass. */
	async advance(ms: number): Promise<void> {
		const end = this.now + ms;
		await turn();
		for (;;) {
			const next = this.#earliest();
			if (next === undefined || next.at > end) break;
			this.#timers.splice(this.#timers.indexOf(next), 1);
			this.now = Math.max(this.now, next.at);
			next.run();
			await turn();
		}
		this.now = end;
	}

	/** Lets time pass until the promise is settled; at most `ms`. */
	async until<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
		let isSettled = false;
		const settle = (): void => {
			isSettled = true;
		};
		promise.then(settle, settle);
		for (const end = this.now + ms; !isSettled && this.now < end; ) await this.advance(100);
		if (!isSettled) throw new Error(`not over after ${ms} ms of virtual time`);
		return promise;
	}

	#earliest(): Timer | undefined {
		let first: Timer | undefined;
		for (const timer of this.#timers) {
			if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.id < first.id)) first = timer;
		}
		return first;
	}
}
