/**
 * Taking a partition: the claim is a record in its ledger, with an id drawn anew for every send. Its acknowledged offset is
 * the last thing to read before deciding; the next append must get the offset after it (kafka.md §1.1).
 */
import { randomBytes } from "node:crypto";
import { encodeDerived } from "../core/codec/encode.ts";
import { ceHeaders } from "../core/codec/headers.ts";
import { claimHeaders } from "../core/ledger/validity.ts";
import type { Claim, Layout } from "../core/model/records.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { type Log, TOPICS } from "../ports/log.ts";

export interface Claimed {
	readonly id: string;
	/** Where the claim lies in `decisions/p`. */
	readonly offset: Offset;
}

/** Appends a claim; null when nobody can tell whether it was written: then claim again, under a new id. */
export async function claim(
	log: Log,
	of: { partition: number; instance: string; layout: Layout; now: EpochMs },
): Promise<Claimed | null> {
	const id = randomBytes(16).toString("hex");
	const record: Claim = { type: "claim", claimId: id, instance: of.instance, layout: of.layout };
	const value = encodeDerived(record);
	const appended = await log.append({ topic: TOPICS.decisions, partition: of.partition }, [
		{
			key: null,
			value,
			headers: {
				...ceHeaders({ id, type: "claim", source: `assent/processor/${of.instance}`, time: of.now, value }),
				...claimHeaders(id),
			},
		},
	]);
	return appended.kind === "appended" ? { id, offset: appended.base } : null;
}
