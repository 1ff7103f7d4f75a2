/** Past activations and what came of them, as the ledger of partition 0 says: every partition gets the same ones. */
import type { LedgerEntry } from "../core/model/entries.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import type { Log } from "../ports/log/log.ts";
import { activationsOn, type PastActivation } from "../reading/activations.ts";
import { type ReadStateOptions, readState } from "../reading/partition-view.ts";

export interface RecordedActivation extends PastActivation {
	/**
	 * `in force`: it is now; `activated`: it was. `proposed`: it waits for a second operator; `confirmed`: one came; `replaced`: another
	 * activation came first. `waiting`: no processor has read it. `unknown`: the ledger does not go back so far.
	 */
	readonly outcome:
		| "in force"
		| "activated"
		| "proposed"
		| "confirmed"
		| "replaced"
		| "refused"
		| "waiting"
		| "unknown";
	/** Why it was refused; else empty. */
	readonly code: string;
	/** The first of two operators; empty where one was enough. */
	readonly proposedBy: string;
}

/** In the order in which they were sent. */
export async function activationHistory(
	log: Log,
	layout: Layout,
	reading: ReadStateOptions,
): Promise<readonly RecordedActivation[]> {
	const activations = await activationsOn(log, 0);
	if (activations.length === 0) return [];
	const entries = new Map<Offset, LedgerEntry>(activations.map(({ offset }) => [offset, null as never]));
	const { folded } = await readState(log, layout, 0, {
		...reading,
		from: "beginning",
		isDigested: false,
		onFolded: (read) => {
			if (read.kind !== "entry" || read.entry.cause.topic !== "control") return;
			if (entries.has(read.entry.cause.offset)) entries.set(read.entry.cause.offset, read.entry);
		},
	});
	const { policy, inputs } = folded.state;
	return activations.map((activation, index) => {
		const entry = entries.get(activation.offset) ?? null;
		const needsReview = activation.needsReview || wasReviewed(entry);
		const said = { ...activation, needsReview, code: "", proposedBy: "" };
		if (entry?.kind === "policy.activated") {
			const outcome = entry.controlId === policy.activationId ? "in force" : "activated";
			return { ...said, outcome, proposedBy: entry.proposedBy };
		}
		if (entry?.kind === "policy.proposed") {
			if (activation.id === policy.proposed?.activationId) return { ...said, outcome: "proposed" };
			const later = activations.slice(index + 1).map(({ offset }) => entries.get(offset) ?? null);
			return { ...said, outcome: isConfirmed(activation, later) ? "confirmed" : "replaced" };
		}
		if (entry?.kind === "input.rejected") return { ...said, outcome: "refused", code: entry.code };
		return { ...said, outcome: activation.offset >= inputs.control ? "waiting" : "unknown" };
	});
}

/** Did its record or a processor ask for a second operator? The entry does not tell which. */
function wasReviewed(entry: LedgerEntry | null): boolean {
	if (entry?.kind === "policy.activated") return entry.proposedBy !== "";
	return entry?.kind === "policy.proposed" || (entry?.kind === "input.rejected" && entry.code === "policy.unreviewed");
}

/** Was the next to have an effect the second operator's? There is one proposal at a time: the same set proposed again replaces it, too. */
function isConfirmed({ digest }: PastActivation, later: readonly (LedgerEntry | null)[]): boolean {
	for (const entry of later) {
		if (entry?.kind === "policy.activated") return entry.digest === digest && entry.proposedBy !== "";
		if (entry?.kind === "policy.proposed") return false;
	}
	return false;
}
