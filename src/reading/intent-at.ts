/** The intent at an offset of `intents`, for whatever names it by its place. */
import { AssentError } from "../core/base/errors.ts";
import type { IntentSubmitted } from "../core/model/inputs.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import { consume } from "./consumed.ts";

/** Why an intent cannot be told: it is gone, or another record is there; its key is not at hand, or another one is; it was erased. */
export type MissingIntent = "gone" | "sealed" | "erased";

export async function intentAt(log: Log, partition: number, offset: Offset): Promise<IntentSubmitted | MissingIntent> {
	try {
		const [record] = await log.read({ topic: TOPICS.intents, partition }, offset, { recordsMax: 1 });
		if (record?.offset !== offset) return "gone";
		const { read } = consume(record, "intents", log.payloads);
		if (!read.ok) return missingBy(read.error.code) ?? "gone";
		return read.value.type === "intent.submitted" ? read.value : "gone";
	} catch (thrown) {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_OFFSET_GONE") return "gone";
		throw thrown;
	}
}

/** Null for whatever a record says to anybody who reads it. */
export function missingBy(code: string): "sealed" | "erased" | null {
	if (code === "RECORD_SEALED" || code === "RECORD_SEAL") return "sealed";
	return code === "RECORD_ERASED" ? "erased" : null;
}
