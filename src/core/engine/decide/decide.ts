/**
 * One step: (state, input, policies) → ledger entry. Pure and total: no clock, no randomness, no I/O; the state is read and
 * not changed (its digest and its heap of due items keep their caches).
 *
 * D1  Every input gets exactly one entry.
 * D2  Doubt denies: what cannot be read, evaluated or computed is a denial or a rejection with a reason of its own.
 * D3  Order of a step: advance stream time; turn due items into effects; decide the input (docs/design/step.md#order-of-a-step).
 */

import { type EntryHead, type LedgerEntry, SEMANTICS } from "../../model/entries.ts";
import { callKey } from "../../model/ids.ts";
import type { IntentsRecord } from "../../model/inputs.ts";
import type { EpochMs } from "../../model/units.ts";
import type { CompiledPolicySet } from "../../policy/compiled.ts";
import { DIGEST_EVERY } from "../../state/digest.ts";
import type { State } from "../../state/state.ts";
import { accountsAfter, dueEffects } from "../due.ts";
import type { Input, ReadInput } from "../input.ts";
import type { DecideContext, PolicyCatalogue } from "./context.ts";
import { decideControl } from "./control.ts";
import { decideIntent } from "./intent.ts";
import { decideAbandonment, decideOutcome } from "./outcome.ts";
import { rejectedInput, unreadable } from "./rejection.ts";
import { publisherFault } from "./signer.ts";

export function decide(state: State, input: Input, catalogue: PolicyCatalogue): LedgerEntry {
	const at = timeOf(state, input);
	const own = input.kind === "read" ? ownCall(input) : null;
	const effects = dueEffects(state, at, own);
	const head: EntryHead = {
		seq: state.nextSeq,
		at,
		semantics: SEMANTICS,
		cause: input.cause,
		causeTime: input.causeTime,
		late: input.late,
		ahead: input.ahead,
		effects,
		stateDigest: state.nextSeq % DIGEST_EVERY === 0 ? state.digests.next(state) : "",
	};
	if (input.kind === "unreadable") return unreadable(head, input);

	const context: DecideContext = {
		state,
		head,
		input,
		catalogue,
		policies: compiledOf(catalogue, state.policy.digest),
		accounts: effects.length === 0 ? state.accounts : accountsAfter(state, effects, at),
	};
	const { record } = input;
	switch (record.type) {
		case "intent.submitted":
		case "outcome.reported":
		case "intent.abandoned": {
			const fault = publisherFault(context, record);
			return fault === null ? decideIntents(context, record) : rejectedInput(head, fault, record);
		}
		case "approval.granted":
		case "approval.rejected":
		case "halt.set":
		case "halt.lifted":
		case "policy.activated":
		case "budget.adjusted":
		case "session.ended":
		case "inputs.skipped":
		case "payload.erased":
		case "clock.ticked":
			return decideControl(context, record);
	}
}

function decideIntents(context: DecideContext, record: IntentsRecord): LedgerEntry {
	switch (record.type) {
		case "intent.submitted":
			return decideIntent(context, record);
		case "outcome.reported":
			return decideOutcome(context, record);
		case "intent.abandoned":
			return decideAbandonment(context, record);
	}
}

function compiledOf(catalogue: PolicyCatalogue, digest: string): CompiledPolicySet | null {
	const found = digest === "" ? null : catalogue.get(digest);
	return typeof found === "string" ? null : found;
}

/** The call that the input itself settles: no effect of the same step may do it first. */
function ownCall(input: ReadInput): string | null {
	const { record } = input;
	return record.type === "outcome.reported" || record.type === "intent.abandoned" ? callKey(record.call) : null;
}

/** Stream time of the step that consumes `input`. */
const timeOf = (state: State, input: Input): EpochMs =>
	input.ahead ? state.streamTime : Math.max(state.streamTime, input.causeTime);
