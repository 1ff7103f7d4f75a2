/** The report of a re-audit: for a person, and as data. */
import { visibleLine } from "../../core/arguments/visible.ts";
import { counted, grouped } from "../../core/base/count-text.ts";
import { costText } from "../../core/model/amounts.ts";
import { instantText } from "../../core/model/instant.ts";
import { reasonReading } from "../../core/model/readings.ts";
import type { EpochMs } from "../../core/model/units.ts";
import type { PrincipalFilter } from "../../reading/principal-filter.ts";
import type { ReAudit } from "../../replay/re-audit.ts";
import type { ClassCounts, NamedCounts, ReplayedCall, ReplayedRuling, TallyImage } from "../../replay/tally.ts";
import { REPLAY_CLASSES, type ReplayClass } from "../../replay/transition.ts";
import { oneWord } from "./argument-lines.ts";
import { shellWord } from "./shell-word.ts";
import { renderTable } from "./table.ts";

export interface ReplayReport {
	readonly log: string;
	readonly candidate: { readonly digest: string; readonly files: readonly string[] };
	readonly from: EpochMs | null;
	readonly to: EpochMs | null;
	readonly filter: PrincipalFilter;
	readonly audit: ReAudit;
	/** How the command was told where the log is: commands that look at a call are told the same. */
	readonly source: { readonly log?: string | undefined; readonly config?: string | undefined };
	readonly areArgumentsShown: boolean;
}

/** What a class is called in front of people. */
export const CLASS_TITLES: Readonly<Record<ReplayClass, string>> = {
	unchanged: "unchanged",
	"allow-to-deny": "allow → deny",
	"deny-to-allow": "deny → allow",
	"allow-to-hold": "allow → hold",
	"deny-to-hold": "deny → hold",
	"hold-to-allow": "hold → allow",
	"hold-to-deny": "hold → deny",
	reason: "same verdict, other reason",
	budget: "by budgets alone",
	unreplayable: "not to be decided again",
};

/** The rules by which history is told otherwise. */
export const REPLAY_RULES: readonly string[] = [
	"a call that is newly allowed costs what it would have reserved",
	"the outcome of a call that is newly denied is dropped",
	"recorded votes apply to holds of the same call; a hold that nobody voted on stays open until it expires",
	"halts, adjustments and ends of sessions apply as they were recorded, and time is the recorded time",
	"whether signatures of publishers and operators were good is taken as it was recorded",
];

export const callsIn = (counts: ClassCounts): number => REPLAY_CLASSES.reduce((sum, name) => sum + counts[name], 0);

/** Names with what differs most first; names alone where it is the same. */
const ordered = (counts: NamedCounts): readonly (readonly [string | null, ClassCounts])[] =>
	[...counts].sort(
		([one, a], [other, b]) => differing(b) - differing(a) || ((one ?? "\uffff") < (other ?? "\uffff") ? -1 : 1),
	);

export const differing = (counts: ClassCounts): number => callsIn(counts) - counts.unchanged;

/** Each class that there is, its calls and their part of all. */
export const verdictRows = (counts: ClassCounts): readonly (readonly [ReplayClass, string, string])[] =>
	REPLAY_CLASSES.filter((name) => counts[name] > 0).map((name) => [
		name,
		grouped(counts[name]),
		`${((counts[name] / callsIn(counts)) * 100).toFixed(1)} %`,
	]);

/** Names of whose calls some come out otherwise, and the classes in which they do. */
export interface DifferingNames {
	readonly classes: readonly ReplayClass[];
	/** The first of them; `more` are left out. */
	readonly shown: readonly (readonly [string | null, ClassCounts])[];
	readonly more: number;
}

/** By what calls are counted, in the order of the report. */
export const groupsOf = ({ rules, tools, agents, days }: TallyImage): readonly (readonly [string, NamedCounts])[] => [
	["rule", rules],
	["tool", tools],
	["agent", agents],
	["day", days],
];

export function differingNames(names: NamedCounts, shownMax: number): DifferingNames {
	const all = ordered(names).filter(([, counts]) => differing(counts) > 0);
	const classes = REPLAY_CLASSES.filter((name) => name !== "unchanged" && all.some(([, counts]) => counts[name] > 0));
	return { classes, shown: all.slice(0, shownMax), more: Math.max(0, all.length - shownMax) };
}

