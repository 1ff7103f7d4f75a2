/** A thread of a re-audit: opens the log for itself, and decides again the partitions that it is handed. */
import type { ReAudit } from "../replay/re-audit.ts";
import type { ReplayedCall } from "../replay/tally.ts";
import { openConfigured, readConfig } from "./config/config.ts";
import { beginReAudit, type ReAuditJob } from "./re-audit-work.ts";
import { jobOf, takePartitions } from "./thread-work.ts";

const begun = begin(jobOf<ReAuditJob>());
// Whoever hands over the first partition hears of it.
begun.catch(() => undefined);
takePartitions<ReAudit, ReplayedCall>(async (partition, telling) =>
	(await begun)(partition, {
		onProgress: (records) => telling.progress(records),
		onDifference: (call) => telling.more(call),
	}),
);

async function begin(job: ReAuditJob): ReturnType<typeof beginReAudit> {
	const config = await readConfig({ file: job.config, log: job.log, env: process.env });
	const log = await openConfigured(config, { create: false, readOnly: true, exports: { isChecked: true } });
	return beginReAudit(log, job);
}
