/** Signed checkpoints as they are on a log: whose they are, of which tree, and who has cosigned them. */
import { anchorOrigin, type Checkpoint, partitionOrigin, readCheckpoint } from "../core/audit/checkpoint.ts";
import type { FindingCode } from "../core/audit/finding.ts";
import { knownSignatures, type Note, type NoteVerifier, readNote } from "../core/audit/note.ts";

/** Keys that are believed. */
export interface NoteKeys {
	/** The log's, under whose name its trees are; null: no signature is checked. */
	readonly log: NoteVerifier | null;
	readonly witnesses: readonly NoteVerifier[];
}

export interface ReadSigned extends Checkpoint {
	readonly note: string;
	/** The partition whose ledger it is of; null: the anchor. */
	readonly of: number | null;
	/** Names of the witnesses' keys that have cosigned it. */
	readonly cosigned: readonly string[];
}

/** What is wrong with a note, as a finding without its place. */
export interface NoteFault {
	readonly code: FindingCode;
	/** The end of a sentence that begins with the note. */
	readonly what: string;
}

/** A note of the log, or what is wrong with it. */
export function readSigned(text: string, keys: NoteKeys): ReadSigned | NoteFault {
	const note = readNote(text);
	const checkpoint = note === null ? null : readCheckpoint(note.text);
	if (note === null || checkpoint === null) return { code: "checkpoint.unreadable", what: "is no signed checkpoint" };
	const { origin } = checkpoint;
	if (keys.log !== null) {
		const known = knownSignatures(note, [keys.log]);
		if (!known.ok) return signatureFault(note, origin, keys.log);
	}
	const of = treeOf(origin, keys.log?.name ?? null);
	if (of === undefined)
		return { code: "checkpoint.foreign", what: `is of \`${origin}\`, which is no tree of this log` };
	const cosigned: string[] = [];
	for (const witness of keys.witnesses) {
		if (!note.signatures.some(({ name, id }) => name === witness.name && id === witness.id)) continue;
		if (!knownSignatures(note, [witness]).ok)
			return {
				code: "witness.signature",
				what: `of \`${origin}\` has a signature of the witness \`${witness.name}\` that is wrong`,
			};
		cosigned.push(witness.name);
	}
	return { ...checkpoint, note: text, of, cosigned };
}

export const isFault = (read: ReadSigned | NoteFault): read is NoteFault => "code" in read;

function signatureFault(note: Note, origin: string, { name, id }: NoteVerifier): NoteFault {
	if (note.signatures.some((signature) => signature.name === name && signature.id === id))
		return { code: "checkpoint.signature", what: `of \`${origin}\` has a signature of \`${name}\` that is wrong` };
	const signers = note.signatures.map((signature) => `\`${signature.name}+${signature.id}\``).join(", ");
	return {
		code: "checkpoint.foreign",
		what: `of \`${origin}\` is signed by ${signers}, where \`${name}+${id}\` has to sign`,
	};
}

/** Undefined for an origin that is of no tree of the log; without a name whatever has the form of one is. */
function treeOf(origin: string, name: string | null): number | null | undefined {
	const [, own = "", partition] = /^(.+)\/(?:decisions\/(0|[1-9][0-9]{0,8})|anchor)$/.exec(origin) ?? [];
	if (own === "" || (name !== null && own !== name)) return undefined;
	const of = partition === undefined ? null : Number(partition);
	const said = of === null ? anchorOrigin(own) : partitionOrigin(own, of);
	return said === origin ? of : undefined;
}
