/** Control records on their way to the log: to one partition, or to all of them. */
import { AssentError, problem } from "../core/base/errors.ts";
import { inputEvent } from "../core/codec/event.ts";
import { controlMessage, signatureHeader } from "../core/codec/signed.ts";
import type { ControlRecord } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import type { Signer } from "../ports/signer.ts";

/**
 * Writes a control record to one partition: its offset. A record about a principal carries the key of its route. Whoever signs it must be
 * its issuer, where policies name operators and approvers.
 */
export const appendControl = (
	log: Log,
	{ partition, key }: { readonly partition: number; readonly key: string | null },
	record: ControlRecord,
	signer: Signer | null,
): Promise<Offset> => {
	const { value, headers } = inputEvent(record, { id: record.id, source: OPERATOR, time: record.issuedAt });
	const signed = signer === null ? {} : signatureHeader(signer.sign(controlMessage({ partition, key, value })));
	return appendOrThrow(log, { topic: TOPICS.control, partition }, { key, value, headers: { ...headers, ...signed } });
};

/** Writes a control record to every partition: its offset in each. */
export const broadcast = (log: Log, layout: Layout, record: ControlRecord, signer: Signer | null): Promise<Offset[]> =>
	Promise.all(
		Array.from({ length: layout.partitions }, (_, partition) =>
			appendControl(log, { partition, key: null }, record, signer),
		),
	);

/** The CloudEvents source of what operators publish. */
export const OPERATOR = "assent/operator";

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

/** The end of every ledger: the answer to whatever is sent from now on comes after it. */
export const ledgerEnds = async (log: Log, layout: Layout): Promise<Offset[]> =>
	Promise.all(
		Array.from(
			{ length: layout.partitions },
			async (_, partition) => (await log.bounds({ topic: TOPICS.decisions, partition })).end,
		),
	);
