/** `assent policy diff`: what changed between two sets of policies, in the terms of policies. */
import { Command } from "commander";
import { diffPolicies, type PolicyChange } from "../../core/analysis/policy-diff.ts";
import type { BudgetRoot } from "../../core/model/ids.ts";
import { readPolicies, readSharedLists, readTrusts } from "../../core/policy/policy-set.ts";
import type { Context } from "../context.ts";
import { compiledBoth } from "../input/two-policy-sets.ts";
import { budgetRootToCheck } from "../options/budget-root.ts";

interface DiffOptions {
	readonly budgetRoot?: BudgetRoot;
	readonly json?: boolean;
}

export function diffCommand(context: Context): Command {
	return new Command("diff")
		.summary("what changed between two sets of policies")
		.description(
			"Lists the rules that were added and removed between two sets of policies, and the fields that changed, with defaults written out and lists and macros put in; a list or macro that changed is named, too. Order, layout and comments do not matter. Exits with 1 when something changed. What the changes mean is said by policy compare.",
		)
		.argument("<before>", "a policy file, or a folder of them")
		.argument("<after>", "the same later: a policy file, or a folder of them")
		.option("--json", "print one JSON object: {changes: [{policy, subject, field, kind, before, after, place}]}")
		.addOption(budgetRootToCheck())
		.addHelpText("after", "\nExample:\n  assent policy diff policies/baseline.yaml policies/coding-agent.yaml\n")
		.action(async (first: string, second: string, options: DiffOptions) => {
			const { budgetRoot = "tenant" } = options;
			const both = await compiledBoth(context, [first, second], budgetRoot);
			if (both === null) return;
			const [one, other] = both;
			const [before, after] = [one.sources, other.sources];
			const changes = [
				...diffPolicies(readTrusts(before), readTrusts(after)),
				...diffPolicies(readSharedLists(before), readSharedLists(after)),
				...diffPolicies(readPolicies(before), readPolicies(after)),
			];
			if (changes.length > 0) context.exitCode = 1;
			if (options.json === true) context.json({ changes });
			else if (changes.length === 0) context.print("no difference");
			else for (const change of changes) context.print(changeLine(change));
		});
}

function changeLine({ policy, subject, field, kind, before, after, place }: PolicyChange): string {
	const what = `${place.file}:${place.line}  ${policy}  ${subject}`;
	if (field === null && kind !== "changed") return `${what}  ${kind}`;
	const values =
		kind === "added"
			? JSON.stringify(after)
			: kind === "removed"
				? JSON.stringify(before)
				: `${JSON.stringify(before)} → ${JSON.stringify(after)}`;
	return `${what}  ${field === null ? "" : `${field} `}${kind}: ${values}`;
}
