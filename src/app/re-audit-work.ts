/** One partition decided again under a candidate: what a thread does, and for a small log whoever asks. */
import { verifierOf } from "../adapters/keys/ed25519.ts";
import type { Layout } from "../core/model/layout.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { EpochMs } from "../core/model/units.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import type { Log } from "../ports/log/log.ts";
import { silentTelemetry } from "../ports/telemetry.ts";
import { LogCatalogue } from "../reading/catalogue.ts";
import type { PrincipalFilter } from "../reading/principal-filter.ts";
import { type ReAudit, reAudit } from "../replay/re-audit.ts";
import type { ReplayedCall } from "../replay/tally.ts";

/** What every thread is told: plain data. */
export interface ReAuditJob {
	/** What names the log, as the command was given it. */
	readonly log: string | undefined;
	readonly config: string | undefined;
	readonly layout: Layout;
	/** The candidate, which compiles. */
	readonly sources: readonly PolicySourceText[];
	readonly from: EpochMs | null;
	readonly to: EpochMs | null;
	readonly filter: PrincipalFilter;
	/** Whether each difference is told of, beside the counts. */
	readonly isEachTold: boolean;
	/** Whether reports show arguments of calls. */
	readonly areArgumentsShown?: boolean;
}

interface PartitionRun {
	readonly onProgress?: ((records: number) => void) | undefined;
	readonly onDifference: (call: ReplayedCall) => void;
	readonly signal?: AbortSignal | undefined;
}

/** Decides the partitions again that it is handed. What it resolves to throws as `reAudit`; it throws what reading the policies throws. */
export async function beginReAudit(
	log: Log,
	job: ReAuditJob,
): Promise<(partition: number, run: PartitionRun) => Promise<ReAudit>> {
	const { layout, sources, from, to, filter } = job;
	const { budgetRoot } = layout;
	const compiled = compilePolicies(sources, { budgetRoot });
	if (!compiled.ok) throw new Error("the candidate does not compile");
	const candidate = compiled.value;
	const catalogue = new LogCatalogue({ log, budgetRoot, telemetry: silentTelemetry });
	await catalogue.refresh();
	const argumentsBy = job.areArgumentsShown === true ? catalogue : undefined;
	return (partition, { onProgress, onDifference, signal }) =>
		reAudit(log, partition, {
			...{ layout, catalogue, verifierOf, candidate, from, to, filter, argumentsBy, onProgress, signal },
			...(job.isEachTold ? { onDifference } : {}),
		});
}
