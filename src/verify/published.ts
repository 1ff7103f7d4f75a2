/** What was published of a ledger, held against what follows from its entries. */
import { consequenceOf, DERIVED_ON, type Derived, nameOf } from "../core/audit/derived.ts";
import type { Finding, FindingCode } from "../core/audit/finding.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import type { DerivedRecord } from "../core/model/records.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";

export interface PublishedParts {
	readonly log: Log;
	readonly partition: number;
	/** What follows from the ledger; null where it has no entry. */
	readonly derived: Derived | null;
	/** False: the ledger breaks off, and nobody can tell what follows from its rest. */
	readonly isWhole: boolean;
	readonly tell: (code: FindingCode, of: Partial<Finding> & Pick<Finding, "message">) => void;
}

const DERIVED_TOPICS = Object.values(DERIVED_ON);

/** Asked before the ledger is read: what is there by then follows from entries that are there by then. */
export const derivedEnds = async (log: Log, partition: number): Promise<readonly Offset[]> =>
	(await Promise.all(DERIVED_TOPICS.map((topic) => log.bounds({ topic, partition })))).map(({ end }) => end);

/** How many records follow from the last entries, and may be on their way. Throws what reading throws. */
export async function verifyPublished(parts: PublishedParts, ends: readonly Offset[]): Promise<number> {
	const { log, partition, derived, isWhole } = parts;
	for (const [index, topic] of DERIVED_TOPICS.entries()) {
		const { begin } = await log.bounds({ topic, partition });
		for await (const records of readToEnd(log, { topic, partition }, begin, ends[index] ?? 0)) {
			for (const { value, offset } of records) {
				const where = `the record at offset ${offset} of ${topic}/${partition}`;
				const tell = (code: FindingCode, what: string): void =>
					parts.tell(code, { topic, offset, message: `${where} ${what}` });
				const read = decodeDerived(value);
				if (!read.ok) tell("derived.unreadable", `cannot be read: ${read.error.message}`);
				else if (read.value.type !== "checkpoint.signed" || topic !== TOPICS.checkpoints)
					judge(read.value, topic, parts, tell);
			}
		}
	}
	let pending = 0;
	for (const { name, seq, isPending } of isWhole ? (derived?.unpublished() ?? []) : []) {
		if (isPending) pending += 1;
		else parts.tell("derived.missing", { seq, message: `the ${name}, which follows from seq ${seq}, is not there` });
	}
	return pending;
}

function judge(
	record: DerivedRecord,
	topic: string,
	{ derived, isWhole }: PublishedParts,
	tell: (code: FindingCode, what: string) => void,
): void {
	const consequence = consequenceOf(record);
	if (consequence === null || DERIVED_ON[consequence.type] !== topic) {
		tell("derived.unfounded", `is a ${record.type}, which is never there`);
		return;
	}
	const fault = derived === null ? "unfounded" : derived.fault(consequence);
	if (fault === "differs") tell("derived.differs", `(${nameOf(consequence)}) says what its entry does not`);
	else if (fault === "unfounded" && isWhole)
		tell("derived.unfounded", `(${nameOf(consequence)}) belongs to no valid entry`);
}
