/** `assent policy test`: cases beside the policies, what they say of calls, and which rules they reach. */
import { Command, InvalidArgumentError, Option } from "commander";
import { testPolicies } from "../../app/policy-tests.ts";
import { percentage } from "../../core/analysis/cases/coverage.ts";
import type { Context } from "../context.ts";
import { failedCases, junitText, reportJson, reportLines } from "../output/test-report.ts";

interface TestOptions {
	readonly json?: boolean;
	readonly junit?: boolean;
	readonly coverage?: boolean;
	readonly minCoverage?: number;
}

export function testCommand(context: Context): Command {
	return new Command("test")
		.summary("run test cases of policies")
		.description(
			"Decides the calls of test files with the policies that they are about, and compares what is decided with what they expect. Nothing is read from or written to a log. Exits with 1 when a case fails or too few rules are covered, with 2 when a file cannot be used.",
		)
		.argument("<path...>", "test files, or folders of them (`*.test.yaml`)")
		.addOption(
			new Option("--json", "print one JSON object: {ok, cases, failed, files, coverage, problems}").conflicts("junit"),
		)
		.option("--junit", "print JUnit XML, for build servers")
		.option("--coverage", "name the rules that never fired, and those that never decided")
		.option("--min-coverage <percent>", "exit with 1 if a smaller part of the rules fired", percent)
		.addHelpText("after", "\nExample:\n  assent policy test policies --coverage\n")
		.action(async (paths: readonly string[], options: TestOptions) => {
			const run = await testPolicies(paths);
			if (options.json === true) context.json(reportJson(run));
			else if (options.junit === true) context.print(junitText(run));
			else {
				const isCoverageWanted = options.coverage === true || options.minCoverage !== undefined;
				for (const line of reportLines(run, { isCoverageWanted })) context.print(line);
			}
			if (run.files.some((file) => failedCases(file).length > 0)) context.exitCode = 1;
			const covered = percentage(run.uses);
			if (options.minCoverage !== undefined && covered < options.minCoverage) {
				context.note(`${covered} % of the rules fired, and ${options.minCoverage} % are asked for`);
				context.exitCode = 1;
			}
			context.fail([...run.problems, ...run.files.flatMap(({ problems }) => problems)]);
		});
}

function percent(text: string): number {
	if (!/^\d{1,3}$/.test(text) || Number(text) > 100)
		throw new InvalidArgumentError("a whole number from 0 to 100 is expected.");
	return Number(text);
}
