/** The intent at an offset of `intents`, for whatever names it by its place. */
import { AssentError } from "../core/base/errors.ts";
import { decodeInput } from "../core/codec/decode.ts";
import type { IntentSubmitted } from "../core/model/inputs.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";

/** Null when it is gone, or when another record is there. */
export async function intentAt(log: Log, partition: number, offset: Offset): Promise<IntentSubmitted | null> {
	try {
		const [record] = await log.read({ topic: TOPICS.intents, partition }, offset, { recordsMax: 1 });
		if (record?.offset !== offset) return null;
		const read = decodeInput(record.value, "intents");
		return read.ok && read.value.type === "intent.submitted" ? read.value : null;
	} catch (thrown) {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_OFFSET_GONE") return null;
		throw thrown;
	}
}
