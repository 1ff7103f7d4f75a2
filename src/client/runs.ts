/**
 * Runs under way. Whoever asks for a call that this client is deciding or running already waits for that run, and gets what it
 * gives: one id is run once, however many ask at once. (Across clients the log sees to it: an allow goes to one executor.)
 */
import { type CallId, callKey } from "../core/model/ids.ts";
import { isAsyncGenerator } from "./execution.ts";

export class Runs {
	readonly #byCall = new Map<string, { readonly what: string; readonly run: Promise<unknown> }>();

	/**
	 * Begins the run, or joins the one under way. `what` is everything that makes the call itself: another call under a used
	 * id is begun on its own, and the log denies it. So is the second asker for a generator, which only one can read.
	 */
	async share<Out>(call: CallId, what: string, begin: () => Promise<Out>): Promise<Out> {
		const key = callKey(call);
		const under = this.#byCall.get(key);
		if (under === undefined) {
			const run = begin();
			this.#byCall.set(key, { what, run });
			try {
				return await run;
			} finally {
				this.#byCall.delete(key);
			}
		}
		if (under.what !== what) return begin();
		const out = await (under.run as Promise<Out>);
		return isAsyncGenerator(out) ? begin() : out;
	}
}
