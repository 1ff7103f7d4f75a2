/** A thread of a re-audit: opens the log for itself, and decides again the partitions that it is handed. */
import { verifierOf } from "../adapters/keys/ed25519.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import type { Log } from "../ports/log/log.ts";
import { silentTelemetry } from "../ports/telemetry.ts";
import { LogCatalogue } from "../reading/catalogue.ts";
import { type ReAudit, reAudit } from "../replay/re-audit.ts";
import type { ReplayedCall } from "../replay/tally.ts";
import { openConfigured, readConfig } from "./config/config.ts";
import type { ReAuditJob } from "./re-audit.ts";
import { jobOf, type Telling, takePartitions } from "./thread-work.ts";

const job = jobOf<ReAuditJob>();
const compiled = compilePolicies(job.sources, { budgetRoot: job.layout.budgetRoot });
const opened = open();
// Whoever hands over the first partition hears of it.
opened.catch(() => undefined);
takePartitions(replay);

async function open(): Promise<{ readonly log: Log; readonly catalogue: LogCatalogue }> {
	const config = await readConfig({ file: job.config, log: job.log, env: process.env });
	const log = await openConfigured(config, { create: false, readOnly: true, exports: { isChecked: true } });
	const { budgetRoot } = job.layout;
	const catalogue = new LogCatalogue({ log, budgetRoot, telemetry: silentTelemetry });
	await catalogue.refresh();
	return { log, catalogue };
}

async function replay(partition: number, telling: Telling<ReplayedCall>): Promise<ReAudit> {
	if (!compiled.ok) throw new Error("the candidate does not compile");
	const { log, catalogue } = await opened;
	const { layout, from, to, filter } = job;
	return reAudit(log, partition, {
		layout,
		catalogue,
		verifierOf,
		candidate: compiled.value,
		from,
		to,
		filter,
		argumentsBy: job.areArgumentsShown === true ? catalogue : undefined,
		onProgress: (records) => telling.progress(records),
		...(job.isEachTold ? { onDifference: (call: ReplayedCall) => telling.more(call) } : {}),
	});
}
