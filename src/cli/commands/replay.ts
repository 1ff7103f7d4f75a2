/** `assent replay`: what other policies would have made of the calls that a log tells of. */
import { Command, InvalidArgumentError, Option } from "commander";
import { outputFile } from "../../app/output-file.ts";
import { loadPolicies } from "../../app/policies.ts";
import { reAuditAll } from "../../app/re-audit.ts";
import { counted } from "../../core/base/count-text.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { Layout } from "../../core/model/layout.ts";
import type { EpochMs } from "../../core/model/units.ts";
import { type Log, TOPICS } from "../../ports/log/log.ts";
import { type PrincipalFilter, partitionsOf } from "../../reading/principal-filter.ts";
import { Flips } from "../../replay/flips.ts";
import type { ReAudit } from "../../replay/re-audit.ts";
import type { ReplayedCall } from "../../replay/tally.ts";
import { directionOf, REPLAY_CLASSES } from "../../replay/transition.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { MOMENT_FORMS, moment } from "../options/moment.ts";
import { filterOf, principalOptions } from "../options/operator-options.ts";
import { whileCounting } from "../output/progress.ts";
import { replayMarkdown } from "../output/replay-markdown.ts";
import { PAGE_BEGINNING, PAGE_CALLS_MAX, replayPage } from "../output/replay-page.ts";
import { type ReplayReport, replayJson, replayLines } from "../output/replay-report.ts";

interface ReplayOptions extends GlobalOptions, PrincipalFilter {
	readonly policy: readonly string[];
	readonly from?: EpochMs;
	readonly to?: EpochMs;
	readonly json?: boolean;
	readonly markdown?: boolean;
	readonly html?: string;
	readonly failOn?: FailOn;
	readonly allowUnreplayable?: boolean;
	readonly showArguments?: boolean;
	/** Without `re-audit.`. */
	readonly publish?: string;
}

/** Records of ledgers. */
const SMALL = 10_000;

const FAIL_ON = ["loosened", "tightened", "any"] as const;
type FailOn = (typeof FAIL_ON)[number];

export function replayCommand(context: Context): Command {
	const command = new Command("replay")
		.summary("what other policies would have made of recorded calls")
		.description(
			"Decides every recorded call again under candidate policies, with its arguments and with the budgets that they would have left, and counts what comes out otherwise. Nothing runs, and nothing is written but to a topic that `--publish` names. A call that is newly allowed costs what it would have reserved, the outcome of one that is newly denied is dropped, and votes, halts and adjustments apply as they were recorded; time is the recorded time. May be run beside a running processor. Exits with 4 when calls cannot be decided again, because their arguments are no longer on the log.",
		)
		.requiredOption("--policy <path...>", "the candidate: policy files, or folders of them")
		.option(
			"--from <time>",
			`put the candidate into force at this time of the ledger: ${MOMENT_FORMS} (default: its beginning)`,
			moment,
		)
		.option("--to <time>", "leave out calls that were decided at this time or later", moment)
		.addOption(
			new Option(
				"--json",
				"print one JSON object: {candidate, from, to, calls, counts, holds, by, samples, …}",
			).conflicts("markdown"),
		)
		.option("--markdown", "print a report for a pull request")
		.option("--html <file>", "write a page with the calls behind each number, and print the report, too")
		.addOption(
			new Option(
				"--fail-on <what>",
				"exit with 1 if a call is let further than it was, or less far, or comes out otherwise at all; what only budgets changed counts with `any` alone",
			).choices(FAIL_ON),
		)
		.option("--allow-unreplayable", "exit with 0 also where calls cannot be decided again")
		.option(
			"--show-arguments",
			"show the arguments of each call in all reports, without what the policies redact, and cut where they are long",
		)
		.option(
			"--publish <topic>",
			"write the calls that come out otherwise to a topic of their own, re-audit.NAME, which is made: others can subscribe",
			publishedName,
		)
		.addHelpText(
			"after",
			"\nExamples:\n  assent replay --policy policies/coding-agent.yaml --log file:.assent/log.db\n  assent replay --policy policies/coding-agent.yaml --from 7d --fail-on loosened\n",
		);
	return logOptions(principalOptions(command)).action((options: ReplayOptions) => replay(context, options));
}

