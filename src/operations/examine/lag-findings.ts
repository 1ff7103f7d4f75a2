/** Inputs that have no entry yet, and whether somebody works on them. */
import { counted } from "../../core/base/count-text.ts";
import { decodeEntry } from "../../core/codec/decode.ts";
import type { DurationMs } from "../../core/model/units.ts";
import { ok, warning } from "../../ports/log/findings.ts";
import type { Log, LogFinding } from "../../ports/log/log.ts";
import { ledgerOf } from "../../reading/partition-view.ts";
import { lossFinding } from "./input-findings.ts";
import type { PartitionReport } from "./ledger-check.ts";

const LAG_LOOK_MS: DurationMs = 1_000;

/** Inputs without an entry are a finding only if nobody works on them. */
export async function lagFindings(
	log: Log,
	reports: readonly PartitionReport[],
	{ starts, signal }: { readonly starts: string; readonly signal?: AbortSignal | undefined },
): Promise<LogFinding[]> {
	const findings = reports.flatMap(({ losses }) => losses.map(lossFinding));
	const readable = reports.filter(({ problem, losses }) => problem === null && losses.length === 0);
	const behind = readable.filter(({ lag }) => lag > 0);
	// Of a ledger that does not fold nobody can say which inputs have their entries.
	if (behind.length === 0)
		return readable.length < reports.length ? findings : [ok("lag", "every input has its entry")];
	const inputs = behind.reduce((sum, { lag }) => sum + lag, 0);
	const idle = await undecidedAfter(log, behind, signal);
	const message = `${counted(inputs, "input")} on ${counted(behind.length, "partition")} without an entry yet`;
	if (idle.length === 0) findings.push(ok("lag", `${message}; a processor is working on them`));
	else {
		const where = `; nothing was decided on partition${idle.length === 1 ? "" : "s"} ${idle.join(", ")} while this looked`;
		findings.push(warning("lag", `${message}${idle.length < behind.length ? where : ""}`, starts));
	}
	return findings;
}

/** The partitions whose ledgers gain no entry within a moment. Claims are none: who fails to decide claims again and again. */
async function undecidedAfter(
	log: Log,
	behind: readonly PartitionReport[],
	signal: AbortSignal | undefined,
): Promise<readonly number[]> {
	const deadline = performance.now() + LAG_LOOK_MS;
	const left = new Map(behind.map(({ partition, next }) => [partition, next]));
	while (left.size > 0 && performance.now() < deadline && signal?.aborted !== true) {
		const positions = [...left].map(([partition, offset]) => ({ ...ledgerOf(partition), offset }));
		const timeoutMs = Math.max(1, Math.ceil(deadline - performance.now()));
		for (const { partition } of await log.waitFor(positions, { timeoutMs, ...(signal ? { signal } : {}) })) {
			const records = await log.read(ledgerOf(partition), left.get(partition) ?? 0);
			if (records.some(({ value }) => decodeEntry(value).ok)) left.delete(partition);
			else if (records.length > 0) left.set(partition, (records.at(-1)?.offset ?? 0) + 1);
		}
	}
	return [...left.keys()];
}
