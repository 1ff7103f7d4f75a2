/** Control records on their way to the log: to one partition, or to all of them. */
import { AssentError, problem } from "../core/base/errors.ts";
import { inputEvent } from "../core/codec/event.ts";
import type { ControlRecord } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";

/** Writes a control record to every partition; its offset in each. */
export async function broadcast(
	log: Log,
	layout: Layout,
	record: ControlRecord,
	now: EpochMs,
): Promise<readonly Offset[]> {
	const event = inputEvent(record, { id: record.id, source: "assent/operator", time: now });
	return Promise.all(
		Array.from({ length: layout.partitions }, (_, partition) =>
			appendOrThrow(log, { topic: TOPICS.control, partition }, { key: null, ...event }),
		),
	);
}

export async function appendOrThrow(
	log: Log,
	to: { topic: string; partition: number },
	record: { key: string | null; value: Uint8Array; headers: Record<string, string> },
): Promise<Offset> {
	const appended = await log.append(to, [record]);
	if (appended.kind === "appended") return appended.base;
	throw new AssentError(
		appended.kind === "failed"
			? appended.problem
			: problem(
					"ASSENT_LOG_UNAVAILABLE",
					`a record for \`${to.topic}\` may not have been written`,
					"run the command again; it is safe to repeat",
				),
	);
}

/** The end of every ledger: the answer to what is sent from now on lies behind it. */
export const ledgerEnds = async (log: Log, layout: Layout): Promise<Offset[]> =>
	Promise.all(
		Array.from(
			{ length: layout.partitions },
			async (_, partition) => (await log.bounds({ topic: TOPICS.decisions, partition })).end,
		),
	);
