/** From an input to entry bytes: decide, encode, fold. The one place where a record becomes a ledger entry. */

import { headerBytes, NO_TRACE } from "../core/codec/trace.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import type { Input } from "../core/engine/input.ts";
import { decideAndWrite } from "../core/engine/step.ts";
import { type Folded, foldEntry } from "../core/ledger/fold.ts";
import { type EntrySummary, summaryOf } from "../core/ledger/projections/summary.ts";
import { ledgerHeaders } from "../core/ledger/validity.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import { type ControlRecord, type InputRecord, isLaterActivation, type PolicyActivated } from "../core/model/inputs.ts";
import { DIGEST_EVERY } from "../core/state/digest.ts";
import type { State } from "../core/state/state.ts";
import type { Headers, LogRecord, OutRecord } from "../ports/log/log.ts";
import { UNPUBLISHED } from "../reading/published.ts";
import type { Releasable } from "./release.ts";

/** Is a control record that is read ahead of its turn signed as the policies in force ask for? */
export type IsIssued = (from: LogRecord, record: ControlRecord) => boolean;

/** Is this an activation that will be adopted if its bundle compiles? Only then is the bundle needed. */
export function activates(state: State, record: InputRecord): record is PolicyActivated {
	if (record.type !== "policy.activated" || state.controls.has(record.id)) return false;
	return isLaterActivation(record, { ...state.policy, id: state.policy.activationId });
}

/** Its row for an index is made where it is asked for: of the logs one keeps it. */
class EntryRecord implements OutRecord {
	readonly key = null;
	readonly value: Uint8Array;
	readonly headers: Headers;
	readonly #entry: LedgerEntry;

	constructor(entry: LedgerEntry, value: Uint8Array, headers: Headers) {
		this.#entry = entry;
		this.value = value;
		this.headers = headers;
	}

	get index(): EntrySummary {
		return summaryOf(this.#entry);
	}
}

/** Entries of one append, in the making. */
export interface Append {
	readonly claimId: string;
	/** `seq` of its first entry. */
	readonly first: number;
	readonly records: OutRecord[];
	readonly releasables: Releasable[];
	bytes: number;
}

export const beginAppend = (claimId: string, first: number): Append => ({
	claimId,
	first,
	records: [],
	releasables: [],
	bytes: 0,
});

/**
 * Decides one input and folds the entry into the state, ahead of its append: a partition that loses the append drops the state. The
 * input's trace goes beside the entry, into headers, and no decision sees it.
 */
export function step(
	folded: Folded,
	append: Append,
	input: Input,
	catalogue: PolicyCatalogue,
	trace: Headers = NO_TRACE,
): LedgerEntry {
	const { state } = folded;
	const root = state.nextSeq % DIGEST_EVERY === 0 ? folded.tree.root() : "";
	const policyDigest = state.policy.digest;
	const { entry, value } = decideAndWrite(state, input, catalogue);
	foldEntry(folded, entry, value);
	folded.head = {
		claim: append.claimId,
		seq: entry.seq,
		previous: { claim: append.claimId, first: append.first },
	};
	const headers = ledgerHeaders({ claim: append.claimId, seq: entry.seq, first: append.first });
	append.records.push(new EntryRecord(entry, value, Object.assign(headers, trace)));
	append.bytes += value.length + headerBytes(trace);
	append.releasables.push({ entry, input, isOwn: true, root, policyDigest, trace, published: UNPUBLISHED });
	return entry;
}
