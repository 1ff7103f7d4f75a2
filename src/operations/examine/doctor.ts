/** `assent doctor`: everything that can be looked at without changing anything, as findings with what to do about them. */
import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { counted, grouped } from "../../core/base/count-text.ts";
import { AssentError } from "../../core/base/errors.ts";
import { decodeEntry } from "../../core/codec/decode.ts";
import { layoutDifference } from "../../core/ledger/fold.ts";
import { durationText } from "../../core/model/duration.ts";
import type { Layout } from "../../core/model/layout.ts";
import { type EpochMs, MINUTE } from "../../core/model/units.ts";
import { error, ok, warning } from "../../ports/log/findings.ts";
import { type Log, type LogFinding, TOPICS, type TopicState } from "../../ports/log/log.ts";
import { compileBundle, readBundles } from "../../reading/bundles.ts";
import { layoutOf } from "../../reading/layout.ts";
import { ledgerOf, partitionsOf } from "../../reading/partition-view.ts";
import { createHelp, isKafkaUrl, pathOf, startCommand } from "../log-url.ts";
import { broken, diagnosed } from "./finding.ts";
import { lossFinding } from "./input-findings.ts";
import { checkPartition, type PartitionReport } from "./ledger-check.ts";
import { shapeFindings } from "./topic-shape.ts";

export interface Diagnosis {
	readonly findings: readonly LogFinding[];
	/** False: the log could not be looked at. */
	readonly isAvailable: boolean;
	/** There is no log where one was named. */
	readonly isMissing?: boolean;
}

export interface DoctorOptions {
	readonly logUrl: string;
	/** Opens the log of `logUrl`; what it throws becomes a finding. */
	readonly open: (options: { readonly create: boolean; readonly readOnly: boolean }) => Promise<Log>;
	/** What a processor of this configuration would start with. */
	readonly layout: Layout;
	readonly now: EpochMs;
	/** Read every ledger from its beginning, however long it is. */
	readonly isFull?: boolean;
	readonly onProgress?: (records: number) => void;
	readonly signal?: AbortSignal;
}

export async function diagnose(of: DoctorOptions): Promise<Diagnosis> {
	const findings: LogFinding[] = [runtime()];
	if (await isMissing(of.logUrl)) {
		const help = `${createHelp(of.logUrl)}; or name another one with --log`;
		findings.push(error("log", `there is no log at ${of.logUrl} yet`, help));
		return { findings, isAvailable: false, isMissing: true };
	}
	let log: Log;
	try {
		// What is missing on Kafka becomes a finding.
		log = await of.open({ create: isKafkaUrl(of.logUrl), readOnly: !(await mayWrite(of.logUrl)) });
	} catch (thrown) {
		if (!(thrown instanceof AssentError)) throw thrown;
		findings.push(broken("log", thrown.problem));
		return { findings, isAvailable: false };
	}
	try {
		findings.push(...(await diagnosed(log)));
		await examine(log, of, findings);
		return { findings, isAvailable: true };
	} catch (thrown) {
		if (!(thrown instanceof AssentError)) throw thrown;
		// What was found until it was told to stop is true all the same.
		if (thrown.code === "ASSENT_STOPPED") return { findings, isAvailable: true };
		findings.push(broken("log", thrown.problem));
		return { findings, isAvailable: false };
	} finally {
		await log.close();
	}
}

/** What to do about inputs that nobody decides. */
function startsHelp({ logUrl }: DoctorOptions, findings: readonly LogFinding[]): string {
	const isFull = findings.some(({ subject, level }) => subject === "space" && level === "error");
	if (isFull) return "free space first: a processor that runs goes on by itself then";
	return `is a processor running? \`${startCommand(logUrl)}\` starts one`;
}

