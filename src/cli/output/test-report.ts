/** What tests of policies have found, for people, for programs (`--json`) and for build servers (`--junit`). */
import type { CaseResult, TestedFile, TestRun } from "../../app/policy-tests.ts";
import type { Failure } from "../../core/analysis/cases/case-run.ts";
import { percentage, type RuleUse } from "../../core/analysis/cases/coverage.ts";
import { counted } from "../../core/base/count-text.ts";
import { formatProblem, placeText } from "../../core/base/errors.ts";
import { visible } from "../../core/base/safe-text.ts";
import { reasonLine } from "../../core/engine/explain.ts";

export const failedCases = ({ results }: Pick<TestedFile, "results">): readonly CaseResult[] =>
	results.filter(({ failures }) => failures.length > 0);

/** Without problems, which are told as errors are. */
export function reportLines(
	{ files, uses }: TestRun,
	{ isCoverageWanted }: { readonly isCoverageWanted: boolean },
): string[] {
	const tested = files.filter(({ problems }) => problems.length === 0);
	return [
		...tested.flatMap((file) => [...failedCases(file).flatMap(failedLines), fileLine(file)]),
		...(isCoverageWanted && tested.length > 0 ? coverageLines(uses) : []),
	].map(visible);
}

function fileLine(file: TestedFile): string {
	const cases = counted(file.results.length, "case");
	const failed = failedCases(file).length;
	return failed === 0 ? `ok    ${file.file}  ${cases}` : `FAIL  ${file.file}  ${failed} of ${cases} failed`;
}

const failedLines = ({ testCase, failures }: CaseResult): string[] => [
	`FAIL  ${placeText(failures[0]?.place ?? testCase.place)}  ${testCase.name}`,
	...failures.flatMap((failure) => [
		...(failures.length === 1 ? [] : [`      ${placeText(failure.place)}`]),
		...failureLines(failure).map((line) => `      ${line}`),
	]),
];

/** The differences, and what the decision says of itself. */
const failureLines = ({ differences, reasons }: Failure): string[] => [
	...differences.map(({ aspect, expected, got }) => `${aspect}: expected ${expected}, got ${got}`),
	...reasons.map((reason) => `  ${reason.mode === "audit" ? "(audit) " : ""}${reasonLine(reason)}`),
];

function coverageLines(uses: readonly RuleUse[]): string[] {
	const files = [...new Set(uses.map(({ place }) => place.file))];
	return [
		...files.flatMap((file) => {
			const rules = uses.filter(({ place }) => place.file === file);
			const silent = rules.filter(({ fired }) => fired === 0);
			const decided = rules.filter((rule) => rule.decided > 0);
			const weak = rules.filter(({ mode, fired, decided }) => mode === "enforce" && fired > 0 && decided === 0);
			return [
				`rules ${file}  ${rules.length - silent.length} of ${rules.length} fired, ${decided.length} decided`,
				...silent.map(({ place, rule }) => `      ${placeText(place)}  never fired  ${rule}`),
				...weak.map(({ place, rule }) => `      ${placeText(place)}  never decided  ${rule}`),
			];
		}),
		`rules covered: ${percentage(uses)} %`,
	];
}

export const reportJson = ({ files, uses, problems }: TestRun): object => ({
	ok: problems.length === 0 && files.every((file) => file.problems.length === 0 && failedCases(file).length === 0),
	cases: files.reduce((sum, { results }) => sum + results.length, 0),
	failed: files.reduce((sum, file) => sum + failedCases(file).length, 0),
	files: files.map(({ file, problems: wrong, results }) => ({
		file,
		cases: results.map(({ testCase: { name, place }, failures }) => ({
			name,
			place,
			ok: failures.length === 0,
			failures,
		})),
		problems: wrong,
	})),
	coverage: { percent: percentage(uses), rules: uses },
	problems,
});

/** The form that build servers read: a suite for each file. */
export function junitText({ files, problems }: TestRun): string {
	const suites = [
		...files.map((file) =>
			suite(file.file, [
				...file.problems.map((each) => errorCase(file.file, formatProblem(each))),
				...file.results.map((result) => junitCase(file.file, result)),
			]),
		),
		...(problems.length === 0
			? []
			: [
					suite(
						"files",
						problems.map((each) => errorCase("files", formatProblem(each))),
					),
				]),
	];
	return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites, "</testsuites>"].join("\n");
}

interface JunitCase {
	readonly kind: "passed" | "failure" | "error";
	readonly text: string;
}

function suite(name: string, cases: readonly JunitCase[]): string {
	const count = (wanted: JunitCase["kind"]): number => cases.filter(({ kind }) => kind === wanted).length;
	const counts = `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}"`;
	return [`<testsuite name="${xml(name)}" ${counts}>`, ...cases.map(({ text }) => text), "</testsuite>"].join("\n");
}

function junitCase(file: string, { testCase, failures }: CaseResult): JunitCase {
	const head = `<testcase name="${xml(testCase.name)}" classname="${xml(file)}" file="${xml(file)}" line="${testCase.place.line ?? 1}"`;
	if (failures.length === 0) return { kind: "passed", text: `${head}/>` };
	const [first] = failures.flatMap(({ differences }) => differences);
	const told = first === undefined ? "" : `${first.aspect}: expected ${first.expected}, got ${first.got}`;
	const lines = failures.flatMap((failure) => [placeText(failure.place), ...failureLines(failure)]);
	return {
		kind: "failure",
		text: `${head}><failure message="${xml(told)}">${lines.map(xml).join("\n")}</failure></testcase>`,
	};
}

const errorCase = (file: string, text: string): JunitCase => ({
	kind: "error",
	text: `<testcase name="the file" classname="${xml(file)}"><error message="${xml(text)}"/></testcase>`,
});

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Control characters as escapes: XML has none of them. */
const xml = (text: string): string => visible(text).replace(/[&<>"]/g, (each) => ENTITIES[each] ?? each);
