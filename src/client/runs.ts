/**
 * Runs under way. Whoever asks for a call that this client is deciding or running already waits for that run, and gets what it
 * gives: one id is run once, however many ask at once. (Across clients the log sees to it: an allow goes to one executor.)
 *
 * R1  Each asker's own signal ends that asker's waiting, and the run only when nobody else waits for it.
 * R2  A caller that wants holds returned is told of the hold, though others may wait for the human.
 */
import { type CallId, callKey } from "../core/model/ids.ts";
import { ToolCallDenied } from "./call-errors.ts";
import type { Decision } from "./decision.ts";
import { isAsyncGenerator } from "./execution.ts";

/** How one of those who ask for a call waits for it. */
export interface Waiting {
	readonly tool: string;
	readonly signal: AbortSignal | undefined;
	readonly isHoldReturned: boolean;
}

/** Those who wait, as the run sees them. */
export interface Askers {
	/** Aborts once nobody waits any more, with the last one's reason. */
	readonly signal: AbortSignal;
	/** The call is held. True: nobody waits for the human, and the run ends with the hold. */
	held(hold: Decision): boolean;
	/** It is held no more. */
	decided(): void;
	/** The tool has ended: nobody's signal matters any more. */
	ended(): void;
}

export class Runs {
	readonly #byCall = new Map<string, Run<unknown>>();

	/**
	 * Begins the run, or joins the one under way. `what` is everything that makes the call itself: another call under a used
	 * id is begun on its own, and the log denies it. So is the second asker for a generator, which only one can read, and who
	 * comes when a run is being given up.
	 */
	async share<Out>(
		call: CallId,
		what: string,
		waiting: Waiting,
		begin: (askers: Askers) => Promise<Out>,
	): Promise<Out> {
		waiting.signal?.throwIfAborted();
		const key = callKey(call);
		const under = this.#byCall.get(key) as Run<Out> | undefined;
		const run = under?.isOpenTo(what) === true ? under : new Run(what, begin);
		if (under === undefined) {
			this.#byCall.set(key, run);
			const forget = (): void => void this.#byCall.delete(key);
			run.result.then(forget, forget);
		}
		const joined = (await run.join(waiting)) ?? (await new Run(what, begin).join(waiting));
		if (joined === null) throw new Error("a run that nobody else has joined gave its generator away");
		return joined.out;
	}
}

interface Asker extends Waiting {
	readonly leave: (why: unknown) => void;
	readonly hear: () => void;
}

class Run<Out> implements Askers {
	readonly result: Promise<Out>;
	readonly #what: string;
	readonly #stop = new AbortController();
	readonly #askers = new Set<Asker>();
	#hold: Decision | null = null;
	/** It is being given up, or ends with its hold. */
	#isClosed = false;

	constructor(what: string, begin: (askers: Askers) => Promise<Out>) {
		this.#what = what;
		this.result = begin(this);
	}

	get signal(): AbortSignal {
		return this.#stop.signal;
	}

	isOpenTo(what: string): boolean {
		return !this.#isClosed && what === this.#what;
	}

	/** Null: the result is a generator, and another caller reads it. */
	async join(waiting: Waiting): Promise<{ readonly out: Out } | null> {
		if (waiting.isHoldReturned && this.#hold !== null) throw new ToolCallDenied(waiting.tool, this.#hold);
		const { promise: left, reject: leave } = Promise.withResolvers<never>();
		const asker: Asker = { ...waiting, leave, hear: () => this.#stopped(asker) };
		this.#askers.add(asker);
		waiting.signal?.addEventListener("abort", asker.hear, { once: true });
		try {
			const out = await Promise.race([this.result, left]);
			if (!isAsyncGenerator(out)) {
				this.#remove(asker);
				return { out };
			}
			const [reader] = this.#askers;
			if (reader === asker) return { out };
			this.#remove(asker);
			return null;
		} catch (thrown) {
			this.#remove(asker);
			throw thrown;
		}
	}

	held(hold: Decision): boolean {
		this.#hold = hold;
		const returned = [...this.#askers].filter(({ isHoldReturned }) => isHoldReturned);
		this.#isClosed ||= returned.length === this.#askers.size;
		if (this.#isClosed) return true;
		for (const asker of returned) {
			this.#remove(asker);
			asker.leave(new ToolCallDenied(asker.tool, hold));
		}
		return false;
	}

	decided(): void {
		this.#hold = null;
	}

	ended(): void {
		for (const asker of this.#askers) asker.signal?.removeEventListener("abort", asker.hear);
	}

	#stopped(asker: Asker): void {
		const { signal, leave } = asker;
		if (this.#askers.size > 1) {
			this.#remove(asker);
			leave(signal?.reason);
			return;
		}
		// The last one hears what becomes of the run: a tool that is told to stop may have something to say.
		this.#isClosed = true;
		this.#stop.abort(signal?.reason);
	}

	#remove(asker: Asker): void {
		this.#askers.delete(asker);
		asker.signal?.removeEventListener("abort", asker.hear);
	}
}