export function replayJson(report: ReplayReport): object {
	const { log, candidate, from, to, filter, audit } = report;
	const { tally, holds, droppedOutcomes, first, last } = audit;
	const named = (counts: NamedCounts) => ordered(counts).map(([name, each]) => ({ name, ...each }));
	return {
		log,
		candidate,
		from: from === null ? null : instantText(from),
		to: to === null ? null : instantText(to),
		filter,
		first: first === null ? null : instantText(first),
		last: last === null ? null : instantText(last),
		calls: callsIn(tally.counts),
		counts: tally.counts,
		holds,
		droppedOutcomes,
		by: {
			rule: named(tally.rules),
			agent: named(tally.agents),
			tool: named(tally.tools),
			day: named(tally.days),
		},
		samples: Object.fromEntries(
			REPLAY_CLASSES.flatMap((name) => {
				const [early, dear] = [tally.first.get(name) ?? [], tally.costliest.get(name) ?? []];
				return early.length === 0
					? []
					: [
							[
								name,
								{
									first: early.map((found) => sampleJson(found, report)),
									costliest: dear.map((found) => sampleJson(found, report)),
								},
							],
						];
			}),
		),
		rules: REPLAY_RULES,
	};
}

function sampleJson(found: ReplayedCall, report: ReplayReport): object {
	const { class: name, at, call, recorded, candidate, shown, ...rest } = found;
	return {
		class: name,
		...call,
		at: instantText(at),
		...rest,
		recorded: rulingJson(recorded),
		candidate: candidate === null ? null : rulingJson(candidate),
		...(report.areArgumentsShown ? { arguments: shown?.args ?? null, areArgumentsCut: shown?.isCut ?? false } : {}),
		look: lookAt(found, report),
	};
}

const rulingJson = ({ verdict, reason }: ReplayedRuling): object => ({
	verdict,
	reason: reason === null ? null : reasonReading(reason),
});

/** The command that shows a call with its decision. */
export function lookAt({ call }: Pick<ReplayedCall, "call">, { source }: Pick<ReplayReport, "source">): string {
	const words = ["--decision", call.id, "--tenant", call.tenant, "--agent", call.agent];
	if (source.log !== undefined) words.push("--log", source.log);
	if (source.config !== undefined) words.push("--config", source.config);
	return `assent policy explain ${words.map(shellWord).join(" ")}`;
}

/** Arguments on one line; what nobody sees is spelled out. */
export const argumentsText = ({ shown, class: name, why }: Pick<ReplayedCall, "shown" | "class" | "why">): string =>
	shown === null
		? name === "unreplayable"
			? (MISSING_ARGUMENTS[why ?? "semantics"] ?? "cannot be read")
			: "left out: nobody can say what is to be redacted"
		: visibleLine(shown.args);

/** What a call was estimated to cost; empty where nobody said. */
export function estimateText({ estimate: { costMicros, tokens } }: Pick<ReplayedCall, "estimate">): string {
	const cost = costMicros === 0 ? [] : [costText(costMicros)];
	return [...cost, ...(tokens === 0 ? [] : [counted(tokens, "token")])].join(", ");
}

/** Calls of one class that a report shows: the first, and of the costliest those that are not among them. */
export interface Samples {
	readonly title: string;
	readonly calls: readonly ReplayedCall[];
}

export function samplesOf({ first, costliest }: TallyImage, name: ReplayClass, max: number): readonly Samples[] {
	const early = (first.get(name) ?? []).slice(0, max);
	const known = new Set(early.map(placeOf));
	const dear = (costliest.get(name) ?? []).slice(0, max).filter((found) => !known.has(placeOf(found)));
	return [
		{ title: `${CLASS_TITLES[name]}, the first`, calls: early },
		{ title: `${CLASS_TITLES[name]}, the costliest`, calls: dear },
	].filter(({ calls }) => calls.length > 0);
}

const placeOf = ({ partition, seq }: ReplayedCall): string => `${partition}/${seq}`;

