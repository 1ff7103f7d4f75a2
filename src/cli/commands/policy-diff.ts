/** `assent policy diff`: what changed between two sets of policies, in the terms of policies. */
import { Command } from "commander";
import { loadPolicies } from "../../app/policies.ts";
import { diffPolicies, type PolicyChange } from "../../core/analysis/policy-diff.ts";
import { readPolicies } from "../../core/policy/policy-set.ts";
import type { Context } from "../context.ts";

interface DiffOptions {
	readonly json?: boolean;
}

export function diffCommand(context: Context): Command {
	return new Command("diff")
		.summary("what changed between two sets of policies")
		.description(
			"Lists the rules that were added and removed between two sets of policies, and the fields that changed, with defaults written out and lists and macros put in. Order, layout and comments do not matter. Exits with 1 when something changed. What the changes mean is said by policy compare.",
		)
		.argument("<before>", "a policy file, or a folder of them")
		.argument("<after>", "the same later: a policy file, or a folder of them")
		.option("--json", "print one JSON object: {changes: [{policy, subject, field, kind, before, after, place}]}")
		.addHelpText("after", "\nExample:\n  assent policy diff policies/baseline.yaml policies/coding-agent.yaml\n")
		.action(async (first: string, second: string, options: DiffOptions) => {
			const [one, other] = [await loadPolicies([first], "tenant"), await loadPolicies([second], "tenant")];
			if (!one.ok || !other.ok) {
				context.fail([...(one.ok ? [] : one.error), ...(other.ok ? [] : other.error)]);
				return;
			}
			const changes = diffPolicies(readPolicies(one.value.sources), readPolicies(other.value.sources));
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
