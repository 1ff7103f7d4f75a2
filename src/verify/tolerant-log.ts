/**
 * A log that is read on where a record of it is damaged or missing: what cannot be read is told of, and passed over. A partition that is not
 * there is empty. Only for whoever looks for what is wrong.
 */
import type { Finding } from "../core/audit/finding.ts";
import { AssentError, type ErrorCode } from "../core/base/errors.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, READ_DEFAULTS, type ReadOptions, type TopicPartition } from "../ports/log/log.ts";
import { placeOf } from "../ports/log/problems.ts";

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
	/** Records that are read at once behind what cannot be read, and twice as many each time: the next one may be near. */
	const few = new Map<string, number>();
	const read = async (
		from: TopicPartition,
		offset: Offset,
		options: ReadOptions = {},
	): Promise<readonly LogRecord[]> => {
		const place = placeOf(from);
		const { recordsMax: asked = READ_DEFAULTS.recordsMax } = options;
		const recordsMax = Math.min(asked, few.get(place) ?? asked);
		try {
			const records = await log.read(from, offset, { ...options, recordsMax });
			if (recordsMax < asked) few.set(place, 2 * recordsMax);
			else few.delete(place);
			return records;
		} catch (thrown) {
			if (isNoPartition(thrown)) return [];
			whyLost(thrown);
			few.set(place, 1);
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