/** Lines of one name; what is beyond is counted in the last. */
const NAMES_SHOWN = 10;
const SAMPLES_SHOWN = 3;

export function replayLines(report: ReplayReport, options: { readonly colors: boolean }): readonly string[] {
	const { candidate, audit } = report;
	const { tally, holds, droppedOutcomes, first, last } = audit;
	const { counts } = tally;
	const calls = callsIn(counts);
	const lines = [
		`${counted(calls, "call")}, ${first === null ? "" : instantText(first)} to ${last === null ? "" : instantText(last)}, decided again under ${candidate.digest.slice(0, 12)}`,
		"",
	];
	const rows = verdictRows(counts).map(([name, ...cells]) => [CLASS_TITLES[name], ...cells]);
	lines.push(renderTable(["verdict", "calls", "of all"], rows, options));
	if (differing(counts) === 0) return [...lines, "", "nothing comes out otherwise"];
	for (const [title, names] of groupsOf(tally)) lines.push("", renderTable(...groupTable(title, names), options));
	for (const name of REPLAY_CLASSES) {
		for (const samples of samplesOf(tally, name, SAMPLES_SHOWN)) lines.push("", ...sampleLines(samples, report));
	}
	const { answered, unanswered, waiting } = holds;
	if (answered + unanswered + waiting > 0) {
		lines.push(
			"",
			`holds under these policies: ${grouped(answered)} answered by a recorded vote, ${grouped(unanswered)} expired without one, ${grouped(waiting)} still open`,
		);
	}
	if (droppedOutcomes > 0)
		lines.push(`${counted(droppedOutcomes, "outcome")} dropped: under these policies the calls did not run`);
	return lines;
}

function groupTable(title: string, names: NamedCounts): [readonly string[], readonly (readonly string[])[]] {
	const { classes, shown, more } = differingNames(names, NAMES_SHOWN);
	const rows = shown.map(([name, counts]) => [name ?? "others", ...classes.map((each) => grouped(counts[each]))]);
	if (more > 0) rows.push([`${grouped(more)} more`]);
	return [[title, ...classes.map((name) => CLASS_TITLES[name])], rows];
}

const sampleLines = ({ title, calls }: Samples, report: ReplayReport): readonly string[] => [
	`${title}:`,
	...calls.flatMap((found) => {
		const { call, at } = found;
		const who = [call.tenant, call.agent, call.id].map(oneWord).join("/");
		const estimate = estimateText(found);
		return [
			`  ${instantText(at)}  ${who}  ${oneWord(call.tool)}${estimate === "" ? "" : `  estimated at ${estimate}`}`,
			`    was ${rulingText(found.recorded)}; ${found.candidate === null ? outcomeText(found) : `now ${outcomeText(found)}`}`,
			...(report.areArgumentsShown ? [`    ${argumentsText(found)}`] : []),
			`    ${lookAt(found, report)}`,
		];
	}),
];

/** What stands where the arguments would. */
const MISSING_ARGUMENTS: Readonly<Record<string, string>> = { sealed: "(sealed)", erased: "(erased)" };

const UNREPLAYABLE: Readonly<Record<NonNullable<ReplayedCall["why"]>, string>> = {
	retention: "its arguments are no longer on the log",
	sealed: "its arguments are sealed, and their key is not at hand",
	erased: "its arguments were erased",
	semantics: "another version decided it",
};
/** What comes out, or why nothing does. */
export function outcomeText({ class: name, recorded, candidate, why }: ReplayedCall): string {
	if (candidate === null) return UNREPLAYABLE[why ?? "semantics"];
	const text = rulingText(candidate);
	const isSame = name === "reason" && recorded.reason?.rule.name === candidate.reason?.rule.name;
	return isSame && text === rulingText(recorded) ? `${text}, under other obligations` : text;
}

export function rulingText({ verdict, reason }: ReplayedRuling): string {
	if (reason === null) return verdict;
	const { rule, span } = reason;
	const name = rule.policy === "" ? rule.code : `${rule.policy}/${rule.name}`;
	const place = span === null ? "" : ` at ${span.pointer === "" ? "/" : span.pointer}[${span.start}:${span.end}]`;
	return `${verdict} by ${name}${place}`;
}
