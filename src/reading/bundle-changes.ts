/** What changes between two bundles, by the names of their policies. */
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import { readPolicy } from "../core/policy/parse.ts";

export interface PolicyChanges {
	readonly added: readonly string[];
	readonly removed: readonly string[];
	readonly changed: readonly string[];
}

/** Which policies differ, by name and by what they say; comments and layout are no difference. */
export function changesBetween(
	before: readonly PolicySourceText[],
	after: readonly PolicySourceText[],
	budgetRoot: BudgetRoot,
): PolicyChanges {
	const old = digestsByName(before, budgetRoot);
	const now = digestsByName(after, budgetRoot);
	return {
		added: [...now.keys()].filter((name) => !old.has(name)),
		removed: [...old.keys()].filter((name) => !now.has(name)),
		changed: [...now].filter(([name, digest]) => old.has(name) && old.get(name) !== digest).map(([name]) => name),
	};
}

export const namesOf = (sources: readonly PolicySourceText[]): string[] =>
	sources.map((source) => policyName(source)).sort();

export function policyName(source: PolicySourceText): string {
	const read = readPolicy(source);
	return read.ok ? read.value.document.metadata.name : source.name;
}

function digestsByName(sources: readonly PolicySourceText[], budgetRoot: BudgetRoot): ReadonlyMap<string, string> {
	return new Map(
		sources
			.map((source): [string, string] => {
				const compiled = compilePolicies([source], { budgetRoot });
				return [policyName(source), compiled.ok ? compiled.value.digest : source.text];
			})
			.sort(([a], [b]) => (a < b ? -1 : 1)),
	);
}