async function examine(log: Log, of: DoctorOptions, findings: LogFinding[]): Promise<void> {
	const starts = startsHelp(of, findings);
	const theirs = await layoutOf(log);
	const layout = theirs ?? of.layout;
	const states = await log.admin().topics();
	const topics = shapeFindings(states, layout, log.url);
	findings.push(...topics, layoutFinding(of.layout, theirs, starts));
	// Without its topics there is nothing more to read.
	if (topics.some(({ level }) => level === "error")) return;
	const records = recordsOf(states.find(({ name }) => name === TOPICS.decisions));
	const isFull = of.isFull === true || records <= READ_AT_ONCE;
	const reports: PartitionReport[] = [];
	for (const partition of partitionsOf(layout)) {
		reports.push(await checkPartition(log, layout, partition, { ...of, isFull }));
	}
	findings.push(
		...(isFull ? ledgerFindings(reports) : shortFindings(reports, records)),
		...(await policyFindings(log, { layout, reports, starts })),
		...(await lagFindings(log, reports, { ...of, starts })),
		...clockFindings(reports),
		...waitingFindings(reports, { ...of, starts }),
		...deadLetterFindings(reports),
	);
}

/** Records of all ledgers that are read from their beginning without being asked for: a second or two. */
const READ_AT_ONCE = 50_000;

const recordsOf = (topic: TopicState | undefined): number =>
	(topic?.end ?? []).reduce((sum, end, partition) => sum + end - (topic?.begin[partition] ?? 0), 0);

function runtime(): LogFinding {
	const { node, sqlite = "none" } = process.versions;
	return ok("runtime", `node ${node}, SQLite ${sqlite}`);
}

async function isMissing(url: string): Promise<boolean> {
	const path = pathOf(url);
	if (path === null) return false;
	return stat(path).then(
		() => false,
		(thrown: NodeJS.ErrnoException) => thrown.code === "ENOENT",
	);
}

/** Who may only read a log file can look at it all the same. */
async function mayWrite(url: string): Promise<boolean> {
	const path = pathOf(url);
	if (path === null) return true;
	try {
		await access(path, constants.W_OK);
		await access(dirname(path), constants.W_OK);
		return true;
	} catch {
		return false;
	}
}

function layoutFinding(ours: Layout, theirs: Layout | null, starts: string): LogFinding {
	if (theirs === null) return warning("layout", "no processor has taken a partition of this log yet", starts);
	const difference = layoutDifference(ours, theirs);
	if (difference === null) {
		const { budgetRoot, dedupeMs, sessionMs } = theirs;
		const times = `ids are remembered for ${durationText(dedupeMs)}, sessions for ${durationText(sessionMs)}`;
		return ok("layout", `keyed by ${budgetRoot}; ${times}`);
	}
	return warning(
		"layout",
		`the configuration has another layout than the ledger: ${difference}`,
		"a processor with this configuration refuses to start: write the ledger's layout into it, or name it with --config",
	);
}

/** What was seen of long ledgers without reading all of them. */
function shortFindings(reports: readonly PartitionReport[], records: number): LogFinding[] {
	const findings = ledgerFindings(reports);
	if (findings.some(({ level }) => level === "error")) return findings;
	const entries = reports.reduce((sum, report) => sum + report.entries, 0);
	const message = `valid entries ${grouped(entries)}, as the running processor and the last snapshots say`;
	return [
		ok("ledger", `${message}; not read from the beginning: \`assent doctor --full\` reads ${grouped(records)} records`),
	];
}

function ledgerFindings(reports: readonly PartitionReport[]): LogFinding[] {
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
			"checkpoints",
			checked === 0
				? "none yet: the first comes with entry 64 of a partition"
				: `the last of ${checked} of ${reports.length} partitions has the recomputed root and state digest`,
		),
	];
}

const AUDIT =
	"the ledger or this program is not what it was: keep a copy of the log, and do not let anything write to it";

async function policyFindings(
	log: Log,
	of: { readonly layout: Layout; readonly reports: readonly PartitionReport[]; readonly starts: string },
): Promise<LogFinding[]> {
	const { layout, reports } = of;
	const folded = reports.filter(({ problem, entries }) => problem === null && entries > 0);
	const digests = new Map<string, number[]>();
	for (const { policy, partition } of folded) {
		digests.set(policy.digest, [...(digests.get(policy.digest) ?? []), partition]);
	}
	const bundles = await readBundles(log);
	const activate = "put policies into force: `assent policy activate FILE`";
	if (folded.length === 0 || (digests.size === 1 && digests.has(""))) {
		return [warning("policies", "none are in force: every call is denied as `policy.none`", activate)];
	}
	const findings = [...digests].flatMap(([digest, partitions]): LogFinding[] => {
		const where = digests.size === 1 ? "" : ` on partitions ${partitions.join(", ")}`;
		if (digest === "") return [warning("policies", `none are in force${where}`, activate)];
		const compiled = compileBundle(bundles, digest, layout.budgetRoot);
		if (!compiled.ok) return compiled.error.slice(0, 1).map((each) => broken("policies", each));
		return [ok("policies", `${digest.slice(0, 12)} is in force${where}; its bundle is on the log and compiles`)];
	});
	if (digests.size > 1) {
		const help = `an activation has not reached every partition: ${of.starts}; else activate again`;
		findings.push(warning("policies", "the partitions do not have the same policies in force", help));
	}
	return findings;
}

