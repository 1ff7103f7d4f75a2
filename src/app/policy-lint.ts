/** Policy files, looked through for what they may not mean, and for what activation would refuse. */
import type { AcceptedFinding } from "../core/analysis/lint/acceptances.ts";
import type { Finding } from "../core/analysis/lint/finding.ts";
import { lintFiles as lintSources } from "../core/analysis/lint/lint.ts";
import type { Problem } from "../core/base/errors.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { EpochMs } from "../core/model/units.ts";
import { compileFiles } from "./policies.ts";
import { readPolicyFiles } from "./policy-files.ts";

export interface LintedFiles {
	readonly findings: readonly Finding[];
	readonly accepted: readonly AcceptedFinding[];
	/** What activation would refuse, and paths that lead nowhere. In files that do not load nothing else is looked for. */
	readonly problems: readonly Problem[];
}

/** Never throws. Nothing is waited for after `onRead`. */
export async function lintFiles(
	paths: readonly string[],
	{ at, budgetRoot, onRead }: { readonly at: EpochMs; readonly budgetRoot: BudgetRoot; readonly onRead?: () => void },
): Promise<LintedFiles> {
	const { sources, problems } = await readPolicyFiles(paths);
	onRead?.();
	const linted = lintSources(sources, { at }).map((file) => file.linted);
	// Of no file at all it is told already why.
	const compiled = sources.length === 0 ? null : compileFiles({ sources, problems: [] }, budgetRoot);
	return {
		findings: linted.flatMap((one) => (one.ok ? one.value.findings : [])),
		accepted: linted.flatMap((one) => (one.ok ? one.value.accepted : [])),
		problems: [...(compiled === null || compiled.ok ? [] : compiled.error), ...problems],
	};
}
