/**
 * What was published of a ledger already, as the ends of the derived topics tell: so that a restore sends what is missing and
 * nothing twice. A record there that cannot be read, or that a stranger wrote, is looked behind.
 */
import { decodeDerived } from "../core/codec/decode.ts";
import type { InputTopic } from "../core/model/inputs.ts";
import type { CheckpointCreated, DeadLetter, DerivedRecord, ViolationDetected } from "../core/model/records.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";

export interface Published {
	/** The last one: nothing that its entries derive before it is missing, for it goes out after all of that. */
	readonly checkpoint: CheckpointCreated | null;
	/** The last one: a topic is written in the order of the ledger. */
	readonly violation: Pick<ViolationDetected, "seq" | "index"> | null;
	/** The last offset of each input topic that has a dead letter; -1: none is known. */
	readonly letters: Readonly<Record<InputTopic, Offset>>;
}

/** Nothing, as far as is known. */
export const UNPUBLISHED: Published = { checkpoint: null, violation: null, letters: { intents: -1, control: -1 } };

/** To be asked after the claim: what a former owner publishes later belongs to entries that are looked at here, too. */
export async function publishedOf(log: Log, partition: number): Promise<Published> {
	const isOurs = (of: { readonly partition: number }): boolean => of.partition === partition;
	const [checkpoint, violation, intents, control] = await Promise.all([
		lastOf(
			log,
			partition,
			TOPICS.checkpoints,
			(record): record is CheckpointCreated => record.type === "checkpoint.created" && isOurs(record),
		),
		lastOf(
			log,
			partition,
			TOPICS.violations,
			(record): record is ViolationDetected => record.type === "violation.detected" && isOurs(record),
		),
		...(["intents", "control"] as const).map((topic) =>
			lastOf(
				log,
				partition,
				TOPICS.deadLetters,
				(record): record is DeadLetter => record.type === "record.dead" && isOurs(record) && record.topic === topic,
			),
		),
	]);
	return {
		checkpoint,
		violation,
		letters: { intents: intents?.offset ?? -1, control: control?.offset ?? -1 },
	};
}

/** Records that are read at a time, from the end backwards. */
const PAGE = 100;
/** Records after which nothing is looked for any more: then more is sent again than must be. */
const LOOKED_MAX = 10_000;

async function lastOf<Wanted extends DerivedRecord>(
	log: Log,
	partition: number,
	topic: string,
	isWanted: (record: DerivedRecord) => record is Wanted,
): Promise<Wanted | null> {
	const from = { topic, partition };
	const { begin, end } = await log.bounds(from);
	const first = Math.max(begin, end - LOOKED_MAX);
	for (let until = end; until > first; ) {
		// The last record alone answers nearly always.
		const at = Math.max(first, until === end ? end - 1 : until - PAGE);
		let found: Wanted | null = null;
		for (let next = at; next < until; ) {
			const records = await log.read(from, next, { recordsMax: until - next });
			if (records.length === 0) break;
			for (const record of records) {
				if (record.offset >= until) break;
				const read = decodeDerived(record.value);
				if (read.ok && isWanted(read.value)) found = read.value;
			}
			next = (records.at(-1)?.offset ?? next) + 1;
		}
		if (found !== null) return found;
		until = at;
	}
	return null;
}

const isAfter = (of: Pick<ViolationDetected, "seq" | "index">, last: Published["violation"]): boolean =>
	last === null || of.seq > last.seq || (of.seq === last.seq && of.index > last.index);

export const isViolationMissing = (of: ViolationDetected, { violation, checkpoint }: Published): boolean =>
	isAfter(of, violation) && of.seq >= (checkpoint?.size ?? 0);

export const isCheckpointMissing = (of: CheckpointCreated, { checkpoint }: Published): boolean =>
	of.size > (checkpoint?.size ?? 0);

export const isLetterMissing = (of: DeadLetter, { letters }: Published): boolean =>
	of.offset > (of.topic === "control" ? letters.control : letters.intents);
