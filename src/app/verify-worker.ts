/** A thread of a verification: opens the log for itself, and verifies the partitions that it is handed. */
import { verifierOf } from "../adapters/keys/ed25519.ts";
import type { Finding } from "../core/audit/finding.ts";
import type { Log } from "../ports/log/log.ts";
import { silentTelemetry } from "../ports/telemetry.ts";
import { LogCatalogue } from "../reading/catalogue.ts";
import { verifyLedgerTiles } from "../verify/folder.ts";
import { type VerifiedPartition, verifyPartition } from "../verify/partition.ts";
import { tolerantLog } from "../verify/tolerant-log.ts";
import { openConfigured, readConfig } from "./config/config.ts";
import { staticFolder } from "./static-folder.ts";
import { jobOf, type Telling, takePartitions } from "./thread-work.ts";
import { noteKeysOf, type VerifyJob } from "./verify.ts";

const job = jobOf<VerifyJob>();
const keys = noteKeysOf(job.keys);
const opened = open();
// Whoever hands over the first partition hears of it.
opened.catch(() => undefined);
takePartitions(verify);

async function open(): Promise<{ readonly log: Log; readonly catalogue: LogCatalogue }> {
	const config = await readConfig({ file: job.config, log: job.log, env: process.env });
	const log = await openConfigured(config, { create: false, readOnly: true, exports: { isChecked: true } });
	const { budgetRoot } = job.layout;
	const catalogue = new LogCatalogue({ log: tolerantLog(log), budgetRoot, telemetry: silentTelemetry });
	await catalogue.refresh();
	return { log, catalogue };
}

async function verify(partition: number, telling: Telling<never>): Promise<VerifiedPartition> {
	const { log, catalogue } = await opened;
	const verified = await verifyPartition(log, partition, {
		layout: job.layout,
		catalogue,
		verifierOf,
		keys,
		notes: job.notes,
		onProgress: (records) => telling.progress(records),
	});
	const published = job.published.find(({ of }) => of === partition);
	if (job.folder === null || published === undefined) return verified;
	const findings: Finding[] = [];
	const folder = { name: job.folder, folder: staticFolder(job.folder) };
	await verifyLedgerTiles(folder, log, partition, published, (finding) => findings.push(finding));
	return {
		...verified,
		findings: [...verified.findings, ...findings],
		findingCount: verified.findingCount + findings.length,
	};
}
