/** Sealed arguments whose keys are not where this configuration looks for them: a processor of it would deny their calls. */
import { counted } from "../../core/base/count-text.ts";
import { AssentError } from "../../core/base/errors.ts";
import { decodeInput } from "../../core/codec/decode.ts";
import type { Layout } from "../../core/model/layout.ts";
import { ok, warning } from "../../ports/log/findings.ts";
import { type Log, type LogFinding, TOPICS } from "../../ports/log/log.ts";
import { partitionsOf } from "../../reading/principal-filter.ts";
import { unsealed } from "../../reading/unsealed.ts";
import { exportOf } from "../log-url.ts";

/** Of each partition the last. */
const INTENTS_SHOWN = 100;

/** Nothing where none of the last intents is sealed, or this user may not read them. */
export async function payloadFindings(log: Log, layout: Layout): Promise<LogFinding[]> {
	let sealed = 0;
	let locked = 0;
	try {
		for (const partition of partitionsOf(layout)) {
			const from = { topic: TOPICS.intents, partition };
			const { begin, end } = await log.bounds(from);
			const at = Math.max(begin, end - INTENTS_SHOWN);
			for (const { value } of at < end ? await log.read(from, at, { recordsMax: INTENTS_SHOWN }) : []) {
				const read = decodeInput(value, "intents");
				if (!read.ok || read.value.type !== "intent.sealed") continue;
				sealed += 1;
				const opened = unsealed(read.value, log.payloads);
				if (!opened.ok && opened.error.code !== "RECORD_ERASED") locked += 1;
			}
		}
	} catch (thrown) {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_DENIED") return [];
		throw thrown;
	}
	if (sealed === 0) return [];
	const subject = "sealed arguments";
	if (locked === 0)
		return [ok(subject, `${counted(sealed, "sealed intent")} looked at: each can be opened, or was erased`)];
	const message = `of the last ${counted(sealed, "sealed intent")}, ${locked} cannot be opened by the keys at hand`;
	if (exportOf(log.url) !== null) return [ok(subject, `${message}; an export holds none`)];
	const help =
		"publishers and processors have to name one file of keys, `privacy: { keys: PATH }`: a processor without the keys denies what is sealed";
	return [warning(subject, message, help)];
}
