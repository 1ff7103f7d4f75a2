/** What every part of a decision is handed, and how it finds the call that a record is about. */
import type { EntryHead } from "../../model/entries.ts";
import { type CallId, callKey } from "../../model/ids.ts";
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import type { AccountsRead } from "../../state/accounts.ts";
import type { Call } from "../../state/call.ts";
import type { State } from "../../state/state.ts";
import type { ReadInput } from "../input.ts";

/**
 * Compiled bundles by digest. `invalid`: the bundle is there and does not compile. `unsigned`: it is there, and not signed by a key
 * that the processor was told to ask for. `null`: it is not there.
 */
export interface PolicyCatalogue {
	get(digest: string): CompiledPolicySet | "invalid" | "unsigned" | null;
}

export interface DecideContext {
	readonly state: State;
	readonly head: EntryHead;
	readonly input: ReadInput;
	readonly catalogue: PolicyCatalogue;
	/** What is in force; null when nothing is, or it is not there. */
	readonly policies: CompiledPolicySet | null;
	/** Accounts after this step's effects, by scope key. */
	readonly accounts: AccountsRead;
}

/** The call that a record is about. One of the same id in another session is another call. */
export function callIn(state: State, record: { readonly call: CallId; readonly session: string }): Call | undefined {
	const call = state.calls.get(callKey(record.call));
	return call?.session === record.session ? call : undefined;
}
