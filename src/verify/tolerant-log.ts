/**
 * A log that is read on where a record of it is damaged or missing: what cannot be read is told of, and passed over. A partition that is not
 * there is empty. Only for whoever looks for what is wrong.
 */
import type { Finding } from "../core/audit/finding.ts";
import { AssentError, type ErrorCode } from "../core/base/errors.ts";
import type { Offset } from "../core/model/units.ts";
import type { Log, LogRecord, ReadOptions, TopicPartition } from "../ports/log/log.ts";

/** What a damaged log throws, and one that has lost records. */
const LOST: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
	"ASSENT_LOG_CORRUPT",
	"ASSENT_LOG_OFFSET_GONE",
	"ASSENT_LOG_REWOUND",
]);

/** Offsets that are tried one by one behind a record that cannot be read. */
const TRIED_MAX = 10_000;

export interface TolerantLog extends Log {
	/** What could not be read so far, each record once. */
	readonly lost: readonly Finding[];
}

export function tolerantLog(log: Log): TolerantLog {
	const lost: Finding[] = [];
	const told = new Set<string>();
	const tell = ({ topic, partition }: TopicPartition, offset: Offset, why: string): void => {
		const place = `${topic}/${partition}@${offset}`;
		if (told.has(place)) return;
		told.add(place);
		lost.push({ code: "record.lost", partition, topic, offset, seq: null, message: why });
	};
	const readAround = async (from: TopicPartition, offset: Offset): Promise<readonly LogRecord[]> => {
		const { begin, end } = await log.bounds(from);
		for (let at = Math.max(offset, begin), tried = 0; at < end && tried < TRIED_MAX; at++, tried++) {
			try {
				return await log.read(from, at, { recordsMax: 1 });
			} catch (thrown) {
				tell(from, at, whyLost(thrown));
			}
		}
		return [];
	};
	const read = async (from: TopicPartition, offset: Offset, options?: ReadOptions): Promise<readonly LogRecord[]> => {
		try {
			return await log.read(from, offset, options);
		} catch (thrown) {
			if (isNoPartition(thrown)) return [];
			whyLost(thrown);
			return readAround(from, offset);
		}
	};
	const bounds = async (of: TopicPartition): ReturnType<Log["bounds"]> => {
		try {
			return await log.bounds(of);
		} catch (thrown) {
			if (isNoPartition(thrown)) return { begin: 0, end: 0 };
			throw thrown;
		}
	};
	return {
		lost,
		url: log.url,
		questions: log.questions,
		...(log.payloads === undefined ? {} : { payloads: log.payloads }),
		append: (...of) => log.append(...of),
		read,
		bounds,
		waitFor: (...of) => log.waitFor(...of),
		assign: (...of) => log.assign(...of),
		admin: () => log.admin(),
		close: () => log.close(),
	};
}

const isNoPartition = (thrown: unknown): boolean => thrown instanceof AssentError && thrown.code === "ASSENT_LOG_TOPIC";

/** Throws what says nothing of a record. */
function whyLost(thrown: unknown): string {
	if (!(thrown instanceof AssentError) || !LOST.has(thrown.code)) throw thrown;
	return thrown.problem.message;
}
