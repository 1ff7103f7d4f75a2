/** `assent policy compare`: what one set of policies admits and another does not, with calls that show it. */
import { Command, Option } from "commander";
import type { LoadedPolicies } from "../../app/policies.ts";
import { type Claim, type Comparison, compare, type Relation } from "../../core/analysis/comparison/compare.ts";
import { restartsOf } from "../../core/analysis/comparison/restarts.ts";
import type { BudgetRoot } from "../../core/model/ids.ts";
import type { Context, ExitCode } from "../context.ts";
import { compiledBoth } from "../input/two-policy-sets.ts";
import { budgetRootToCheck } from "../options/budget-root.ts";
import { comparisonLines, placesOf } from "../output/comparison.ts";
import { type SarifResult, sarif } from "../output/sarif.ts";

interface CompareOptions {
	readonly budgetRoot?: BudgetRoot;
	readonly json?: boolean;
	readonly sarif?: boolean;
}

const EXIT: Readonly<Record<Relation, ExitCode>> = {
	equal: 0,
	stricter: 0,
	looser: 1,
	"not-as-strict": 1,
	incomparable: 5,
	unknown: 4,
};

export function compareCommand(context: Context): Command {
	return new Command("compare")
		.summary("whether one set of policies is as strict as another")
		.description(
			"Says whether the first policies are at least as strict as the second: whether every history of executed calls that they admit, the others admit, too. Says it by dimension, with calls that show each difference, which were executed on both, and with what is not known and why. Exits with 0 for equal and stricter, 1 for looser and not-as-strict, 5 for incomparable, 4 where it is not known whether the first are as strict.",
		)
		.argument("<first>", "a policy file, or a folder of them")
		.argument("<second>", "what it is compared with: a policy file, or a folder of them")
		.addOption(
			new Option(
				"--json",
				"print one JSON object: {relation, summary, dimensions, looser, stricter, restarts, …}",
			).conflicts("sarif"),
		)
		.option("--sarif", "print what the first lets through and the second does not as SARIF 2.1.0")
		.addOption(budgetRootToCheck())
		.addHelpText("after", "\nExample:\n  assent policy compare policies/coding-agent.yaml policies/baseline.yaml\n")
		.action(async (first: string, second: string, options: CompareOptions) => {
			// One partition sees everything here, so that any scope is exact.
			const { budgetRoot = "tenant" } = options;
			const both = await compiledBoth(context, [first, second], budgetRoot);
			if (both === null) return;
			const [one, other] = both;
			const comparison = compare(one.compiled, other.compiled);
			context.exitCode = EXIT[comparison.relation];
			if (options.json === true) context.json({ ...comparison, restarts: restartsOf(other.compiled, one.compiled) });
			else if (options.sarif === true) context.json(sarif(SARIF_RULES, resultsOf(comparison, one)));
			else for (const line of comparisonLines(comparison, [one, other], context.colors)) context.print(line);
		});
}

const SARIF_RULES = [
	{ id: "looser", about: "What the second set of policies stops, the first lets through." },
	{ id: "unknown", about: "Whether the first set of policies stops what the second does is not known." },
];

const resultsOf = ({ looser, summary }: Comparison, first: LoadedPolicies): readonly SarifResult[] =>
	looser.map((claim) => ({
		ruleId: claim.is === "broken" ? "looser" : "unknown",
		level: claim.is === "broken" ? ("error" as const) : ("warning" as const),
		message: `${claim.dimension}${claim.scope === null ? "" : ` (${claim.scope})`}: ${claim.rule === "" ? "" : `\`${claim.rule}\`: `}${claim.why} (${summary})`,
		place: placeIn(claim, first),
	}));

/** The rule is the second's; where the first has none of its name, the beginning of its first file is the place to look. */
function placeIn({ policy, rule, place }: Claim, { compiled, files }: LoadedPolicies): SarifResult["place"] {
	const own =
		placesOf(compiled).get(`${policy}/${rule}`) ?? compiled.policies.find(({ name }) => name === policy)?.place;
	return own ?? (files[0] === undefined ? place : { file: files[0] });
}
