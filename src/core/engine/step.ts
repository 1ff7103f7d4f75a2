/**
 * One step to the byte: decide, then write the entry. An entry that its schema or a Merkle tile cannot hold (names and rules
 * whose text adds up to more than 64 KiB) is replaced by a rejection, the same for everybody, so that no input can stop a
 * partition.
 */
import { AssentError } from "../base/errors.ts";
import { encodeEntry } from "../codec/encode.ts";
import type { LedgerEntry } from "../model/entries.ts";
import type { State } from "../state/state.ts";
import type { PolicyCatalogue } from "./decide/context.ts";
import { decide } from "./decide/decide.ts";
import { rejectOversized } from "./decide/rejection.ts";
import type { Input } from "./input.ts";

/** An entry and its bytes, the leaf of the ledger. */
export interface WrittenEntry {
	readonly entry: LedgerEntry;
	readonly value: Uint8Array;
}

export function decideAndWrite(state: State, input: Input, catalogue: PolicyCatalogue): WrittenEntry {
	const entry = decide(state, input, catalogue);
	try {
		return { entry, value: encodeEntry(entry) };
	} catch (thrown) {
		if (!(thrown instanceof AssentError)) throw thrown;
		const rejection = rejectOversized(entry, input);
		return { entry: rejection, value: encodeEntry(rejection) };
	}
}
