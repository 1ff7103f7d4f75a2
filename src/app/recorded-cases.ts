/** Test cases written from a log: its decisions as cases of policy files, and how many of them come otherwise under those. */
import { stat } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { casesSchema } from "../core/analysis/cases/case-form.ts";
import { readCases } from "../core/analysis/cases/case-reader.ts";
import { runCase } from "../core/analysis/cases/case-run.ts";
import { type CasesWriting, writeCases } from "../core/analysis/cases/case-writer.ts";
import { RuleCoverage } from "../core/analysis/cases/coverage.ts";
import type { RecordedStep } from "../core/analysis/cases/recorded.ts";
import { counted } from "../core/base/count-text.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { instantText } from "../core/model/instant.ts";
import { formatYaml } from "../core/policy/format.ts";
import { yamlText } from "../core/policy/import/yaml-text.ts";

export interface WrittenTest {
	/** The file, as `policy test` reads it. */
	readonly text: string;
	readonly calls: number;
	/** Decisions whose arguments are gone from the log, and those that no policy made: they are no cases. */
	readonly gone: number;
	readonly leftOut: number;
	/** Cases that these policies do not pass. */
	readonly failing: number;
}

export function writeTest(steps: readonly RecordedStep[], options: CasesWriting): WrittenTest {
	const { set } = options;
	const { document, calls, gone, leftOut, first, last } = writeCases(steps, options);
	if (calls === 0) return { text: "", calls, gone, leftOut, failing: 0 };
	const origin = `Recorded: ${counted(calls, "call")}, ${instantText(first)} to ${instantText(last)}.`;
	const text = formatYaml(yamlText(document, [origin]), casesSchema);
	const read = readCases({ name: "recorded.test.yaml", text });
	if (!read.ok) {
		const [first = problem("ASSENT_INTERNAL", "what was recorded cannot be written as cases")] = read.error;
		throw new AssentError(problem("ASSENT_INTERNAL", first.message, first.help));
	}
	const coverage = new RuleCoverage();
	const failing = read.value.cases.filter((each) => runCase(set, each, coverage).length > 0).length;
	return { text, calls, gone, leftOut, failing };
}

/** How a test file beside policies names them: from the folder that they have in common. */
export async function pathsBeside(paths: readonly string[]): Promise<readonly string[]> {
	const folders = await Promise.all(
		paths.map(async (path) => ((await stat(path)).isDirectory() ? resolve(path) : dirname(resolve(path)))),
	);
	const [first = resolve(".")] = folders;
	let common = first;
	while (
		folders.some((folder) => folder !== common && !folder.startsWith(common.endsWith(sep) ? common : common + sep))
	)
		common = dirname(common);
	return paths.map((path) => relative(common, resolve(path)).replaceAll(sep, "/") || ".");
}
