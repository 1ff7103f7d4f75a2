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
	/** Of each partition, what cannot be read: a ledger's partition is read several times over, and each try that fails costs as much as a page. */
	const lostIn = new Map<string, Set<Offset>>();
	const tell = (from: TopicPartition, offset: Offset, why: string): void => {
		const { topic, partition } = from;
		const place = placeOf(from);
		const known = lostIn.get(place) ?? new Set();
		lostIn.set(place, known);
		if (known.has(offset)) return;
		known.add(offset);
		lost.push({ code: "record.lost", partition, topic, offset, seq: null, message: why });
	};
	const readAround = async (from: TopicPartition, offset: Offset): Promise<readonly LogRecord[]> => {
		const { begin, end } = await log.bounds(from);
		const known = lostIn.get(placeOf(from));
		for (let at = Math.max(offset, begin), tried = 0; at < end && tried < TRIED_MAX; at++, tried++) {
			if (known?.has(at) === true) continue;
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
		const around = lostIn.get(place) ?? NOTHING_LOST;
		const first = behindLost(around, offset);
		if (first - offset >= TRIED_MAX) return [];
		const recordsMax = untilLost(around, first, Math.min(asked, few.get(place) ?? asked));
		try {
			const records = await log.read(from, first, { ...options, recordsMax });
			if (recordsMax < asked) few.set(place, 2 * recordsMax);
			else few.delete(place);
			return records;
		} catch (thrown) {
			if (isNoPartition(thrown)) return [];
			const why = whyLost(thrown);
			if (recordsMax === 1 && isDamaged(thrown)) tell(from, first, why);
			few.set(place, 1);
			return readAround(from, first);
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

const NOTHING_LOST: ReadonlySet<Offset> = new Set();

/** The first offset from this one on that is not known to be lost: at most the end of the partition. */
function behindLost(lost: ReadonlySet<Offset>, offset: Offset): Offset {
	let at = offset;
	while (lost.has(at)) at += 1;
	return at;
}

/** How many records from this one on lie before the next that is known to be lost: this many, if there are. */
function untilLost(lost: ReadonlySet<Offset>, offset: Offset, atMost: number): number {
	if (lost.size === 0) return atMost;
	let count = 1;
	while (count < atMost && !lost.has(offset + count)) count += 1;
	return count;
}

const isDamaged = (thrown: unknown): boolean => thrown instanceof AssentError && thrown.code === "ASSENT_LOG_CORRUPT";

const isNoPartition = (thrown: unknown): boolean => thrown instanceof AssentError && thrown.code === "ASSENT_LOG_TOPIC";

/** Throws what says nothing of a record. */
function whyLost(thrown: unknown): string {
	if (!(thrown instanceof AssentError) || !LOST.has(thrown.code)) throw thrown;
	return thrown.problem.message;
}
