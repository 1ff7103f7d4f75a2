/** The report of a re-audit as a comment on a pull request. */
import { counted, grouped } from "../../core/base/count-text.ts";
import { visible } from "../../core/base/safe-text.ts";
import { instantText } from "../../core/model/instant.ts";
import type { NamedCounts } from "../../replay/tally.ts";
import { REPLAY_CLASSES } from "../../replay/transition.ts";
import {
	argumentsText,
	CLASS_TITLES,
	callsIn,
	differing,
	differingNames,
	estimateText,
	lookAt,
	outcomeText,
	REPLAY_RULES,
	type ReplayReport,
	rulingText,
	type Samples,
	samplesOf,
	verdictRows,
} from "./replay-report.ts";

/** Hosts of pull requests take 65,536 characters. */
const LENGTH_MAX = 60_000;
const NAMES_SHOWN = 10;
const SAMPLES_SHOWN = 5;

export function replayMarkdown(report: ReplayReport): string {
	const { candidate, audit } = report;
	const { tally, holds, droppedOutcomes, first, last } = audit;
	const { counts } = tally;
	const calls = callsIn(counts);
	const head = [
		`### ${differing(counts) === 0 ? "Nothing comes out otherwise" : `${counted(differing(counts), "call")} of ${grouped(calls)} come out otherwise`}`,
		"",
		`${first === null ? "" : instantText(first)} to ${last === null ? "" : instantText(last)}, decided again under ${code(candidate.digest.slice(0, 12))} (${candidate.files.map(code).join(", ")}).`,
		"",
		...table(
			["verdict", "calls", "of all"],
			verdictRows(counts).map(([name, ...cells]) => [CLASS_TITLES[name], ...cells]),
		),
	];
	const parts = [
		...groupLines("rule", tally.rules),
		...groupLines("tool", tally.tools),
		...REPLAY_CLASSES.flatMap((name) =>
			samplesOf(tally, name, SAMPLES_SHOWN).flatMap((samples) => sampleLines(samples, report)),
		),
	];
	const { answered, unanswered, waiting } = holds;
	const foot = [
		...(answered + unanswered + waiting === 0
			? []
			: [
					"",
					`Holds: ${grouped(answered)} answered by a recorded vote, ${grouped(unanswered)} expired without one, ${grouped(waiting)} still open.`,
				]),
		...(droppedOutcomes === 0
			? []
			: ["", `${counted(droppedOutcomes, "outcome")} dropped: the calls would not have run.`]),
		"",
		`<sub>${REPLAY_RULES.join("; ")}.</sub>`,
	];
	const whole = [...head, ...parts, ...foot].join("\n");
	if (whole.length <= LENGTH_MAX) return whole;
	return [...head, "", "_There is more than fits here: see `assent replay --html`._", ...foot].join("\n");
}

function groupLines(title: string, names: NamedCounts): readonly string[] {
	const { classes, shown, more } = differingNames(names, NAMES_SHOWN);
	if (shown.length === 0) return [];
	const rows = shown.map(([name, counts]) => [
		name === null ? "others" : code(name),
		...classes.map((each) => grouped(counts[each])),
	]);
	const rest = more > 0 ? ["", `${grouped(more)} more.`] : [];
	return ["", ...table([title, ...classes.map((name) => CLASS_TITLES[name])], rows), ...rest];
}

function sampleLines({ title, calls }: Samples, report: ReplayReport): readonly string[] {
	const rows = calls.map((found) => [
		instantText(found.at),
		code(`${found.call.tenant}/${found.call.agent}`),
		code(found.call.tool),
		code(rulingText(found.recorded)),
		code(outcomeText(found)),
		estimateText(found) || "-",
		...(report.areArgumentsShown ? [code(shortened(argumentsText(found)))] : []),
		code(lookAt(found, report)),
	]);
	const titles = ["decided", "agent", "tool", "was", "now", "estimate"];
	return [
		"",
		`<details><summary>${title}</summary>`,
		"",
		...table([...titles, ...(report.areArgumentsShown ? ["arguments"] : []), "look"], rows),
		"",
		"</details>",
	];
}

/** A cell is no place for a page of text; the other reports have more. */
const shortened = (text: string): string =>
	text.length <= CELL_MAX ? text : `${text.slice(0, CELL_MAX)}…`.toWellFormed();
const CELL_MAX = 600;

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
	`| ${titles.join(" | ")} |`,
	`|${titles.map(() => "---|").join("")}`,
	...rows.map((row) => `| ${row.join(" | ")} |`),
];

/** Names come from agents and policies: in code nothing of them is a mention, a link or another cell. */
const code = (text: string): string => `\`${visible(text).replaceAll("`", "'").replaceAll("|", "¦") || " "}\``;
