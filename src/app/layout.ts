/** The layout of a running deployment, as its ledger says it: the first record of every ledger is a claim, which carries it. */
import { decodeDerived } from "../core/codec/decode.ts";
import type { Layout } from "../core/model/records.ts";
import { type Log, TOPICS } from "../ports/log.ts";

/** Null when no processor ever took a partition. */
export async function layoutOf(log: Log): Promise<Layout | null> {
	const topics = await log.admin().topics();
	const partitions = topics.find(({ name }) => name === TOPICS.decisions)?.partitions ?? 0;
	for (let partition = 0; partition < partitions; partition++) {
		const from = { topic: TOPICS.decisions, partition };
		const { begin, end } = await log.bounds(from);
		for (let at = begin; at < end; ) {
			const records = await log.read(from, at, { recordsMax: 100 });
			const last = records.at(-1);
			if (last === undefined) break;
			for (const record of records) {
				const claim = decodeDerived(record.value);
				if (claim.ok && claim.value.type === "claim") return claim.value.layout;
			}
			at = last.offset + 1;
			// A ledger begins with its claim; further in there is one only after a takeover.
			if (at - begin >= 1_000) break;
		}
	}
	return null;
}
