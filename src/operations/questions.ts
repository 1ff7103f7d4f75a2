/**
 * What a process that decides on a log file answers at once, and what is read from the log where nobody answers: a
 * partition's state as an operator looks at it, and where its ledger stands.
 */
import type { Commanded } from "../core/engine/evolve/commands.ts";
import { layoutDifference } from "../core/ledger/fold.ts";
import type { LedgerHead } from "../core/ledger/validity.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import { isSlice, type SliceWanted, stateOfSlice } from "../core/state/slice.ts";
import type { State } from "../core/state/state.ts";
import type { Log } from "../ports/log/log.ts";
import { readCommands } from "../reading/commands-view.ts";
import { type ReadStateOptions, readState } from "../reading/partition-view.ts";

/** What a processor is asked about one partition. */
export interface Question {
	readonly partition: number;
	/** Null: only where the ledger stands. */
	readonly wanted: SliceWanted | null;
}

/** Where a ledger stood when it was asked: how the next record is judged, and its offset. */
export interface LedgerPlace {
	readonly head: LedgerHead;
	readonly next: Offset;
}

export interface Answer {
	readonly layout: Layout;
	readonly place: LedgerPlace;
	readonly slice: unknown;
}

async function asked(log: Log, question: Question): Promise<Answer | null> {
	const answer = await log.questions.ask(question);
	return typeof answer === "object" && answer !== null ? (answer as Answer) : null;
}

/** What who decides on the partition says of its state, and up to which offset of the ledger; null where nobody does. */
export async function askedState(
	log: Log,
	layout: Layout,
	partition: number,
	wanted: SliceWanted,
): Promise<{ readonly state: State; readonly next: Offset } | null> {
	const answer = await asked(log, { partition, wanted });
	if (answer === null || layoutDifference(layout, answer.layout) !== null || !isSlice(answer.slice)) return null;
	return { state: stateOfSlice(layout, answer.slice), next: answer.place.next };
}

/** Of the state only what is wanted, its head and its halts. */
export async function lookAt(
	log: Log,
	layout: Layout,
	partition: number,
	options: { readonly wanted: SliceWanted; readonly reading?: ReadStateOptions | undefined },
): Promise<State> {
	const answer = await askedState(log, layout, partition, options.wanted);
	return (
		answer?.state ?? (await readState(log, layout, partition, { ...options.reading, isDigested: false })).folded.state
	);
}

/** Policies in force, halts, and how far `control` was read. */
export const lookAtCommands = async (
	log: Log,
	layout: Layout,
	partition: number,
	reading: Pick<ReadStateOptions, "onProgress" | "signal"> = {},
): Promise<Commanded> =>
	(await askedState(log, layout, partition, {}))?.state ?? readCommands(log, layout, partition, reading);

/** Where the ledger stands now, as who decides there says; null where nobody does. */
export const placeOfLedger = async (log: Log, partition: number): Promise<LedgerPlace | null> =>
	(await asked(log, { partition, wanted: null }))?.place ?? null;
