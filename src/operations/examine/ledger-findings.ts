/** What the reports of all partitions amount to: their ledgers, their clock, what waits on them, what could not be read. */

import { counted, grouped } from "../../core/base/count-text.ts";
import { durationText } from "../../core/model/duration.ts";
import { type EpochMs, MINUTE } from "../../core/model/units.ts";
import { DIGEST_EVERY } from "../../core/state/digest.ts";
import { error, ok, warning } from "../../ports/log/findings.ts";
import type { LogFinding } from "../../ports/log/log.ts";
import { broken } from "./finding.ts";
import type { PartitionReport } from "./ledger-check.ts";

/** What was seen of long ledgers without reading all of them. */
export function shortFindings(reports: readonly PartitionReport[], records: number): LogFinding[] {
	const findings = ledgerFindings(reports);
	if (findings.some(({ level }) => level === "error")) return findings;
	const entries = reports.reduce((sum, report) => sum + report.entries, 0);
	const message = `valid entries ${grouped(entries)}, as the running processor and the last snapshots say`;
	return [
		ok(
			"ledger",
			`${message}; not read from the beginning: \`assent doctor --full\` reads ${counted(records, "record")}`,
		),
	];
}

export function ledgerFindings(reports: readonly PartitionReport[]): LogFinding[] {
	const findings = reports.flatMap((report): LogFinding[] => {
		const where = `partition ${report.partition}`;
		const wrong: LogFinding[] = [];
		if (report.problem !== null) wrong.push(broken("ledger", report.problem));
		if (report.layoutDifference !== null) {
			const message = `${where}: a claim has another layout: ${report.layoutDifference}`;
			wrong.push(error("ledger", message, "stop the processor whose configuration differs"));
		}
		if (report.digests.kind === "differs") {
			const message = `${where}: the state before entry ${report.digests.size} has another digest than the entry says`;
			wrong.push(error("ledger", message, AUDIT));
		}
		if (report.checkpoint.kind === "differs") {
			const { size, what } = report.checkpoint;
			wrong.push(error("checkpoints", `${where}: the last checkpoint, of size ${size}, has another ${what}`, AUDIT));
		}
		if (report.checkpoint.kind === "ahead") {
			const message = `${where}: the last checkpoint covers ${report.checkpoint.size} entries, the ledger has ${report.entries}`;
			wrong.push(error("checkpoints", message, "the ledger has lost its end: restore it from a copy"));
		}
		if (report.stockAvro.differsAt !== null) {
			const message = `${where}: a stock Avro library reads entry ${report.stockAvro.differsAt} otherwise`;
			wrong.push(error("records", message, AUDIT));
		}
		return wrong;
	});
	if (findings.some(({ level }) => level === "error")) return findings;
	const sum = (of: (report: PartitionReport) => number) => reports.reduce((total, report) => total + of(report), 0);
	const semantics = Math.max(...reports.map((report) => report.semantics));
	const older = sum((each) => each.older);
	const checked = reports.filter(({ checkpoint }) => checkpoint.kind === "agrees").length;
	return [
		ok(
			"ledger",
			`folds to its end: valid entries ${grouped(sum((each) => each.entries))}, claims ${grouped(sum((each) => each.claims))}, void records ${grouped(sum((each) => each.voids))}, semantics ${semantics === 0 ? "-" : semantics}`,
		),
		...(older === 0
			? []
			: [
					ok(
						"versions",
						`${grouped(older)} entries of an older version: they fold; the state digests in them cannot be checked`,
					),
				]),
		ok(
			"records",
			`entries compared with a stock Avro library, which reads the same: ${grouped(sum((each) => each.stockAvro.compared))}`,
		),
		ok(
			"checkpoints",
			checked === 0
				? `none yet: the first comes with entry ${DIGEST_EVERY} of a partition`
				: `the last of ${checked} of ${reports.length} partitions has the recomputed root and state digest`,
		),
	];
}

const AUDIT = "the ledger or this program has changed: keep a copy of the log, and do not let anything write to it";

/** The log's own time never goes back: after a clock that was ahead once it stands still until the clock has caught up. */
export function clockFindings(reports: readonly PartitionReport[]): LogFinding[] {
	const ahead = reports.filter(({ aheadMs }) => aheadMs > 0);
	if (ahead.length === 0) return [];
	const minutes = Math.ceil(Math.max(...ahead.map(({ aheadMs }) => aheadMs)) / MINUTE);
	const message = `the log's own time is ${durationText(minutes * MINUTE)} ahead of this clock on ${counted(ahead.length, "partition")}: a clock was ahead once, or this one is behind`;
	const help =
		"if this clock is right: new calls are decided; windows do not slide and nothing expires until then (docs/runbook.md, clock trouble)";
	return [warning("clock", message, help)];
}

/** Longer than any tick takes, so that what is just due is no finding. */
const OVERDUE_GRACE_MS = 10_000;

export function waitingFindings(
	reports: readonly PartitionReport[],
	{ now, starts }: { readonly now: EpochMs; readonly starts: string },
): LogFinding[] {
	const sum = (of: (report: PartitionReport) => number) => reports.reduce((total, report) => total + of(report), 0);
	const [holds, overdue] = [sum((each) => each.holds), sum((each) => each.overdue)];
	const halts = Math.max(0, ...reports.map((report) => report.halts));
	const since = Math.min(now, ...reports.map((report) => report.overdueSince));
	const findings: LogFinding[] = [
		ok(
			"holds",
			holds === 0
				? "no call is waiting for approval"
				: `held for approval: ${counted(holds, "call")}; see \`assent approvals list\``,
		),
	];
	if (halts > 0) findings.push(ok("halts", `${halts} in force: \`assent halt list\``));
	if (overdue > 0 && now - since > OVERDUE_GRACE_MS) {
		const message = `due since ${new Date(since).toISOString()} and not finalised: ${counted(overdue, "call")}`;
		findings.push(warning("time", message, starts));
	}
	return findings;
}

export function deadLetterFindings(reports: readonly PartitionReport[]): LogFinding[] {
	const letters = reports.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
	if (letters === 0) return [ok("dead letters", "none")];
	const help = "`assent tail dead-letters` says where they are and what is wrong; fix their publisher";
	return [warning("dead letters", `${counted(letters, "record")} could not be read`, help)];
}
