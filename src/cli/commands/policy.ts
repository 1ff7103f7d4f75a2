/** `assent policy check` and `explain`: what policy files say, before they are put into force. */
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Command, Option } from "commander";
import { loadPolicies } from "../../app/policies.ts";
import { type CheckedFile, checkFiles } from "../../app/policy-check.ts";
import { DecideLoop, type DecisionLine } from "../../core/analysis/trial.ts";
import { readFacts } from "../../core/arguments/session-facts.ts";
import { parseIJson } from "../../core/base/canonical-json.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { visible } from "../../core/base/safe-text.ts";
import { UNKNOWN_USAGE } from "../../core/codec/reported-usage.ts";
import { explain } from "../../core/engine/explain.ts";
import { durationText } from "../../core/model/duration.ts";
import type { Requirement } from "../../core/model/entries.ts";
import type { BudgetRoot } from "../../core/model/ids.ts";
import { parseInstant } from "../../core/model/instant.ts";
import type { EpochMs } from "../../core/model/units.ts";
import { baselinePath } from "../../operations/baseline.ts";
import { systemClock } from "../../ports/clock.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { nameOf } from "../options/operator-options.ts";
import { findingText } from "../output/lint-findings.ts";
import { compareCommand } from "./policy-compare.ts";
import { activateCommand, historyCommand, rollbackCommand } from "./policy-force.ts";
import { formatCommand } from "./policy-format.ts";
import { keysCommand, signCommand } from "./policy-keys.ts";
import { lintCommand } from "./policy-lint.ts";
import { testCommand } from "./policy-test.ts";
import { exportCommand, importCommand } from "./policy-translate.ts";

interface CheckOptions extends Pick<GlobalOptions, "config"> {
	readonly budgetRoot?: BudgetRoot;
	readonly json?: boolean;
	readonly strict?: boolean;
}

interface ExplainOptions {
	readonly tool: string;
	readonly args: string;
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
	readonly onBehalfOf?: string;
	readonly workspace?: string;
	readonly home?: string;
	readonly at?: string;
	readonly json?: boolean;
}

const FILES = "policy files, or folders of them";

export function policyCommand(context: Context): Command {
	return new Command("policy")
		.summary("check, explain and put into force")
		.description(
			"Policies: check files, look for what they may not mean, explain a call, put them into force, roll back.",
		)
		.addCommand(checkCommand(context))
		.addCommand(lintCommand(context))
		.addCommand(compareCommand(context))
		.addCommand(explainCommand(context))
		.addCommand(testCommand(context))
		.addCommand(formatCommand(context))
		.addCommand(importCommand(context))
		.addCommand(exportCommand(context))
		.addCommand(keysCommand(context))
		.addCommand(signCommand(context))
		.addCommand(activateCommand(context))
		.addCommand(rollbackCommand(context))
		.addCommand(historyCommand(context));
}

function checkCommand(context: Context): Command {
	return new Command("check")
		.summary("compile policy files and report every problem")
		.description(
			"Compiles policy files, each for itself and all together, and reports every problem with its place, and what `policy lint` finds. Exits with 2 when there is a problem, and with --strict with 1 when there is a finding.",
		)
		.argument("<file...>", FILES)
		.addOption(
			new Option(
				"--budget-root <root>",
				"the partition key to check budgets against (default: the configuration's)",
			).choices(["tenant", "tenant/agent", "tenant/agent/session"]),
		)
		.option("--config <file>", "configuration file (YAML)")
		.option("--json", "print one JSON object: {ok, digest, files: [{…, problems, findings}], problems}")
		.option("--strict", "exit with 1 when there is a finding")
		.addHelpText("after", "\nExample:\n  assent policy check policies/*.yaml\n")
		.action(async (paths: readonly string[], options: CheckOptions) => {
			const budgetRoot = options.budgetRoot ?? (await context.config(options)).layout.budgetRoot;
			const checked = await checkFiles(paths, budgetRoot);
			const findings = checked.files.flatMap((file) => file.findings);
			if (options.strict === true && findings.length > 0) context.exitCode = 1;
			if (options.json === true) {
				context.json({ ok: checked.digest !== null, ...checked });
				if (checked.digest === null) context.exitCode = 2;
				return;
			}
			for (const file of checked.files) if (file.ok) context.print(checkedLine(file));
			if (checked.files.length > 1 && checked.digest !== null) {
				context.print(`ok  all ${checked.files.length} together  ${checked.digest.slice(0, 12)}`);
			}
			for (const finding of findings) context.note(findingText(finding));
			context.fail([...checked.files.flatMap(({ problems }) => problems), ...checked.problems]);
		});
}

const checkedLine = ({ file, name, digest }: CheckedFile): string =>
	visible(`ok  ${file}  ${name}${digest === null ? "" : `  ${digest.slice(0, 12)}`}`);

