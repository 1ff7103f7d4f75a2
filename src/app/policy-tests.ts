/** Running test files: each with its policies, all with one account of which rules they reach. */
import { dirname, isAbsolute, join, resolve } from "node:path";
import { readCases } from "../core/analysis/cases/case-reader.ts";
import { type Failure, runCase } from "../core/analysis/cases/case-run.ts";
import type { PolicyCases, TestCase } from "../core/analysis/cases/cases.ts";
import { RuleCoverage, type RuleUse } from "../core/analysis/cases/coverage.ts";
import { referenceProblems } from "../core/analysis/cases/references.ts";
import type { Problem } from "../core/base/errors.ts";
import { err, type Result } from "../core/base/result.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";
import { type Compute, loadPolicies } from "./policies.ts";
import { readPolicyFiles, readTestFiles } from "./policy-files.ts";

export interface TestedFile {
	readonly file: string;
	/** What is wrong with the file, or with the policies that it names; then no case was run. */
	readonly problems: readonly Problem[];
	readonly results: readonly CaseResult[];
}

export interface CaseResult {
	readonly testCase: TestCase;
	/** Empty: it has passed. */
	readonly failures: readonly Failure[];
}

export interface TestRun {
	readonly files: readonly TestedFile[];
	readonly uses: readonly RuleUse[];
	/** Paths that lead nowhere, and policies of the folders that cannot be used. */
	readonly problems: readonly Problem[];
}

export async function testPolicies(paths: readonly string[], compute: Compute = (work) => work()): Promise<TestRun> {
	const { sources, problems } = await readTestFiles(paths);
	const coverage = new RuleCoverage();
	const files: TestedFile[] = [];
	for (const source of sources) files.push(await testFile(source, coverage, compute));
	const said = new Set(files.flatMap((file) => file.problems.map(({ place }) => place?.file)));
	const untested = (await addUntested(paths, coverage, compute)).filter(({ place }) => !said.has(place?.file));
	return { files, uses: coverage.uses(), problems: [...problems, ...untested] };
}

/** Rules of policies in the folders that no test is about count as well. Gives what is wrong with policies that no test has loaded. */
async function addUntested(
	paths: readonly string[],
	coverage: RuleCoverage,
	compute: Compute,
): Promise<readonly Problem[]> {
	const { sources } = await readPolicyFiles(paths);
	const known = sources.filter(({ text }) =>
		/^\ufeff?kind:[ \t]*["']?(?:Policy|Lists)["']?[ \t]*(?:#.*)?\r?$/m.test(text),
	);
	const isTested = (file: string): boolean => coverage.files().some((each) => resolve(each) === resolve(file));
	const files = known.map(({ name }) => name);
	const rest = files.filter((file) => !isTested(file));
	if (rest.length === 0) return [];
	const all = await loadPolicies(files, "tenant", compute);
	const problems: Problem[] = [];
	for (const file of rest) {
		// Folders of several sets are none together: a file is with those beside it then, or alone.
		const choices = [files.filter((each) => dirname(each) === dirname(file)), [file]];
		const loaded = all.ok ? all : await firstLoaded(choices, compute);
		if (!loaded.ok) problems.push(...loaded.error.filter(({ place }) => place?.file === file));
		else coverage.add({ policies: loaded.value.compiled.policies.filter(({ place }) => place.file === file) });
	}
	return problems;
}

async function firstLoaded(choices: readonly (readonly string[])[], compute: Compute): ReturnType<typeof loadPolicies> {
	let loaded = await loadPolicies(choices[0] ?? [], "tenant", compute);
	for (const files of choices.slice(1)) if (!loaded.ok) loaded = await loadPolicies(files, "tenant", compute);
	return loaded;
}

async function testFile(source: PolicySourceText, coverage: RuleCoverage, compute: Compute): Promise<TestedFile> {
	const file = source.name;
	const read = readCases(source);
	if (!read.ok) return { file, problems: read.error, results: [] };
	const set = await policiesOf(read.value, compute);
	if (!set.ok) return { file, problems: set.error, results: [] };
	const problems = referenceProblems(read.value, set.value);
	if (problems.length > 0) return { file, problems, results: [] };
	coverage.add(set.value);
	const { cases } = read.value;
	const results = compute(() =>
		cases.map((testCase) => ({ testCase, failures: runCase(set.value, testCase, coverage) })),
	);
	return { file, problems: [], results };
}

async function policiesOf(
	{ file, policies }: PolicyCases,
	compute: Compute,
): Promise<Result<CompiledPolicySet, readonly Problem[]>> {
	const places = new Map(
		policies.map(({ path, place }) => [isAbsolute(path) ? path : join(dirname(file), path), place]),
	);
	const loaded = await loadPolicies([...places.keys()], "tenant", compute);
	if (loaded.ok) return { ok: true, value: loaded.value.compiled };
	// A path that leads nowhere is a slip of the file that names it.
	return err(
		loaded.error.map((each) =>
			each.code === "ASSENT_FILE_MISSING" && each.place !== null
				? {
						...each,
						place: places.get(each.place.file) ?? each.place,
						help: "paths begin at the folder of the test file",
					}
				: each,
		),
	);
}
