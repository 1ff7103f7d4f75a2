/** Rules of `sequences`: calls that can be told from others, and times in which something can happen. */
import { parseDuration } from "../model/duration.ts";
import { DAY, type DurationMs, SECOND } from "../model/units.ts";
import type { CheckReport } from "./check-report.ts";
import { checkTests } from "./condition-checks.ts";
import { checkFacts, checkIntents } from "./reading-checks.ts";
import { nameOf } from "./schema-problems.ts";
import type { SequenceRule } from "./sequence-form.ts";
import { checkAbout } from "./tool-checks.ts";
import type { YamlPath } from "./yaml-source.ts";

const WITHIN_MAX_MS: DurationMs = 366 * DAY;

export function checkSequenceRule(report: CheckReport, rule: SequenceRule, path: YamlPath): void {
	report.approval(rule, path);
	for (const part of ["after", "then"] as const) {
		const { tools, except, when, require, intents, facts } = rule[part];
		const at = [...path, part];
		checkAbout(report, rule[part], at);
		checkTests(report, when, [...at, "when"], "when");
		checkTests(report, require, [...at, "require"], "require");
		if (intents !== undefined) checkIntents(report, intents, [...at, "intents"]);
		if (facts !== undefined) checkFacts(report, facts, [...at, "facts"]);
		const isAny =
			[when, require, intents, facts, except].every((asked) => asked === undefined) &&
			tools.some((glob) => /^\*+$/.test(glob));
		if (isAny && part === "after" && !report.hasOtherKeys(rule.after, at)) {
			const help = "name the tools, `tools: [...]`, or say what their arguments are, `when: {...}`";
			report.add(
				"POLICY_SCHEMA",
				`${nameOf(at)} is every call, so that each stops those behind it`,
				help,
				report.yaml.placeOf(at),
			);
		}
	}
	if (rule.within === undefined) return;
	const length = parseDuration(rule.within);
	if (length !== null && length >= SECOND && length <= WITHIN_MAX_MS) return;
	const message = `a call cannot count for \`${rule.within}\``;
	const help = "use 1s to 366d, or leave `within` out: then it counts as long as its session or agent is known";
	report.add("POLICY_SCHEMA", message, help, report.yaml.placeOf([...path, "within"]));
}
