/** Dead letters: inputs that could not be read, and projections that cannot be written. */
import { cutTo } from "../../model/bounds.ts";
import type { LedgerEntry } from "../../model/entries.ts";
import type { DeadLetter, DerivedRecord } from "../../model/records.ts";
import { NOTHING, type Projection } from "./projection.ts";

export const deadLetters: Projection = ({ entry }) => {
	const record = deadLetterOf(entry);
	if (record === null) return NOTHING;
	const id = `${record.topic}-${record.partition}-${record.offset}`;
	return [{ to: "deadLetters", record, id, key: null, isOfInput: true }];
};

/** The dead letter of an input that could not be read: where it lies, never its bytes. */
export function deadLetterOf(entry: LedgerEntry): DeadLetter | null {
	if (entry.kind !== "input.rejected" || entry.recordDigest === "") return null;
	return {
		type: "record.dead",
		topic: entry.cause.topic,
		partition: entry.cause.partition,
		offset: entry.cause.offset,
		code: entry.code,
		detail: entry.detail,
		recordDigest: entry.recordDigest,
	};
}

/** The dead letter of a projection that cannot be written. The entry stands, and so does everything else derived from it. */
export const deadLetterOfProjection = (entry: LedgerEntry, type: DerivedRecord["type"], why: string): DeadLetter => ({
	type: "record.dead",
	topic: entry.cause.topic,
	partition: entry.cause.partition,
	offset: entry.cause.offset,
	code: "projection.unwritable",
	detail: cutTo(`\`${type}\` of entry ${entry.seq}: ${why}`),
	recordDigest: "",
});
