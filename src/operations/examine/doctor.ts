/** `assent doctor`: everything that can be looked at without changing anything, as findings with what to do about them. */
import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { AssentError } from "../../core/base/errors.ts";
import { layoutDifference } from "../../core/ledger/fold.ts";
import { durationText } from "../../core/model/duration.ts";
import type { Layout } from "../../core/model/layout.ts";
import type { EpochMs } from "../../core/model/units.ts";
import { error, ok, warning } from "../../ports/log/findings.ts";
import { type Log, type LogFinding, TOPICS, type TopicState } from "../../ports/log/log.ts";
import type { PolicyKeys } from "../../reading/bundle-signature.ts";
import { layoutOf } from "../../reading/layout.ts";
import { partitionsOf } from "../../reading/principal-filter.ts";
import { createHelp, exportOf, isKafkaUrl, logOption, pathOf, startCommand } from "../log-url.ts";
import { placeOfLedger } from "../questions.ts";
import { broken, diagnosed } from "./finding.ts";
import { lagFindings } from "./lag-findings.ts";
import { checkPartition, type PartitionReport } from "./ledger-check.ts";
import {
	clockFindings,
	deadLetterFindings,
	ledgerFindings,
	shortFindings,
	waitingFindings,
} from "./ledger-findings.ts";
import { payloadFindings } from "./payload-findings.ts";
import { policyFindings } from "./policy-findings.ts";
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
	/** Whose signature its policies would have to have. */
	readonly policyKeys?: PolicyKeys;
	readonly now: EpochMs;
	/** Read every ledger from its beginning, however long it is. */
	readonly isFull?: boolean;
	readonly onProgress?: (records: number) => void;
	readonly signal?: AbortSignal;
}

export async function diagnose(options: DoctorOptions): Promise<Diagnosis> {
	const findings: LogFinding[] = [runtime()];
	if (await isMissing(options.logUrl)) {
		const help = `${createHelp(options.logUrl)}; or name another one with --log`;
		findings.push(error("log", `there is no log at ${options.logUrl} yet`, help));
		return { findings, isAvailable: false, isMissing: true };
	}
	let log: Log;
	try {
		// What is missing on Kafka becomes a finding.
		log = await options.open({ create: isKafkaUrl(options.logUrl), readOnly: !(await mayWrite(options.logUrl)) });
	} catch (thrown) {
		if (!(thrown instanceof AssentError)) throw thrown;
		findings.push(broken("log", thrown.problem));
		// What is no export, or a damaged one, is no better for being looked at later.
		return { findings, isAvailable: false, isMissing: exportOf(options.logUrl) !== null };
	}
	try {
		findings.push(...(await diagnosed(log)));
		await examine(log, options, findings);
		return { findings, isAvailable: true };
	} catch (thrown) {
		if (!(thrown instanceof AssentError)) throw thrown;
		// What was found until it was told to stop is still true.
		if (thrown.code === "ASSENT_STOPPED") return { findings, isAvailable: true };
		findings.push(broken("log", thrown.problem));
		return { findings, isAvailable: false };
	} finally {
		await log.close();
	}
}

/** What to do about inputs that nobody decides. */
function startsHelp({ logUrl }: DoctorOptions, findings: readonly LogFinding[]): string {
	if (exportOf(logUrl) !== null) return "an export has what was decided until it was taken: nobody decides on it";
	const isFull = findings.some(({ subject, level }) => subject === "space" && level === "error");
	if (isFull) return "free space first: a processor that runs goes on by itself then";
	// `dev` puts files into force by itself, which not every configuration lets it do.
	const or = isKafkaUrl(logUrl) ? "" : ` or \`assent processor${logOption(logUrl)}\``;
	return `is a processor running? \`${startCommand(logUrl)}\`${or} starts one`;
}

async function examine(log: Log, options: DoctorOptions, findings: LogFinding[]): Promise<void> {
	const starts = startsHelp(options, findings);
	const theirs = await layoutOf(log);
	const layout = theirs ?? options.layout;
	const states = await log.admin().topics();
	const topics = shapeFindings(states, layout, log.url);
	findings.push(...topics, layoutFinding(options.layout, theirs, starts));
	// Without its topics there is nothing more to read.
	if (topics.some(({ level }) => level === "error")) return;
	const records = recordsOf(states.find(({ name }) => name === TOPICS.decisions));
	const isFull = options.isFull === true || records <= READ_AT_ONCE;
	const reports: PartitionReport[] = [];
	for (const partition of partitionsOf(layout)) {
		reports.push(await checkPartition(log, layout, partition, { ...options, isFull }));
	}
	findings.push(
		...(isFull ? ledgerFindings(reports) : shortFindings(reports, records)),
		...(await policyFindings(log, { layout, reports, starts, policyKeys: options.policyKeys ?? [] })),
		...(await lagFindings(log, reports, { starts, signal: options.signal })),
		...(await deciderFindings(log, layout, starts)),
		...(await payloadFindings(log, layout)),
		...clockFindings(reports),
		...waitingFindings(reports, { now: options.now, starts }),
		...deadLetterFindings(reports),
	);
}

/** Who decides on a log file answers at once; members of a group on Kafka are the group's to tell. */
async function deciderFindings(log: Log, layout: Layout, starts: string): Promise<LogFinding[]> {
	if (isKafkaUrl(log.url) || exportOf(log.url) !== null) return [];
	const places = await Promise.all(partitionsOf(layout).map((partition) => placeOfLedger(log, partition)));
	const decided = places.filter((place) => place !== null).length;
	if (decided === 0) return [ok("processor", `nobody decides now: \`${startCommand(log.url)}\` starts a processor`)];
	if (decided === places.length) return [ok("processor", "every partition is decided on")];
	const without = `${places.length - decided} of ${places.length} partitions`;
	return [warning("processor", `nobody decides on ${without}`, starts)];
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

/** A user who may only read a log file can still look at it, and anybody at an export. */
async function mayWrite(url: string): Promise<boolean> {
	const path = pathOf(url);
	if (path === null) return exportOf(url) === null;
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
