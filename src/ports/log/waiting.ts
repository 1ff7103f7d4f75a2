/** What waits on an input behind a position: offsets are no records where the log passes some over, and may be gone. */
import { AssentError, type Problem } from "../../core/base/errors.ts";
import type { Offset } from "../../core/model/units.ts";
import type { Log, TopicPartition } from "./log.ts";

export interface Waiting {
	/** Offsets from the first record on; 0 when there is none. */
	readonly records: number;
	/** Why the log cannot be read on from there: records are gone, or it ends before. Null when it can. */
	readonly lost: Lost | null;
}

export interface Lost {
	readonly problem: Problem;
	/** The first offset that is left; null when the log ends before the position. */
	readonly begin: Offset | null;
}

/** `until`: records from there on do not count; the end unless said. Throws what the log throws when it cannot be asked. */
export async function waitingAt(log: Log, of: TopicPartition, offset: Offset, until?: Offset): Promise<Waiting> {
	const end = until ?? (await log.bounds(of)).end;
	if (end === offset) return { records: 0, lost: null };
	try {
		const [first] = await log.read(of, offset, { recordsMax: 1 });
		return { records: first === undefined ? 0 : Math.max(0, end - first.offset), lost: null };
	} catch (thrown) {
		if (!(thrown instanceof AssentError)) throw thrown;
		const { code, problem } = thrown;
		if (code !== "ASSENT_LOG_OFFSET_GONE" && code !== "ASSENT_LOG_REWOUND") throw thrown;
		const begin = code === "ASSENT_LOG_OFFSET_GONE" ? Number(thrown.facts["begin"] ?? offset) : null;
		return { records: begin === null ? 0 : Math.max(0, end - begin), lost: { problem, begin } };
	}
}
