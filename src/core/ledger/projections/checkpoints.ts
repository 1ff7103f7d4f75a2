/** Checkpoints: what an entry with a state digest says of the ledger before it. */
import type { LedgerEntry } from "../../model/entries.ts";
import type { CheckpointCreated } from "../../model/records.ts";
import { derivedId, NOTHING, type Projection } from "./projection.ts";

export const checkpoints: Projection = ({ entry, root, policyDigest }) => {
	const record = checkpointOf(entry, root, policyDigest);
	return record === null ? NOTHING : [{ to: "checkpoints", record, id: record.id, key: null, isOfInput: false }];
};

/** The checkpoint that an entry with a state digest makes: it covers the leaves before it. */
export function checkpointOf(entry: LedgerEntry, root: string, policyDigest: string): CheckpointCreated | null {
	if (entry.stateDigest === "" || entry.seq === 0) return null;
	const { partition } = entry.cause;
	return {
		type: "checkpoint.created",
		id: derivedId(partition, entry.seq, 0),
		partition,
		size: entry.seq,
		at: entry.at,
		root,
		stateDigest: entry.stateDigest,
		policyDigest,
	};
}
