/** Inputs without an entry: those behind the last one that has one are waiting, and no others are there. */
import type { Finding, FindingCode } from "../core/audit/finding.ts";
import type { InputOrder, PassedOver } from "../core/audit/input-order.ts";
import type { InputTopic } from "../core/model/inputs.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, readToEnd } from "../ports/log/log.ts";

export interface UnansweredParts {
	readonly log: Log;
	readonly partition: number;
	/** What the entries answer; null where there is none. */
	readonly order: InputOrder | null;
	readonly passedOver: readonly PassedOver[];
	readonly tell: (code: FindingCode, of: Partial<Finding> & Pick<Finding, "message">) => void;
}

/** How many inputs are waiting. Throws what reading throws. */
export async function verifyUnanswered({ log, partition, order, passedOver, tell }: UnansweredParts): Promise<number> {
	for (const { topic, from, until, seq, offset } of passedOver) {
		const first = await firstFrom(log, { topic, partition }, from);
		if (first === null || first >= until) continue;
		const message = `seq ${seq} answers ${topic} ${until}, and ${first}, which is before it, has no entry`;
		tell("input.unanswered", { offset, seq, message });
	}
	let waiting = 0;
	for (const topic of ["intents", "control"] as const) {
		const { begin, end } = await log.bounds({ topic, partition });
		const next = Math.max(begin, order?.next[topic] ?? 0);
		waiting += Math.max(0, end - next);
		// For the log to tell of what of it cannot be read.
		for await (const _ of readToEnd(log, { topic, partition }, next, end));
	}
	return waiting;
}

/** Where the first input at or after an offset is; null where there is none. */
async function firstFrom(
	log: Log,
	at: { readonly topic: InputTopic; readonly partition: number },
	offset: Offset,
): Promise<Offset | null> {
	const { begin, end } = await log.bounds(at);
	const from = Math.max(begin, offset);
	if (from >= end) return null;
	return (await log.read(at, from, { recordsMax: 1 }))[0]?.offset ?? null;
}
