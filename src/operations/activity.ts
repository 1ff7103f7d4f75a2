/** What happens on a log from now on: decisions and violations, as they are released. */

import { decodeDerived, decodeEntry } from "../core/codec/decode.ts";
import type { DecisionBody, Verdict } from "../core/model/entries.ts";
import type { Layout } from "../core/model/layout.ts";
import { type ReasonReading, reasonReading } from "../core/model/readings.ts";
import type { ViolationDetected } from "../core/model/records.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import { TailReader } from "../reading/tail.ts";

export interface ActivityListener {
	onDecision(verdict: Verdict, reasons: readonly ReasonReading[]): void;
	onViolation(violation: ViolationDetected): void;
}

/** Watches until the returned function is called. On an embedded log every entry that is there is valid. */
export async function watchActivity(
	log: Log,
	layout: Layout,
	listener: ActivityListener,
): Promise<() => Promise<void>> {
	const onLost = (): void => {};
	const readers = [
		new TailReader({
			log,
			topic: TOPICS.decisions,
			onLost,
			onRecord: (record) => {
				const read = decodeEntry(record.value);
				if (!read.ok) return;
				const entry = read.value;
				const tell = (verdict: Verdict, { reasons }: DecisionBody): void =>
					listener.onDecision(verdict, reasons.map(reasonReading));
				if (entry.kind === "decision.made") tell(entry.verdict, entry.decision);
				if (entry.kind === "decision.held") tell("hold", entry.decision);
			},
		}),
		new TailReader({
			log,
			topic: TOPICS.violations,
			onLost,
			onRecord: (record) => {
				const read = decodeDerived(record.value);
				if (read.ok && read.value.type === "violation.detected") listener.onViolation(read.value);
			},
		}),
	];
	await Promise.all(readers.map((reader) => reader.start(layout.partitions)));
	return async () => {
		await Promise.all(readers.map((reader) => reader.stop()));
	};
}
