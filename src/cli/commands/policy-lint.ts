/** `assent policy lint`: what loads and may not mean what it says. */
import { Command, Option } from "commander";
import { type LintedFiles, lintFiles } from "../../app/policy-lint.ts";
import { LINT_RULES } from "../../core/analysis/lint/rules/all.ts";
import { counted } from "../../core/base/count-text.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Context } from "../context.ts";
import { type BudgetRootOptions, budgetRootOf, withBudgetRoot } from "../options/budget-root.ts";
import { acceptedText, findingText } from "../output/lint-findings.ts";
import { problemResult, type SarifResult, sarif } from "../output/sarif.ts";

interface LintOptions extends BudgetRootOptions {
	readonly json?: boolean;
	readonly sarif?: boolean;
	readonly accepted?: boolean;
}

export function lintCommand(context: Context): Command {
	return withBudgetRoot(new Command("lint"))
		.summary("look for what loads and may not mean what it says")
		.description(
			"Looks through policy files, as those of one set, for rules that no call reaches, that another rule covers or that match nothing or everything, for limits that are never reached, and for slips that YAML and patterns invite. What is found is proven, or said to be likely. A comment `# assent-lint: accept ID reason` accepts a finding. Exits with 1 when there is a finding, and with 2 when the files could not be activated together.",
		)
		.argument("<file...>", "policy files, or folders of them")
		.addOption(new Option("--json", "print one JSON object: {findings, accepted, problems}").conflicts("sarif"))
		.option("--sarif", "print SARIF 2.1.0, accepted findings as suppressed ones")
		.option("--accepted", "also list what comments accept")
		.addHelpText("after", "\nExample:\n  assent policy lint policies/*.yaml\n")
		.action(async (paths: readonly string[], options: LintOptions) => {
			const budgetRoot = await budgetRootOf(options, context);
			const linted = await lintFiles(paths, { at: systemClock.now(), budgetRoot, onRead: context.computing });
			const { findings, accepted, problems } = linted;
			if (findings.length > 0) context.exitCode = 1;
			if (options.sarif === true) context.json(sarif([...LINT_RULES], resultsOf(linted)));
			else if (options.json === true) context.json(linted);
			else {
				for (const finding of findings) context.print(findingText(finding));
				if (options.accepted === true) for (const finding of accepted) context.print(acceptedText(finding));
				context.fail(problems);
				// Of files that do not load nothing is known.
				if (problems.length === 0 || findings.length + accepted.length > 0)
					context.note(`${counted(findings.length, "finding")}, ${accepted.length} accepted`);
				return;
			}
			if (problems.length > 0) context.exitCode = 2;
		});
}

const resultsOf = ({ findings, accepted, problems }: LintedFiles): readonly SarifResult[] => [
	...problems.map(problemResult),
	...findings.map((finding) => resultOf(finding)),
	...accepted.map((finding) => ({ ...resultOf(finding), accepted: finding.reason })),
];

const resultOf = ({ id, certainty, message, help, place }: LintedFiles["findings"][number]): SarifResult => ({
	ruleId: id,
	level: "warning",
	message: `${certainty === "likely" ? "likely: " : ""}${message} (${help})`,
	place,
});
