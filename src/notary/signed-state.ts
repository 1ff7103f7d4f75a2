/** What a notary has signed last, as the text that it keeps: whoever signs next goes on from exactly this. */
import { anchorOrigin, partitionOrigin, readCheckpoint } from "../core/audit/checkpoint.ts";
import { readNote } from "../core/audit/note.ts";
import { parseIJson } from "../core/base/canonical-json.ts";
import type { TreeHead } from "../core/merkle/proof.ts";

/** A checkpoint that was signed. */
export interface Signed extends TreeHead {
	/** The signed note. */
	readonly note: string;
}

export interface SignedState {
	readonly version: number;
	/** By partition; null where nothing was signed of it yet. */
	readonly partitions: readonly (Signed | null)[];
	readonly anchor: Signed | null;
	/** The last leaves of the anchor's tree, which were added with this version: notes of partitions. */
	readonly added: readonly string[];
}

export const noneSigned = (partitions: number): SignedState => ({
	version: 0,
	partitions: Array.from({ length: partitions }, () => null),
	anchor: null,
	added: [],
});

/** Only the notes: everything else follows from them. */
export const stateText = ({ partitions, anchor, added }: SignedState): string =>
	`${JSON.stringify({ partitions: partitions.map((one) => one?.note ?? null), anchor: anchor?.note ?? null, added }, null, "\t")}\n`;

/** Null where the text is no state of a notary with this name, and this number of partitions. */
export function readState(text: string, version: number, by: { name: string; partitions: number }): SignedState | null {
	const parsed = parseIJson(text);
	if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null) return null;
	const { partitions, anchor, added } = parsed.value as Readonly<Record<string, unknown>>;
	if (!Array.isArray(partitions) || partitions.length !== by.partitions || !isTexts(added)) return null;
	const heads = partitions.map((note, partition) => signedOf(note, partitionOrigin(by.name, partition)));
	const anchored = signedOf(anchor, anchorOrigin(by.name));
	if (anchored === undefined || heads.includes(undefined)) return null;
	return { version, partitions: heads as (Signed | null)[], anchor: anchored, added };
}

/** Undefined where it is neither null nor a checkpoint of this origin. */
function signedOf(note: unknown, origin: string): Signed | null | undefined {
	if (note === null) return null;
	const read = typeof note === "string" ? readNote(note) : null;
	const checkpoint = read === null ? null : readCheckpoint(read.text);
	if (checkpoint === null || checkpoint.origin !== origin) return undefined;
	return { size: checkpoint.size, root: checkpoint.root, note: note as string };
}

const isTexts = (value: unknown): value is readonly string[] =>
	Array.isArray(value) && value.every((each) => typeof each === "string");
