/** Policy files, each looked through for what it may not mean. */
import type { AcceptedFinding } from "../core/analysis/lint/acceptances.ts";
import type { Finding } from "../core/analysis/lint/finding.ts";
import { lintFiles as lintSources } from "../core/analysis/lint/lint.ts";
import type { Problem } from "../core/base/errors.ts";
import type { EpochMs } from "../core/model/units.ts";
import { readPolicyFiles } from "./policy-files.ts";

export interface LintedFiles {
	readonly findings: readonly Finding[];
	readonly accepted: readonly AcceptedFinding[];
	/** Of files that do not load, in which nothing else is looked for, and of paths that lead nowhere. */
	readonly problems: readonly Problem[];
}

/** Never throws. */
export async function lintFiles(paths: readonly string[], at: EpochMs): Promise<LintedFiles> {
	const { sources, problems } = await readPolicyFiles(paths);
	const linted = lintSources(sources, { at }).map((file) => file.linted);
	return {
		findings: linted.flatMap((one) => (one.ok ? one.value.findings : [])),
		accepted: linted.flatMap((one) => (one.ok ? one.value.accepted : [])),
		problems: [...linted.flatMap((one) => (one.ok ? [] : one.error)), ...problems],
	};
}
