/** Two sets of policies, as commands are given them that say what is between these. */
import { compileFiles, type LoadedPolicies } from "../../app/policies.ts";
import { readPolicyFiles } from "../../app/policy-files.ts";
import type { BudgetRoot } from "../../core/model/ids.ts";
import type { Context } from "../context.ts";

/** Null where one of them does not compile, which the command has then said. From here on a signal ends the process. */
export async function compiledBoth(
	context: Context,
	[first, second]: readonly [first: string, second: string],
	budgetRoot: BudgetRoot,
): Promise<readonly [LoadedPolicies, LoadedPolicies] | null> {
	const read = [await readPolicyFiles([first]), await readPolicyFiles([second])] as const;
	context.computing();
	const [one, other] = [compileFiles(read[0], budgetRoot), compileFiles(read[1], budgetRoot)];
	if (one.ok && other.ok) return [one.value, other.value];
	context.fail([...(one.ok ? [] : one.error), ...(other.ok ? [] : other.error)]);
	return null;
}
