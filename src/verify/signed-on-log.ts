/** The signed checkpoints in one partition of `checkpoints`, held against the keys. */
import type { Finding, FindingCode } from "../core/audit/finding.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";
import { isFault, type NoteKeys, type ReadSigned, readSigned } from "./notes.ts";

/** A signed checkpoint, and where it is: on the log, or in what the auditor has. */
export interface FoundNote extends ReadSigned {
	/** As the beginning of a sentence: `the checkpoint at offset 4 of checkpoints/0`. */
	readonly where: string;
	/** Of `checkpoints`; null where it is not on the log. */
	readonly place: { readonly partition: number; readonly offset: Offset } | null;
	/** When the log took it; 0 where it is not on it. */
	readonly at: EpochMs;
}

/** Of this partition's ledger, and of the anchor, in the order in which they were published. */
export async function signedOnLog(
	log: Log,
	partition: number,
	keys: NoteKeys,
	found: (finding: Finding) => void,
): Promise<readonly FoundNote[]> {
	const from = { topic: TOPICS.checkpoints, partition };
	const { begin } = await log.bounds(from);
	const notes: FoundNote[] = [];
	for await (const records of readToEnd(log, from, begin)) {
		for (const { value, offset, timestamp } of records) {
			const read = decodeDerived(value);
			if (!read.ok || read.value.type !== "checkpoint.signed") continue;
			const where = `the checkpoint at offset ${offset} of ${TOPICS.checkpoints}/${partition}`;
			const tell = (code: FindingCode, what: string): void =>
				found({ code, partition, topic: TOPICS.checkpoints, offset, seq: null, message: `${where} ${what}` });
			const signed = readSigned(read.value.note, keys);
			if (isFault(signed)) tell(signed.code, signed.what);
			else if (signed.of !== null && signed.of !== partition) tell("checkpoint.foreign", `is of \`${signed.origin}\``);
			else if (!isSame(read.value, signed))
				tell("derived.differs", `says ${headOf(read.value)} beside a note that says ${headOf(signed)}`);
			else notes.push({ ...signed, where, place: { partition, offset }, at: timestamp });
		}
	}
	return notes;
}

type Said = Pick<ReadSigned, "origin" | "size" | "root">;

const isSame = (one: Said, other: Said): boolean =>
	one.origin === other.origin && one.size === other.size && one.root === other.root;

const headOf = ({ origin, size, root }: Said): string =>
	`${size} leaves of \`${origin}\` with root ${root.slice(0, 12)}`;
