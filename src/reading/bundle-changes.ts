/** What changes between two bundles, by the names of their policies. */
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import { readFiles } from "../core/policy/policy-set.ts";

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
	policiesIn(sources)
		.map(({ name }) => name)
		.sort();

interface NamedSource {
	readonly name: string;
	readonly source: PolicySourceText;
}

/** A file that cannot be read goes by its own name. Whose keys are believed changes as a policy does, under a name that none has. */
const policiesIn = (sources: readonly PolicySourceText[]): readonly NamedSource[] =>
	readFiles(sources).flatMap(({ kind, source, read }) => {
		if (kind === "lists") return [];
		if (kind === "trust") return [{ name: "Trust", source }];
		return [{ name: read.ok ? read.value.document.metadata.name : source.name, source }];
	});

/** What a policy takes from files that only define is part of what it says. */
function digestsByName(sources: readonly PolicySourceText[], budgetRoot: BudgetRoot): ReadonlyMap<string, string> {
	const policies = policiesIn(sources);
	const lists = sources.filter((source) => policies.every((policy) => policy.source !== source));
	return new Map(
		policies
			.map(({ name, source }): [string, string] => {
				const compiled = compilePolicies([source, ...lists], { budgetRoot });
				return [name, compiled.ok ? compiled.value.digest : source.text];
			})
			.sort(([a], [b]) => (a < b ? -1 : 1)),
	);
}
