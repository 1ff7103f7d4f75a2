/** The beginning of an entry: which input it answers and what was marked, without reading what was decided. */
import { ok, type Result } from "../base/result.ts";
import type { Cause, EntryKind, LedgerEntry } from "../model/entries.ts";
import type { InputTopic } from "../model/inputs.ts";
import type { EpochMs } from "../model/units.ts";
import { cursorOver, readBoolean, readCount, wordReader } from "./body-reader.ts";
import { decodeEntry, type RecordFault } from "./decode.ts";
import { HEADER_BYTES, REGISTRY } from "./registry.ts";

/** What each entry begins with; the rest of it may be damaged. */
interface ShortLead {
	readonly kind: Exclude<EntryKind, WholeKind>;
	readonly seq: number;
	readonly semantics: number;
	readonly cause: Cause;
	readonly causeTime: EpochMs;
	readonly late: boolean;
	readonly ahead: boolean;
}

/** Entries of which more is asked than how they begin, and those of which one schema serves two kinds. */
type WholeKind = "input.rejected" | "approval.recorded" | "policy.proposed" | "halt.set" | "halt.lifted";
const WHOLE: ReadonlySet<string> = new Set<WholeKind>([
	"input.rejected",
	"approval.recorded",
	"policy.proposed",
	"halt.set",
	"halt.lifted",
]);

export type EntryLead = ShortLead | LedgerEntry;

export const isWhole = (lead: EntryLead): lead is LedgerEntry => "effects" in lead;

/** As `decodeEntry`, but that damage behind the beginning of an entry goes unseen. */
export function decodeLead(bytes: Uint8Array): Result<EntryLead, RecordFault> {
	const lead = leadOf(bytes);
	return lead === null ? decodeEntry(bytes) : ok(lead);
}

const readTopic = wordReader(["intents", "control"] satisfies InputTopic[]);

/** Null where it has to be read whole, or cannot be read. */
function leadOf(bytes: Uint8Array): ShortLead | null {
	if (bytes.length < HEADER_BYTES || bytes[0] !== 0xc3 || bytes[1] !== 0x01) return null;
	const schema = REGISTRY.schemaOf(bytes);
	if (schema === null || !schema.isCurrent || schema.definition.family !== "entry") return null;
	const kind = schema.definition.types[0] as EntryKind;
	if (WHOLE.has(kind)) return null;
	const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const cursor = cursorOver(buffer, HEADER_BYTES);
	const seq = readCount(cursor);
	const at = seq === undefined ? undefined : readCount(cursor);
	const semantics = at === undefined ? undefined : readCount(cursor);
	const topic = semantics === undefined ? undefined : (readTopic(cursor) as InputTopic | undefined);
	const partition = topic === undefined ? undefined : readCount(cursor);
	const offset = partition === undefined ? undefined : readCount(cursor);
	const causeTime = offset === undefined ? undefined : readCount(cursor);
	const late = causeTime === undefined ? undefined : readBoolean(cursor);
	const ahead = late === undefined ? undefined : readBoolean(cursor);
	if (ahead === undefined) return null;
	const cause = { topic, partition, offset } as Cause;
	return { kind, seq, semantics, cause, causeTime, late, ahead } as ShortLead;
}
