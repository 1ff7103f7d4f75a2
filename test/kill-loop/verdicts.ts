/** What a log says of each intent, to compare with what clients were told: from the ledger, and from the replies. */

import type { LedgerEntry, Verdict } from "../../src/core/model/entries.ts";
import type { DerivedRecord } from "../../src/core/model/records.ts";
import { tail } from "../../src/operations/tail.ts";
import { type Log, TOPICS } from "../../src/ports/log/log.ts";

export interface Said {
	/** By intent, in its life: a held call is answered twice. */
	readonly verdicts: ReadonlyMap<string, readonly Verdict[]>;
	/** `seq` of the abandonment, by intent. */
	readonly abandoned: ReadonlyMap<string, number>;
}

/** From the valid entries alone. Intents are told apart by their id, whoever asked. */
export async function ledgerSays(log: Log): Promise<Said> {
	const verdicts = new Map<string, Verdict[]>();
	const abandoned = new Map<string, number>();
	const add = (intent: string, verdict: Verdict): void => {
		verdicts.set(intent, [...(verdicts.get(intent) ?? []), verdict]);
	};
	for await (const record of all(log, TOPICS.decisions)) {
		if (record.valid !== true) continue;
		const entry = record.value as LedgerEntry | { readonly kind?: undefined };
		if (entry.kind === undefined) continue;
		for (const effect of entry.effects) if (effect.kind.startsWith("hold.")) add(effect.call.id, "deny");
		if (entry.kind === "decision.made") add(entry.call.id, entry.verdict);
		if (entry.kind === "decision.held") add(entry.call.id, "hold");
		if (entry.kind === "decision.repeated") add(entry.call.id, entry.verdict);
		if (entry.kind === "input.rejected") add(entry.call.id, "deny");
		if (entry.kind === "intent.abandoned") abandoned.set(entry.call.id, entry.seq);
	}
	return { verdicts, abandoned };
}

/** Intents of which clients were told what the ledger does not say. */
export const contradicted = (told: ReadonlyMap<string, ReadonlySet<Verdict>>, { verdicts }: Said): readonly string[] =>
	[...told]
		.filter(([id, heard]) => ![...heard].every((verdict) => verdicts.get(id)?.includes(verdict)))
		.map(([id]) => id);

/**
 * Intents that were released with two different final verdicts. One that was allowed and then abandoned is denied from its
 * abandonment on: that alone is no contradiction.
 */
export async function releasedTwoVerdicts(log: Log, { abandoned }: Said): Promise<readonly string[]> {
	const finals = new Map<string, Set<Verdict>>();
	for await (const { value } of all(log, TOPICS.replies)) {
		const reply = value as DerivedRecord | { readonly type?: undefined };
		if (reply.type !== "decision.replied" || reply.verdict === "hold") continue;
		if (reply.verdict === "deny" && reply.seq > (abandoned.get(reply.call.id) ?? Number.POSITIVE_INFINITY)) continue;
		finals.set(reply.call.id, (finals.get(reply.call.id) ?? new Set()).add(reply.verdict));
	}
	return [...finals].filter(([, verdicts]) => verdicts.size > 1).map(([id]) => id);
}

const all = (log: Log, topic: string) =>
	tail(log, { topic, from: "start", follow: false, signal: new AbortController().signal });
