/** What the codec knows of a record: its schema, where it belongs, and which of its strings come first. */
import type { RecordShape } from "../shape.ts";

/** `intents` and `control` are input topics; entries are the ledger; derived records follow from it or stand beside it. */
export type Family = "intents" | "control" | "entry" | "derived";

/**
 * The strings with which the body begins, so that a damaged record can still be answered:
 * `intent` id, tenant, agent, session; `call` tenant, agent, id, session.
 */
export type Lead = "intent" | "call" | null;

export interface Definition {
	readonly family: Family;
	/** Values of `type` (of `kind` for entries) that the schema covers. If there are several, the schema has the field. */
	readonly types: readonly string[];
	readonly lead: Lead;
	readonly shape: RecordShape;
	/** Earlier v1 schemas of the same record, which are read for ever. v1 grows by addition, at the end of a record. */
	readonly older: readonly RecordShape[];
}
