/**
 * Sealed arguments whose keys are not where this configuration looks for them, so that a processor of it would deny their calls; and such as
 * can still be opened, though the log says that they were erased.
 */
import { counted } from "../../core/base/count-text.ts";
import { AssentError } from "../../core/base/errors.ts";
import { decodeInput } from "../../core/codec/decode.ts";
import type { Principal } from "../../core/model/ids.ts";
import type { Layout } from "../../core/model/layout.ts";
import { ok, warning } from "../../ports/log/findings.ts";
import { type Log, type LogFinding, TOPICS } from "../../ports/log/log.ts";
import type { PayloadKeys } from "../../ports/payload-keys.ts";
import { Erasures } from "../../reading/erasures.ts";
import { partitionsOf } from "../../reading/principal-filter.ts";
import { unsealed } from "../../reading/unsealed.ts";
import { exportOf } from "../log-url.ts";

/** Of each partition the last. */
const INTENTS_SHOWN = 100;

/** Nothing where none of the last intents is sealed, or this user may not read them. */
export async function payloadFindings(log: Log, layout: Layout): Promise<LogFinding[]> {
	let sealed = 0;
	let locked = 0;
	let why = log.payloads === undefined ? "no file of keys is named" : "";
	const places: number[] = [];
	let clear = 0;
	let spared = 0;
	try {
		for (const partition of partitionsOf(layout)) {
			const from = { topic: TOPICS.intents, partition };
			const erasures = new Erasures(log, partition);
			const { begin, end } = await log.bounds(from);
			const at = Math.max(begin, end - INTENTS_SHOWN);
			for (const record of at < end ? await log.read(from, at, { recordsMax: INTENTS_SHOWN }) : []) {
				const read = decodeInput(record.value, "intents");
				if (read.ok && read.value.type === "intent.submitted") clear += 1;
				if (!read.ok || read.value.type !== "intent.sealed") continue;
				sealed += 1;
				const opened = unsealed(read.value, log.payloads);
				if (opened.ok && (await erasures.why("sealed", record)) === "erased") spared += 1;
				if (opened.ok || opened.error.code === "RECORD_ERASED") continue;
				locked += 1;
				if (!places.includes(partition)) places.push(partition);
				if (why === "") why = faultOf(log.payloads, read.value.principal, read.value.id);
			}
		}
	} catch (thrown) {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_DENIED") return [];
		throw thrown;
	}
	if (sealed === 0) return [];
	const subject = "sealed arguments";
	const findings: LogFinding[] = [];
	const plain = clear === 0 ? "" : `; ${counted(clear, "intent")} beside them in the clear`;
	const isExport = exportOf(log.url) !== null;
	if (locked > 0) {
		const where = `partition${places.length === 1 ? "" : "s"} ${places.join(", ")}`;
		const message = `of the last ${counted(sealed, "sealed intent")}, ${locked} cannot be opened by the keys at hand, in ${where}`;
		findings.push(
			isExport
				? ok(subject, `${message}; an export holds none${plain}`)
				: warning(subject, `${message}${plain}${why === "" ? "" : `: ${why}`}`, NAME_ONE),
		);
	}
	if (spared > 0) {
		const message = `the ledger calls erased what can still be opened: ${counted(spared, "sealed intent")}`;
		findings.push(warning(subject, message, FINISH));
	}
	if (findings.length > 0) return findings;
	return [ok(subject, `${counted(sealed, "sealed intent")} looked at: each can be opened, or was erased${plain}`)];
}

/** Why no key can be had; empty: the store has none for this intent, or another one. */
function faultOf(keys: PayloadKeys | undefined, { tenant, agent, session }: Principal, id: string): string {
	try {
		keys?.find({ tenant, agent, session, id });
		return "";
	} catch (thrown) {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_PAYLOAD_KEYS") return thrown.problem.message;
		throw thrown;
	}
}

const NAME_ONE =
	"publishers and processors have to name one file of keys, `privacy: { keys: PATH }`: a processor without the keys denies what is sealed";
const FINISH =
	"the erasure was cut off, or the keys were put back from a backup: `assent tail control` shows it; run `assent audit erase` again";
