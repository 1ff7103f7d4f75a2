/** A thread of a verification: opens the log for itself, and verifies the partitions that it is handed. */
import { openConfigured, readConfig } from "./config/config.ts";
import { jobOf, takePartitions } from "./thread-work.ts";
import { beginVerify, type VerifyJob } from "./verify-work.ts";

const begun = begin(jobOf<VerifyJob>());
// Whoever hands over the first partition hears of it.
begun.catch(() => undefined);
takePartitions(async (partition, telling) =>
	(await begun)(partition, { onProgress: (records) => telling.progress(records) }),
);

async function begin(job: VerifyJob): ReturnType<typeof beginVerify> {
	const config = await readConfig({ file: job.config, log: job.log, env: process.env });
	const log = await openConfigured(config, { create: false, readOnly: true, exports: { isChecked: true } });
	return beginVerify(log, job);
}
