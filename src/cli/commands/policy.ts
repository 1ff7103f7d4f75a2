/** `assent policy`, and its command `check`: what is wrong with policy files, before they are put into force. */
import { Command } from "commander";
import { type CheckedFile, checkFiles } from "../../app/policy-check.ts";
import { visible } from "../../core/base/safe-text.ts";
import type { Context } from "../context.ts";
import { type BudgetRootOptions, budgetRootOf, withBudgetRoot } from "../options/budget-root.ts";
import { findingText } from "../output/lint-findings.ts";
import { compareCommand } from "./policy-compare.ts";
import { diffCommand } from "./policy-diff.ts";
import { explainCommand } from "./policy-explain.ts";
import { activateCommand, rollbackCommand } from "./policy-force.ts";
import { formatCommand } from "./policy-format.ts";
import { historyCommand } from "./policy-history.ts";
import { lintCommand } from "./policy-lint.ts";
import { signCommand } from "./policy-sign.ts";
import { testCommand } from "./policy-test.ts";
import { exportCommand, importCommand } from "./policy-translate.ts";

interface CheckOptions extends BudgetRootOptions {
	readonly json?: boolean;
	readonly strict?: boolean;
}

const FILES = "policy files, or folders of them";

export function policyCommand(context: Context): Command {
	return new Command("policy")
		.summary("check, explain and put into force")
		.description(
			"Policies: check files, look for what they may not mean, explain a call, put them into force, roll back.",
		)
		.addCommand(checkCommand(context))
		.addCommand(lintCommand(context))
		.addCommand(compareCommand(context))
		.addCommand(diffCommand(context))
		.addCommand(explainCommand(context))
		.addCommand(testCommand(context))
		.addCommand(formatCommand(context))
		.addCommand(importCommand(context))
		.addCommand(exportCommand(context))
		.addCommand(signCommand(context))
		.addCommand(activateCommand(context))
		.addCommand(rollbackCommand(context))
		.addCommand(historyCommand(context));
}

function checkCommand(context: Context): Command {
	return withBudgetRoot(new Command("check"))
		.summary("compile policy files and report every problem")
		.description(
			"Compiles policy files, each for itself and all together, and reports every problem with its place, and what `policy lint` finds. Exits with 2 when there is a problem, and with --strict with 1 when there is a finding.",
		)
		.argument("<file...>", FILES)
		.option("--json", "print one JSON object: {ok, digest, files: [{…, problems, findings}], problems}")
		.option("--strict", "exit with 1 when there is a finding")
		.addHelpText("after", "\nExample:\n  assent policy check policies/*.yaml\n")
		.action(async (paths: readonly string[], options: CheckOptions) => {
			const checked = await checkFiles(paths, await budgetRootOf(options, context), context.computing);
			const findings = checked.files.flatMap((file) => file.findings);
			if (options.strict === true && findings.length > 0) context.exitCode = 1;
			if (options.json === true) {
				context.json({ ok: checked.digest !== null, ...checked });
				if (checked.digest === null) context.exitCode = 2;
				return;
			}
			for (const file of checked.files) if (file.ok) context.print(checkedLine(file));
			if (checked.files.length > 1 && checked.digest !== null) {
				context.print(`ok  all ${checked.files.length} together  ${checked.digest.slice(0, 12)}`);
			}
			for (const finding of findings) context.note(findingText(finding));
			context.fail([...checked.files.flatMap(({ problems }) => problems), ...checked.problems]);
		});
}

const checkedLine = ({ file, name, digest }: CheckedFile): string =>
	visible(`ok  ${file}  ${name}${digest === null ? "" : `  ${digest.slice(0, 12)}`}`);
