/** What a log tells of calls: each decision with its intent, and the outcomes and votes that came of it, in the order of the ledger. */
import type { RecordedCall, RecordedStep } from "../core/analysis/cases/recorded.ts";
import type { DecisionHeldEntry, DecisionMadeEntry, LedgerEntry } from "../core/model/entries.ts";
import { callKey, sessionKey } from "../core/model/ids.ts";
import type { SessionFacts } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import { decisionReading, reasonReading } from "../core/model/readings.ts";
import type { EpochMs } from "../core/model/units.ts";
import type { Log } from "../ports/log/log.ts";
import { intentAt } from "../reading/intent-at.ts";
import { type ReadStateOptions, readState } from "../reading/partition-view.ts";
import { isWanted, type PrincipalFilter, partitionsOf } from "../reading/principal-filter.ts";

export interface RecordedWanted {
	readonly filter: PrincipalFilter;
	/** Of the call; missing: all calls. */
	readonly id?: string;
	/** Of decisions, by the ledger's time; `to` is not among them. Null: all. */
	readonly from: EpochMs | null;
	readonly to: EpochMs | null;
	/** The first decisions of all partitions, and what came of them. */
	readonly limit: number;
	readonly reading: ReadStateOptions;
}

type Decision = DecisionMadeEntry | DecisionHeldEntry;

interface Found {
	readonly partition: number;
	readonly entry: LedgerEntry;
	/** What the session of a decision had declared. */
	readonly facts: SessionFacts | null;
}

export async function recordedSteps(
	log: Log,
	layout: Layout,
	wanted: RecordedWanted,
): Promise<readonly RecordedStep[]> {
	const found: Found[] = [];
	for (const partition of partitionsOf(layout, wanted.filter))
		found.push(...(await foundIn(log, layout, partition, wanted)));
	const decisions = found
		.filter(({ entry }) => isDecision(entry))
		.sort((a, b) => a.entry.at - b.entry.at || a.partition - b.partition || a.entry.seq - b.entry.seq)
		.slice(0, wanted.limit);
	const calls = new Map<string, RecordedCall>();
	for (const { partition, entry, facts } of decisions) {
		if (!isDecision(entry)) continue;
		const intent = await intentAt(log, partition, entry.cause.offset);
		calls.set(placeOf(partition, entry), callOf(entry, typeof intent === "string" ? null : intent, facts));
	}
	const known = new Set([...calls.values()].map(({ call }) => callKey(call)));
	return found.flatMap(({ partition, entry }): readonly RecordedStep[] => {
		const call = calls.get(placeOf(partition, entry));
		return call === undefined ? stepOf(entry, known) : [call];
	});
}

const isDecision = (entry: LedgerEntry): entry is Decision =>
	entry.kind === "decision.made" || entry.kind === "decision.held";

const placeOf = (partition: number, { seq }: LedgerEntry): string => `${partition}/${seq}`;

async function foundIn(log: Log, layout: Layout, partition: number, wanted: RecordedWanted): Promise<readonly Found[]> {
	const { filter, id, from, to, reading } = wanted;
	const found: Found[] = [];
	await readState(log, layout, partition, {
		...reading,
		from: "beginning",
		isDigested: false,
		onFolded: (read, { state }) => {
			if (read.kind !== "entry") return;
			const { entry } = read;
			if (isDecision(entry)) {
				const isInTime = entry.at >= (from ?? 0) && entry.at < (to ?? Number.POSITIVE_INFINITY);
				if (!isInTime || !isWanted(filter, entry.call) || (id ?? entry.call.id) !== entry.call.id) return;
				found.push({ partition, entry, facts: state.sessions.get(sessionKey(entry.call))?.facts ?? null });
			} else if (entry.kind === "usage.settled" || entry.kind === "approval.recorded") {
				found.push({ partition, entry, facts: null });
			}
		},
	});
	return found;
}

function callOf(entry: Decision, intent: RecordedCall["intent"], facts: SessionFacts | null): RecordedCall {
	const { reasons, obligations, budgets, begins, policyDigest } = decisionReading(entry.decision, entry.call);
	const verdict = entry.kind === "decision.held" ? "hold" : entry.verdict;
	return {
		kind: "call",
		at: entry.at,
		call: entry.call,
		intent,
		facts,
		verdict,
		reasons,
		obligations,
		budgets,
		begins,
		policyDigest,
		classifier: entry.decision.classifier,
	};
}

/** What came of one of the calls. */
function stepOf(entry: LedgerEntry, known: ReadonlySet<string>): readonly RecordedStep[] {
	if (entry.kind === "usage.settled") {
		const { at, call, status, usage } = entry;
		return known.has(callKey(call)) ? [{ kind: "outcome", at, call, status, usage }] : [];
	}
	if (entry.kind !== "approval.recorded" || !known.has(callKey(entry.call))) return [];
	const { at, call, vote, by, result, decision } = entry;
	const reasons = decision === null ? [] : decision.reasons.map(reasonReading);
	return [{ kind: "vote", at, call, vote, by, result, reasons }];
}
