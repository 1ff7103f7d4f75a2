/** Faulty logs made of good ones: bugs of the processor as its log sees them, for the checker to catch. */
import { emptyHead, judgeRecord } from "../../src/core/ledger/validity.ts";
import { type Log, type LogRecord, readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { over } from "../support/world.ts";

/** `dedupe` is no fault of a log: the hook of forget.ts plants it in the engine. */
export const PLANTS = ["dense", "short", "dedupe"] as const;
export type PlantName = (typeof PLANTS)[number];

export const planted = (plant: PlantName, log: Log): Log => {
	switch (plant) {
		case "dense":
			return withoutDenseCheck(log);
		case "short":
			return restoringOneShort(log);
		case "dedupe":
			return log;
	}
};

/** Believes that an append which somebody else forestalled was its own. */
const withoutDenseCheck = (log: Log): Log =>
	over(log, {
		append: async (to, records, options) => {
			const answer = await log.append(to, records, options);
			return answer.kind === "superseded" && options?.expected !== undefined
				? { kind: "appended", base: options.expected, timestamp: 0 }
				: answer;
		},
	});

/** Takes the last valid entry before its own claim for void. */
const restoringOneShort = (log: Log): Log => {
	const unseen = new Map<number, number | null>();
	return over(log, {
		append: async (to, records, options) => {
			const answer = await log.append(to, records, options);
			const isClaim = to.topic === TOPICS.decisions && options?.expected === undefined;
			if (isClaim && answer.kind === "appended")
				unseen.set(to.partition, await lastValid(log, to.partition, answer.base));
			return answer;
		},
		read: async (from, at, options) => {
			const records = await log.read(from, at, options);
			const offset = from.topic === TOPICS.decisions ? unseen.get(from.partition) : undefined;
			return records.map((record): LogRecord => (record.offset === offset ? { ...record, headers: {} } : record));
		},
	});
};

/** The offset of the last valid entry below `end`; null when there is none. */
async function lastValid(log: Log, partition: number, end: number): Promise<number | null> {
	let head = emptyHead;
	let last: number | null = null;
	for await (const records of readToEnd(log, { topic: TOPICS.decisions, partition }, 0, end)) {
		for (const record of records) {
			const judged = judgeRecord(head, record.headers);
			head = judged.head;
			if (judged.kind === "valid") last = record.offset;
		}
	}
	return last;
}