function explainCommand(context: Context): Command {
	return new Command("explain")
		.summary("the verdict of policies on one call, and why")
		.description(
			"Decides one call as the first of its session, with nothing spent, and prints every rule that determined the verdict, in words or as data. Exits with 0 whatever the verdict is.",
		)
		.argument("<file...>", FILES)
		.requiredOption("--tool <name>", "the tool that is called")
		.option("--args <json>", "its arguments: a JSON object, @FILE, or - for stdin", "{}")
		.option("--tenant <name>", "who asks: the tenant", "default")
		.option("--agent <name>", "the root agent", "default")
		.option("--session <name>", "the session", "default")
		.option("--on-behalf-of <name>", "the human that the agent works for")
		.option("--workspace <folder>", "what the session declares: where relative paths begin")
		.option("--home <folder>", "what the session declares: what `~` stands for")
		.option("--at <time>", "when, such as 2026-12-31T00:00:00Z (default: now)")
		.option("--json", "print the decision as one JSON object")
		.addHelpText(
			"after",
			`\nExample:\n  assent policy explain ${baselinePath()} --tool bash --args '{"command":"rm -rf /"}'\n`,
		)
		.action((paths: readonly string[], options: ExplainOptions) => explainCall(context, paths, options));
}

async function explainCall(context: Context, paths: readonly string[], options: ExplainOptions): Promise<void> {
	// One partition sees everything here, so that any scope is exact.
	const loaded = await loadPolicies(paths, "tenant");
	if (!loaded.ok) {
		context.fail(loaded.error);
		return;
	}
	const { compiled } = loaded.value;
	const tool = nameOf("--tool", options.tool);
	const tenant = nameOf("--tenant", options.tenant);
	const agent = nameOf("--agent", options.agent);
	const session = nameOf("--session", options.session);
	const declared = readFacts({ workspace: options.workspace, home: options.home });
	if (!declared.ok)
		throw usage(
			declared.error.replace("facts.", "--"),
			"give an absolute path on the machine where the tool would run",
		);
	const facts = declared.value;
	const at = options.at === undefined ? systemClock.now() : momentOf(options.at);
	const args = await argumentsOf(context.streams.stdin, options.args);
	const decision = new DecideLoop(compiled).decide({
		id: "explained",
		tenant,
		agent,
		session,
		onBehalfOf: options.onBehalfOf ?? null,
		tool,
		args,
		facts,
		estimate: { tokens: 0, costMicros: 0 },
		usage: UNKNOWN_USAGE,
		at,
	});
	const { applies, fired, limits } = compiled.evaluate({ tenant, agent, session, facts, tool, args, at });
	const asked = decision.verdict === "hold" ? decision.rules.filter(({ effect }) => effect === "hold") : [];
	const requirements = [...fired, ...limits]
		.flatMap(({ requirement }) => (requirement === null ? [] : [requirement]))
		.filter((requirement) =>
			asked.some(({ policy, rule }) => policy === requirement.policy && rule === requirement.rule),
		);
	if (options.json === true) context.json({ ...decision, applies, requirements });
	else for (const line of linesOf(decision, applies, requirements)) context.print(visible(line));
}

function linesOf(decision: DecisionLine, applies: readonly string[], requirements: readonly Requirement[]): string[] {
	const { redact, callDeadlineMs, leaseMs, messages } = decision.obligations;
	const hasSlot = decision.budgets.some(({ measure }) => measure === "concurrent_calls");
	return [
		...explain({ ...decision, reasons: decision.rules, policyDigest: decision.policy }),
		applies.length === 0 ? "  no policy applies to this principal" : `  policies that apply: ${applies.join(", ")}`,
		...requirements.map(
			({ policy, rule, approvers, quorum, expiresAfterMs, selfAllowed }) =>
				`  ${policy}/${rule} requires ${quorum} of ${approvers.join(", ")} within ${durationText(expiresAfterMs)}${selfAllowed ? ", also the human that the call is made for" : ""}`,
		),
		...(redact.length === 0 ? [] : [`  before the call runs, redacts ${redact.join(", ")}`]),
		...(decision.verdict === "deny" ? [] : [`  the call may take ${durationText(callDeadlineMs)}`]),
		...(decision.verdict === "deny" || !hasSlot
			? []
			: [
					`  a tool that goes on after that keeps its slot until its end is reported, at most ${durationText(leaseMs)} from the decision`,
				]),
		...messages.map((message) => `  tells the model: ${message}`),
	];
}

/** Throws ASSENT_USAGE. */
function momentOf(text: string): EpochMs {
	const at = parseInstant(text);
	if (at !== null && at >= 0) return at;
	throw usage(
		`\`--at\` is no moment: \`${text}\``,
		"write a day, a time and an offset from UTC: `2026-12-31T00:00:00Z`",
	);
}

/** Throws ASSENT_USAGE, ASSENT_FILE_MISSING and ASSENT_INPUT_LINE. */
async function argumentsOf(stdin: Readable, given: string): Promise<JsonObject> {
	const text = given === "-" ? await textOf(stdin) : given.startsWith("@") ? await fileText(given.slice(1)) : given;
	const parsed = parseIJson(text);
	if (!parsed.ok) {
		throw new AssentError(problem("ASSENT_INPUT_LINE", `the arguments: ${parsed.error.message}`, "give a JSON object"));
	}
	const { value } = parsed;
	if (value === null || typeof value !== "object" || Array.isArray(value)) {
		throw usage("the arguments are not a JSON object", 'write for instance `--args \'{"command":"ls"}\'`');
	}
	return value as JsonObject;
}

async function textOf(stdin: Readable): Promise<string> {
	stdin.setEncoding("utf8");
	let text = "";
	for await (const chunk of stdin) text += chunk as string;
	return text;
}

async function fileText(file: string): Promise<string> {
	try {
		return await readFile(file, "utf8");
	} catch {
		const help = "check the path behind the `@`";
		throw new AssentError(problem("ASSENT_FILE_MISSING", `there is no file \`${file}\``, help, { file }));
	}
}
