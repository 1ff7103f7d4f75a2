/** Where a reader who begins in the middle of a ledger takes up judging it. */
import { adopted, emptyHead, judgeRecord, type LedgerHead } from "../core/ledger/validity.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";

/** Records from which a reader who begins at the end learns under which claim the ledger goes on. */
const LEARNED_FROM = 64;

/**
 * What a reader at the end judges with, without reading the ledger: of the records directly before, the claim that was made
 * last, or the one that they name, and the first beginning of an append under it. An owner writes nothing that is void for
 * so long, so that this is wrong only where a superseded process still writes alone.
 */
export async function headBefore(
	log: Log,
	partition: number,
	{ begin, end }: { readonly begin: Offset; readonly end: Offset },
): Promise<LedgerHead> {
	let head = emptyHead;
	const at = { topic: TOPICS.decisions, partition };
	for await (const records of readToEnd(log, at, Math.max(begin, end - LEARNED_FROM), end)) {
		for (const { headers } of records) head = judgeRecord(adopted(head, headers), headers).head;
	}
	return head;
}
