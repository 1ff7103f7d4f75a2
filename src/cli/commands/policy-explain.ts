/** `assent policy explain`: the verdict of policy files on one call, and why; or what was decided on a log. */
import type { Readable } from "node:stream";
import { Command } from "commander";
import { readNamedText } from "../../app/named-file.ts";
import { loadPolicies } from "../../app/policies.ts";
import { DecideLoop } from "../../core/analysis/trial.ts";
import { readFacts } from "../../core/arguments/session-facts.ts";
import { parseIJson } from "../../core/base/canonical-json.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { visible } from "../../core/base/safe-text.ts";
import { UNKNOWN_USAGE } from "../../core/codec/reported-usage.ts";
import { explain } from "../../core/engine/explain.ts";
import { durationText } from "../../core/model/duration.ts";
import type { Requirement } from "../../core/model/entries.ts";
import type { EpochMs } from "../../core/model/units.ts";
import type { Completion } from "../../core/policy/compiled.ts";
import { baselinePath } from "../../operations/baseline.ts";
import { systemClock } from "../../ports/clock.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { readText } from "../input/lines.ts";
import { logOptions } from "../options/log-options.ts";
import { MOMENT_FORMS, moment } from "../options/moment.ts";
import { nameOf } from "../options/operator-options.ts";
import { readCall, readingLines } from "../output/call-reading.ts";
import { obligationLines } from "../output/obligations.ts";
import { explainRecorded } from "./policy-explain-recorded.ts";

interface ExplainOptions extends GlobalOptions {
	readonly tool?: string;
	readonly decision?: string;
	readonly args: string;
	readonly tenant?: string;
	readonly agent?: string;
	readonly session?: string;
	readonly onBehalfOf?: string;
	readonly workspace?: string;
	readonly home?: string;
	readonly at?: EpochMs;
	readonly json?: boolean;
	readonly all?: boolean;
}

export function explainCommand(context: Context): Command {
	const command = new Command("explain")
		.summary("the verdict of policies on one call, and why")
		.description(
			"Decides one call as the first of its session, with nothing spent, and prints every rule that determined the verdict, in words or as data, and what the classifier reads in the call where a rule asks it. With `--decision` it prints what was decided on a call that is on the log, by rules of which files, and what came of it. Exits with 0 whatever the verdict is.",
		)
		.argument("[file...]", "policy files, or folders of them")
		.option("--tool <name>", "the tool that is called")
		.option("--args <json>", "its arguments: a JSON object, @FILE, or - for stdin", "{}")
		.option("--tenant <name>", "who asks: the tenant (default: default)")
		.option("--agent <name>", "the root agent (default: default)")
		.option("--session <name>", "the session (default: default)")
		.option("--on-behalf-of <name>", "the human that the agent works for")
		.option("--workspace <folder>", "what the session declares: where relative paths begin")
		.option("--home <folder>", "what the session declares: what `~` stands for")
		.option("--at <time>", `when: ${MOMENT_FORMS} (default: now)`, moment)
		.option("--json", "print the decision as one JSON object")
		.option("--all", "every fact that the classifier reads, not only the first 20")
		.option("--decision <id>", "instead of files and `--tool`: the call of this id on the log")
		.addHelpText(
			"after",
			`\nExamples:\n  assent policy explain ${baselinePath()} --tool bash --args '{"command":"rm -rf /"}'\n  assent policy explain --decision call-1 --log file:.assent/log.db\n`,
		);
	return logOptions(command).action((paths: readonly string[], options: ExplainOptions) =>
		options.decision === undefined
			? explainCall(context, paths, options)
			: explainRecorded(context, options.decision, { paths, options }),
	);
}

async function explainCall(context: Context, paths: readonly string[], options: ExplainOptions): Promise<void> {
	// One partition sees everything here, so that any scope is exact.
	const loaded = await loadPolicies(paths, "tenant", context.compute);
	if (!loaded.ok) {
		context.fail(loaded.error);
		return;
	}
	const { compiled } = loaded.value;
	if (options.tool === undefined) {
		throw usage("which call? neither `--tool` nor `--decision` is given", "name the tool: `--tool bash`");
	}
	const tool = nameOf("--tool", options.tool);
	const tenant = nameOf("--tenant", options.tenant ?? "default");
	const agent = nameOf("--agent", options.agent ?? "default");
	const session = nameOf("--session", options.session ?? "default");
	const declared = readFacts({ workspace: options.workspace, home: options.home });
	if (!declared.ok)
		throw usage(
			declared.error.replace("facts.", "--"),
			"give an absolute path on the machine where the tool would run",
		);
	const facts = declared.value;
	const at = options.at ?? systemClock.now();
	const args = await argumentsOf(context.streams.stdin, options.args);
	context.computing();
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
	const { applies, fired, limits, completes, classifier, obligations } = compiled.evaluate({
		tenant,
		agent,
		session,
		facts,
		tool,
		args,
		at,
	});
	const asked = decision.verdict === "hold" ? decision.rules.filter(({ effect }) => effect === "hold") : [];
	const requirements = [...fired, ...limits]
		.flatMap(({ requirement }) => (requirement === null ? [] : [requirement]))
		.filter((requirement) =>
			asked.some(({ policy, rule }) => policy === requirement.policy && rule === requirement.rule),
		);
	const reading =
		classifier === ""
			? null
			: readCall({ tool, args }, { classifier, redact: obligations.redact, all: options.all === true });
	if (options.json === true) {
		const completed = completes.map(({ sequence }) => sequence);
		context.json({
			...decision,
			applies,
			requirements,
			completes: completed,
			...(reading === null ? {} : { reading }),
		});
		return;
	}
	const lines = [
		...explain({ ...decision, reasons: decision.rules, policyDigest: decision.policy }),
		applies.length === 0 ? "  no policy applies to this principal" : `  policies that apply: ${applies.join(", ")}`,
		...requirements.map(requirementLine),
		...completes.map(completionLine),
		...(reading === null ? [] : readingLines(reading)),
		...obligationLines(decision),
	];
	for (const line of lines) context.print(visible(line));
}

function requirementLine({ policy, rule, approvers, quorum, expiresAfterMs, selfAllowed }: Requirement): string {
	const self = selfAllowed ? ", also the human that the call is made for" : "";
	return `  ${policy}/${rule} requires ${quorum} of ${approvers.join(", ")} within ${durationText(expiresAfterMs)}${self}`;
}

/** What would stop the call after others, which a single call cannot show. */
const completionLine = ({ sequence: { policy, sequence, scope } }: Completion): string =>
	`  ${policy}/${sequence} stops it after a call of the ${scope} that begins the sequence`;

/** Throws ASSENT_USAGE, ASSENT_FILE_MISSING, ASSENT_FILE_UNREADABLE and ASSENT_INPUT_LINE. */
async function argumentsOf(stdin: Readable, given: string): Promise<JsonObject> {
	const text = given === "-" ? await readText(stdin) : given.startsWith("@") ? await fileText(given.slice(1)) : given;
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

async function fileText(file: string): Promise<string> {
	const read = await readNamedText(file);
	if (read.ok) return read.value;
	throw new AssentError(
		read.error.code === "ASSENT_FILE_MISSING" ? { ...read.error, help: "check the path behind the `@`" } : read.error,
	);
}
