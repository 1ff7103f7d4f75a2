/** What a ledger says of the ends of calls. */
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import { tail } from "../../src/operations/tail.ts";
import { type Log, TOPICS } from "../../src/ports/log/log.ts";

export interface Ends {
	/** Calls that were allowed at some time, by their allow: `<partition>-<seq>` of its entry, as the `jti` of its token. */
	readonly allowed: ReadonlyMap<string, string>;
	/** Calls with an outcome that says how they ended, or that are attested never to have run. */
	readonly ended: ReadonlySet<string>;
}

/** From the valid entries and from the outcomes on `intents`. */
export async function endsOf(log: Log): Promise<Ends> {
	const allowed = new Map<string, string>();
	const ended = new Set<string>();
	const signal = new AbortController().signal;
	for await (const { value, valid, partition } of tail(log, {
		topic: TOPICS.decisions,
		from: "start",
		follow: false,
		signal,
	})) {
		const entry = value as LedgerEntry | { readonly kind?: undefined };
		if (valid !== true || entry.kind === undefined) continue;
		if (entry.kind === "decision.made" && entry.verdict === "allow")
			allowed.set(`${partition}-${entry.seq}`, entry.call.id);
		if (entry.kind === "intent.abandoned") ended.add(entry.call.id);
	}
	for await (const { value } of tail(log, { topic: TOPICS.intents, from: "start", follow: false, signal })) {
		const record = value as {
			readonly type?: string;
			readonly status?: string;
			readonly call?: { readonly id: string };
		};
		if (record.type !== "outcome.reported" || record.status === "unknown") continue;
		if (record.call !== undefined) ended.add(record.call.id);
	}
	return { allowed, ended };
}
