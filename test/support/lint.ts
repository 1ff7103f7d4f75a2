/** What `policy lint` finds in one policy, given with files that only define. */
import { type LintedFile, lintFiles } from "../../src/core/analysis/lint/lint.ts";

export function lintPolicy(...sources: readonly LintedFile["source"][]): LintedFile["linted"] {
	const [file] = lintFiles(sources, { at: 0 });
	if (file === undefined) throw new Error("no file was linted");
	return file.linted;
}
