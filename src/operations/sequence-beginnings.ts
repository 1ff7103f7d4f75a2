/** Which calls began the sequences that stopped a call: the ledger keeps when, and which call it was is found again by reading it. */
import type { RecordedCall } from "../core/analysis/cases/recorded.ts";
import type { CallRef, LedgerEntry } from "../core/model/entries.ts";
import type { Layout } from "../core/model/layout.ts";
import type { SequenceName } from "../core/model/sequences.ts";
import type { EpochMs } from "../core/model/units.ts";
import type { Log } from "../ports/log/log.ts";
import { type ReadStateOptions, readState } from "../reading/partition-view.ts";
import { isWanted, partitionsOf } from "../reading/principal-filter.ts";

export interface Beginning {
	readonly sequence: SequenceName;
	readonly call: CallRef;
	readonly at: EpochMs;
}

/** The last call that began each sequence among the decision's reasons, before it. */
export async function beginningsOf(
	log: Log,
	layout: Layout,
	{ decided, reading }: { readonly decided: RecordedCall; readonly reading: ReadStateOptions },
): Promise<readonly Beginning[]> {
	const stopped = decided.reasons.filter(({ code }) => code === "sequence.completed");
	if (stopped.length === 0) return [];
	const { tenant, agent, session, id } = decided.call;
	const found = new Map<string, Beginning>();
	let isBefore = true;
	const take = (entry: LedgerEntry): void => {
		const isDecision = entry.kind === "decision.made" || entry.kind === "decision.held";
		if (!isDecision && entry.kind !== "approval.recorded") return;
		if (!isBefore || !isWanted({ tenant, agent }, entry.call)) return;
		if (isDecision && entry.call.id === id) isBefore = false;
		for (const sequence of isBefore ? (entry.decision?.begins ?? []) : []) {
			if (sequence.scope === "session" && entry.call.session !== session) continue;
			const { policy, sequence: rule } = sequence;
			if (!stopped.some((reason) => reason.policy === policy && reason.rule === rule)) continue;
			found.set(`${policy}/${rule}`, { sequence, call: entry.call, at: entry.at });
		}
	};
	for (const partition of partitionsOf(layout, { tenant, agent, session })) {
		await readState(log, layout, partition, {
			...reading,
			from: "beginning",
			isDigested: false,
			onFolded: (read) => {
				if (read.kind === "entry") take(read.entry);
			},
		});
	}
	return [...found.values()];
}