/** The log's own time never goes back: after a clock that was ahead once it stands still until the clock has caught up. */
function clockFindings(reports: readonly PartitionReport[]): LogFinding[] {
	const ahead = reports.filter(({ aheadMs }) => aheadMs > 0);
	if (ahead.length === 0) return [];
	const minutes = Math.ceil(Math.max(...ahead.map(({ aheadMs }) => aheadMs)) / MINUTE);
	const message = `the log's own time is ${durationText(minutes * MINUTE)} ahead of this clock on ${counted(ahead.length, "partition")}: a clock was ahead once, or this one is behind`;
	const help =
		"if this clock is right: new calls are decided; windows do not slide and nothing expires until then (docs/runbook.md, clock trouble)";
	return [warning("clock", message, help)];
}

const LAG_LOOK_MS = 1_000;

/** Inputs without an entry are a finding only if nobody works on them. */
async function lagFindings(
	log: Log,
	reports: readonly PartitionReport[],
	of: DoctorOptions & { readonly starts: string },
): Promise<LogFinding[]> {
	const findings = reports.flatMap(({ losses }) => losses.map(lossFinding));
	const readable = reports.filter(({ problem, losses }) => problem === null && losses.length === 0);
	const behind = readable.filter(({ lag }) => lag > 0);
	// Of a ledger that does not fold nobody can say which inputs have their entries.
	if (behind.length === 0)
		return readable.length < reports.length ? findings : [ok("lag", "every input has its entry")];
	const inputs = behind.reduce((sum, { lag }) => sum + lag, 0);
	const idle = await undecidedAfter(log, behind, of.signal);
	const message = `${counted(inputs, "input")} on ${counted(behind.length, "partition")} without an entry yet`;
	if (idle.length === 0) findings.push(ok("lag", `${message}; a processor is working on them`));
	else {
		const where = `; nothing was decided on partition${idle.length === 1 ? "" : "s"} ${idle.join(", ")} while this looked`;
		findings.push(warning("lag", `${message}${idle.length < behind.length ? where : ""}`, of.starts));
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

/** Longer than any tick takes, so that what is just due is no finding. */
const OVERDUE_GRACE_MS = 10_000;

function waitingFindings(
	reports: readonly PartitionReport[],
	of: DoctorOptions & { readonly starts: string },
): LogFinding[] {
	const { now } = of;
	const sum = (of: (report: PartitionReport) => number) => reports.reduce((total, report) => total + of(report), 0);
	const [holds, overdue] = [sum((each) => each.holds), sum((each) => each.overdue)];
	const halts = Math.max(0, ...reports.map((report) => report.halts));
	const since = Math.min(now, ...reports.map((report) => report.overdueSince));
	const findings: LogFinding[] = [
		ok(
			"holds",
			holds === 0
				? "no call waits for a human"
				: `held for a human: ${counted(holds, "call")}; see \`assent approvals list\``,
		),
	];
	if (halts > 0) findings.push(ok("halts", `${halts} in force: \`assent halt list\``));
	if (overdue > 0 && now - since > OVERDUE_GRACE_MS) {
		const message = `due since ${new Date(since).toISOString()} and not finalised: ${counted(overdue, "call")}`;
		findings.push(warning("time", message, of.starts));
	}
	return findings;
}

function deadLetterFindings(reports: readonly PartitionReport[]): LogFinding[] {
	const letters = reports.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
	if (letters === 0) return [ok("dead letters", "none")];
	const help = "`assent tail dead-letters` says where they lie and what was wrong; mend their publisher";
	return [warning("dead letters", `${counted(letters, "record")} could not be read`, help)];
}
