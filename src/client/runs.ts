/**
 * Runs under way. Whoever asks for a call that this client is deciding or running already waits for that run, and gets what it
 * gives: one id is run once, however many ask at once. (Across clients the log sees to it: an allow goes to one executor.)
 */
import { type CallId, callKey } from "../core/model/ids.ts";

export class Runs {
	readonly #byCall = new Map<string, { readonly what: string; readonly run: Promise<unknown> }>();

	/**
	 * `what` is everything that makes the call itself: another call under a used id is begun on its own, and the log denies
	 * it.
	 */
	share<Out>(call: CallId, what: string, begin: () => Promise<Out>): Promise<Out> {
		const key = callKey(call);
		const under = this.#byCall.get(key);
		if (under !== undefined) return under.what === what ? (under.run as Promise<Out>) : begin();
		const run = begin().finally(() => this.#byCall.delete(key));
		this.#byCall.set(key, { what, run });
		return run;
	}
}