async function replay(context: Context, options: ReplayOptions): Promise<void> {
	const { from = null, to = null } = options;
	if (from !== null && to !== null && from >= to)
		throw usage("`--to` is not after `--from`: no call can be between them", "name the earlier time with `--from`");
	const { html } = options;
	const writePage =
		html === undefined ? null : await outputFile(html, { noun: "page of a replay", beginning: PAGE_BEGINNING });
	const isPublished = options.publish !== undefined;
	const opened = isPublished ? context.withLog.bind(context) : context.reading.bind(context);
	await opened(options, async (log, layout) => {
		const loaded = await loadPolicies(options.policy, layout.budgetRoot);
		if (!loaded.ok) {
			context.fail(loaded.error);
			return;
		}
		const { compiled, sources, files } = loaded.value;
		const filter = filterOf(options);
		const total = await recordsIn(log, layout, filter);
		const areArgumentsShown = options.showArguments === true;
		const name = options.publish;
		const flips = name === undefined ? null : await Flips.open(log, { name, layout, candidate: compiled.digest, from });
		if (flips !== null) context.undone = `\`${flips.topic}\` is not whole: run it again to get the rest`;
		const calls: ReplayedCall[] = [];
		const onDifferences = async (more: readonly ReplayedCall[]): Promise<void> => {
			if (writePage !== null) calls.push(...more.slice(0, PAGE_CALLS_MAX - calls.length));
			await flips?.publish(more);
		};
		const isEachTold = writePage !== null || flips !== null;
		const audit = await whileCounting(context, total, ({ onProgress, signal }) =>
			reAuditAll(
				{
					log: options.log,
					config: options.config,
					layout,
					sources,
					from,
					to,
					filter,
					isEachTold,
					areArgumentsShown,
				},
				{ onProgress, signal, ...(total < SMALL ? { small: log } : {}), ...(isEachTold ? { onDifferences } : {}) },
			),
		);
		if (audit.first === null) throw nothingDecided(from, to, filter);
		await flips?.make();
		const report: ReplayReport = {
			log: log.url,
			candidate: { digest: compiled.digest, files },
			from,
			to,
			filter,
			audit,
			source: { log: options.log, config: options.config },
			areArgumentsShown,
		};
		await writePage?.(replayPage(report, calls.sort(inOrder)));
		if (options.json === true) context.json(replayJson(report));
		else if (options.markdown === true) context.print(replayMarkdown(report));
		else for (const line of replayLines(report, { colors: context.colors })) context.print(line);
		if (flips !== null) context.note(publishedLine(flips));
		context.exitCode = exitCodeOf(audit, options);
	});
}

/** The part behind `re-audit.`. */
function publishedName(topic: string): string {
	const [, name] = /^re-audit\.([a-z0-9][a-z0-9-]{0,63})$/.exec(topic) ?? [];
	if (name !== undefined) return name;
	throw new InvalidArgumentError(
		"a topic of its own is expected, `re-audit.` and a name of small letters, digits and `-`, such as re-audit.pr-17.",
	);
}

const publishedLine = ({ topic, written, known }: Flips): string =>
	`${counted(written, "call")} written to \`${topic}\`${known === 0 ? "" : `, ${counted(known, "call")} there already`}: \`assent tail ${topic}\``;

/** The same in each run, whichever thread is done first. */
const inOrder = (one: ReplayedCall, next: ReplayedCall): number =>
	one.at - next.at || one.partition - next.partition || one.seq - next.seq;

/** Records of the ledgers that are read, for whoever waits for it. */
async function recordsIn(log: Log, layout: Layout, filter: PrincipalFilter): Promise<number> {
	const bounds = partitionsOf(layout, filter).map((partition) => log.bounds({ topic: TOPICS.decisions, partition }));
	return (await Promise.all(bounds)).reduce((sum, { begin, end }) => sum + end - begin, 0);
}

function nothingDecided(from: EpochMs | null, to: EpochMs | null, filter: PrincipalFilter): AssentError {
	const isOfRange = from !== null || to !== null;
	const isOfPrincipal = Object.keys(filter).length > 0;
	const message = `the log tells of no call${isOfPrincipal ? " of this principal" : ""} that was decided${isOfRange ? " in this range" : ""}`;
	const wider = [...(isOfRange ? ["widen the range"] : []), ...(isOfPrincipal ? ["name another principal"] : [])];
	const help =
		wider.length > 0
			? `look with \`assent tail decisions\`, and ${wider.join(" or ")}`
			: "look with `assent doctor` at what is there";
	return new AssentError(problem("ASSENT_USAGE", message, help));
}

/** A difference that was asked for is certain; what cannot be decided again is not. */
function exitCodeOf({ tally }: ReAudit, { failOn, allowUnreplayable }: ReplayOptions): 0 | 1 | 4 {
	const { counts } = tally;
	const found = REPLAY_CLASSES.filter((name) => counts[name] > 0 && name !== "unchanged" && name !== "unreplayable");
	const isFound = failOn === "any" ? found.length > 0 : found.some((name) => directionOf(name) === failOn);
	if (failOn !== undefined && isFound) return 1;
	return counts.unreplayable > 0 && allowUnreplayable !== true ? 4 : 0;
}
