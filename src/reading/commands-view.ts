/**
 * What only control records change in a partition, from its ledger and without its state: of entries that answer anything else no more is
 * read than how they begin. Where there is no snapshot, a start that asks what is in force would else fold a whole ledger first.
 */
import { decodeEntry } from "../core/codec/decode.ts";
import { decodeLead, isWhole } from "../core/codec/entry-lead.ts";
import { type Commanded, commanded, isCommand } from "../core/engine/evolve/commands.ts";
import { takeRecord, unreadEntry } from "../core/ledger/fold.ts";
import type { Layout } from "../core/model/layout.ts";
import { type Log, readToEnd } from "../ports/log/log.ts";
import { beginReading, interrupted, ledgerOf, ofPartition, type ReadStateOptions } from "./partition-view.ts";

/** Of the inputs only how far `control` was read is as it should be. Throws as `readState`. */
export async function readCommands(
	log: Log,
	layout: Layout,
	partition: number,
	{ signal, onProgress }: Pick<ReadStateOptions, "onProgress" | "signal"> = {},
): Promise<Commanded> {
	const { folded, next } = await beginReading(log, layout, partition, { isDigested: false });
	const { state } = folded;
	for await (const records of readToEnd(log, ledgerOf(partition), next)) {
		if (signal?.aborted) throw interrupted();
		for (const record of records) {
			const read = takeRecord(folded, record, decodeLead);
			if (!read.ok) throw ofPartition(partition, read.error);
			if (read.value.kind !== "entry") continue;
			const lead = read.value.entry;
			state.nextSeq = lead.seq + 1;
			if (lead.cause.topic !== "control") continue;
			state.inputs.control = lead.cause.offset + 1;
			const entry = isWhole(lead) ? { ok: true as const, value: lead } : decodeEntry(record.value);
			if (!entry.ok) throw ofPartition(partition, unreadEntry(record, entry.error));
			if (isCommand(entry.value)) commanded(state, entry.value);
		}
		onProgress?.(records.length);
	}
	return state;
}
