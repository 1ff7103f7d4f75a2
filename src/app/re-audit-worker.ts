/** A thread of a re-audit: opens the log for itself, and decides again the partitions that it is handed. */
import { parentPort, workerData } from "node:worker_threads";
import { verifierOf } from "../adapters/keys/ed25519.ts";
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import type { Log } from "../ports/log/log.ts";
import { silentTelemetry } from "../ports/telemetry.ts";
import { LogCatalogue } from "../reading/catalogue.ts";
import { reAudit } from "../replay/re-audit.ts";
import type { ReplayedCall } from "../replay/tally.ts";
import { openConfigured, readConfig } from "./config/config.ts";
import type { ReAuditNews, ReAuditWork } from "./re-audit.ts";

const { job, ahead } = workerData as ReAuditWork;
const say = (news: ReAuditNews): void => parentPort?.postMessage(news);

/** Differences that are handed over at once. */
const TOLD_AT_ONCE = 500;

/** Differences from which on a thread waits until some are taken in: what is to be published must not pile up. */
const AHEAD_MAX = 5_000;

const compiled = compilePolicies(job.sources, { budgetRoot: job.layout.budgetRoot });
const opened = open();
// Whoever hands over the first partition hears of it.
opened.catch(() => undefined);

parentPort?.on("message", (partition: number) => {
	replay(partition).catch((thrown: unknown) => say({ kind: "failed", problem: problemOf(thrown) }));
});

async function open(): Promise<{ readonly log: Log; readonly catalogue: LogCatalogue }> {
	const config = await readConfig({ file: job.config, log: job.log, env: process.env });
	const log = await openConfigured(config, { create: false, readOnly: true });
	const { budgetRoot } = job.layout;
	const catalogue = new LogCatalogue({ log, budgetRoot, telemetry: silentTelemetry });
	await catalogue.refresh();
	return { log, catalogue };
}

async function replay(partition: number): Promise<void> {
	if (!compiled.ok) throw new Error("the candidate does not compile");
	const { log, catalogue } = await opened;
	const { layout, from, to, filter } = job;
	let told: ReplayedCall[] = [];
	const tell = (): void => {
		if (told.length === 0) return;
		Atomics.add(ahead, 0, told.length);
		say({ kind: "differences", calls: told });
		told = [];
		for (let count = Atomics.load(ahead, 0); count > AHEAD_MAX; count = Atomics.load(ahead, 0))
			Atomics.wait(ahead, 0, count);
	};
	const result = await reAudit(log, partition, {
		layout,
		catalogue,
		verifierOf,
		candidate: compiled.value,
		from,
		to,
		filter,
		argumentsBy: job.areArgumentsShown === true ? catalogue : undefined,
		onProgress: (records) => say({ kind: "progress", records }),
		...(job.isEachTold
			? {
					onDifference: (call: ReplayedCall) => {
						told.push(call);
						if (told.length >= TOLD_AT_ONCE) tell();
					},
				}
			: {}),
	});
	tell();
	say({ kind: "done", result });
}

const problemOf = (thrown: unknown): Problem =>
	thrown instanceof AssentError
		? thrown.problem
		: problem("ASSENT_INTERNAL", thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
