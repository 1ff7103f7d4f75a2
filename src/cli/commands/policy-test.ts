/** `assent policy test`: cases beside the policies, what they say of calls, and which rules they reach; and cases from a log. */
import { Command, Option } from "commander";
import { loadPolicies } from "../../app/policies.ts";
import { testPolicies } from "../../app/policy-tests.ts";
import { pathsBeside, writeTest } from "../../app/recorded-cases.ts";
import { percentage } from "../../core/analysis/cases/coverage.ts";
import type { RecordedCall, RecordedStep } from "../../core/analysis/cases/recorded.ts";
import { counted } from "../../core/base/count-text.ts";
import type { EpochMs } from "../../core/model/units.ts";
import { recordedSteps } from "../../operations/recorded.ts";
import type { PrincipalFilter } from "../../reading/principal-filter.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { MOMENT_FORMS, moment } from "../options/moment.ts";
import { wholeNumber } from "../options/whole-number.ts";
import { whileReading } from "../output/progress.ts";
import { failedCases, junitText, reportJson, reportLines } from "../output/test-report.ts";

interface TestOptions extends GlobalOptions, PrincipalFilter {
	readonly json?: boolean;
	readonly junit?: boolean;
	readonly coverage?: boolean;
	readonly minCoverage?: number;
	readonly record?: boolean;
	readonly decision?: string;
	readonly from?: EpochMs;
	readonly to?: EpochMs;
	readonly limit: number;
}

const LIMIT = 1_000;
const LIMIT_MAX = 1_000_000;

export function testCommand(context: Context): Command {
	const command = new Command("test")
		.summary("run test cases of policies")
		.description(
			"Decides the calls of test files with the policies that they are about, and compares what is decided with what they expect. Exits with 1 when a case fails or too few rules are covered, with 2 when a file cannot be used. With `--record` the paths are policies: prints a test file of the decisions that are on a log, to be kept in the policies' folder, or the one that they have in common; what the policies redact is not in it.",
		)
		.argument("<path...>", "test files, or folders of them (`*.test.yaml`); with `--record` policy files")
		.addOption(
			new Option("--json", "print one JSON object: {ok, cases, failed, files, coverage, problems}").conflicts("junit"),
		)
		.option("--junit", "print JUnit XML, for build servers")
		.option(
			"--coverage",
			"name the rules that never fired, and those that never decided, also of policies in the folders that no test is about",
		)
		.option(
			"--min-coverage <percent>",
			"exit with 1 if a smaller part of the rules fired",
			wholeNumber({ min: 0, max: 100 }),
		)
		.addOption(
			new Option("--record", "print cases of what is on the log, instead of running any").conflicts([
				"json",
				"junit",
				"coverage",
				"minCoverage",
			]),
		)
		.option("--decision <id>", "with --record: the call of this id, and what its budgets depend on")
		.option("--from <time>", `with --record: decisions from this time on: ${MOMENT_FORMS}`, moment)
		.option("--to <time>", "with --record: decisions before this time", moment)
		.option("--tenant <name>", "with --record: calls of this tenant")
		.option("--agent <name>", "with --record: calls of this agent")
		.option("--session <name>", "with --record: calls of this session")
		.option(
			"--limit <n>",
			"with --record: at most so many decisions, the first ones",
			wholeNumber({ min: 1, max: LIMIT_MAX }),
			LIMIT,
		)
		.addHelpText(
			"after",
			"\nExamples:\n  assent policy test policies --coverage\n  assent policy test --record policies/baseline.yaml --limit 50 > policies/baseline.test.yaml\n",
		);
	return logOptions(command).action((paths: readonly string[], options: TestOptions) =>
		options.record === true ? record(context, paths, options) : runTests(context, paths, options),
	);
}

async function runTests(context: Context, paths: readonly string[], options: TestOptions): Promise<void> {
	const stray = (["decision", "from", "to", "tenant", "agent", "session"] as const).find(
		(key) => options[key] !== undefined,
	);
	if (stray !== undefined) throw usage(`\`--${stray}\` is for \`--record\``, "add `--record`, or leave it out");
	const run = await testPolicies(paths, context.compute);
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
}

async function record(context: Context, policies: readonly string[], options: TestOptions): Promise<void> {
	const loaded = await loadPolicies(policies, "tenant", context.compute);
	if (!loaded.ok) {
		context.fail(loaded.error);
		return;
	}
	const set = loaded.value.compiled;
	await context.reading(options, async (log, layout) => {
		const { tenant, agent, session, from = null, to = null, limit, decision } = options;
		const filter: PrincipalFilter = {
			...(tenant === undefined ? {} : { tenant }),
			...(agent === undefined ? {} : { agent }),
			...(session === undefined ? {} : { session }),
		};
		const steps = await whileReading(context, (reading) =>
			recordedSteps(log, layout, { filter, from, to, limit: decision === undefined ? limit : LIMIT_MAX, reading }),
		);
		const ending = decision === undefined ? null : callOf(steps, decision);
		const beside = await pathsBeside(policies);
		const { text, calls, gone, leftOut, failing } = context.compute(() =>
			writeTest(steps, { set, policies: beside, ending }),
		);
		if (calls === 0) throw usage("there is no decision of policies to be recorded", "see `assent tail decisions`");
		context.print(text.trimEnd());
		if (gone > 0) context.note(`${counted(gone, "decision")} left out: the arguments are no longer on the log`);
		if (leftOut > 0) context.note(`${counted(leftOut, "decision")} left out: no policy made them`);
		if (failing > 0)
			context.note(`${counted(failing, "case")} would fail: these policies decide otherwise than was recorded`);
	});
}

/** Throws ASSENT_USAGE. */
function callOf(steps: readonly RecordedStep[], id: string): RecordedCall {
	const call = steps.find((step) => step.kind === "call" && step.call.id === id);
	if (call?.kind === "call") return call;
	throw usage(`there is no decision on a call \`${id}\``, "see `assent tail decisions`");
}
