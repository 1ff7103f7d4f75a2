/** The command line: commands, their common options, and how every end becomes an exit code. */
import { Command, CommanderError } from "commander";
import { VERSION } from "../app/version.ts";
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import { visibleLines } from "../core/base/safe-text.ts";
import { approvalsCommand } from "./commands/approvals.ts";
import { auditCommand } from "./commands/audit.ts";
import { budgetsCommand } from "./commands/budgets.ts";
import { callsCommand } from "./commands/calls.ts";
import { classifyCommand } from "./commands/classify.ts";
import { decideCommand } from "./commands/decide.ts";
import { demoCommand } from "./commands/demo.ts";
import { devCommand } from "./commands/dev.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { gatewayCommand } from "./commands/gateway.ts";
import { haltCommand } from "./commands/halt.ts";
import { keysCommand } from "./commands/keys.ts";
import { notaryCommand } from "./commands/notary.ts";
import { notifyCommand } from "./commands/notify.ts";
import { policyCommand } from "./commands/policy.ts";
import { processorCommand } from "./commands/processor.ts";
import { replayCommand } from "./commands/replay.ts";
import { schemasCommand } from "./commands/schemas.ts";
import { sessionCommand } from "./commands/session.ts";
import { submitCommand } from "./commands/submit.ts";
import { tailCommand } from "./commands/tail.ts";
import { tokensCommand } from "./commands/tokens.ts";
import { topicsCommand } from "./commands/topics.ts";
import { Context, type ExitCode, type Streams } from "./context.ts";
import { problemResult, sarif } from "./output/sarif.ts";

/**
 * Runs one command line (without node and script) and resolves with its exit code. Never throws. Once `stop` has aborted it
 * resolves in time, also where a command does not end: the caller then ends the process.
 */
export async function run(args: readonly string[], streams: Streams, stop: AbortSignal): Promise<ExitCode> {
	const context = new Context(streams, stop);
	const program = programOf(context);
	try {
		const done = program.parseAsync(helpAsOption(program, args), { from: "user" });
		if ((await Promise.race([done, context.overdue()])) === "overdue") context.interrupted();
	} catch (thrown) {
		if (thrown instanceof CommanderError) {
			if (thrown.exitCode === 0) return 0;
			context.misused(misuse(thrown));
		} else if (thrown instanceof AssentError && thrown.code === "ASSENT_STOPPED") context.interrupted();
		else context.fail(thrown instanceof AssentError ? [thrown.problem, ...thrown.others] : [unexpected(thrown)]);
	}
	printProblems(context, args);
	return context.exitCode;
}

/** Whoever reads one value from stdout finds one there, also when the command could not do what it was asked. */
function printProblems(context: Context, args: readonly string[]): void {
	const { problems } = context;
	if (context.hasPrinted || problems.length === 0) return;
	if (args.includes("--json")) context.json({ problems });
	else if (args.includes("--sarif")) context.json(sarif([], problems.map(problemResult)));
}

/** `help a b` as `a b --help`. Of words that name no command nothing else is kept: help on them is an error, not help on all. */
function helpAsOption(program: Command, args: readonly string[]): string[] {
	const named: string[] = [];
	let command = program;
	let isHelp = args.includes("--help") || args.includes("-h");
	for (const word of args) {
		if (word.startsWith("-") || command.commands.length === 0) break;
		if (word === "help") isHelp = true;
		else {
			named.push(word);
			const found = command.commands.find((each) => each.name() === word);
			if (found === undefined) return isHelp ? named : [...args];
			command = found;
		}
	}
	return args.includes("help") && isHelp ? [...named, "--help"] : [...args];
}

/** The table of commands, with all their options. */
export function programOf(context: Context): Command {
	const { streams } = context;
	const program = new Command("assent")
		.description("Decides AI agents' tool calls: policies, budgets and approvals over an event log.")
		.version(VERSION)
		.configureHelp({ showGlobalOptions: true, sortSubcommands: false })
		.showHelpAfterError("help: run with `--help` to see the accepted forms")
		.showSuggestionAfterError(true)
		.exitOverride()
		.configureOutput({
			writeOut: (text) => void streams.stdout.write(visibleLines(text)),
			writeErr: (text) => void streams.stderr.write(visibleLines(text)),
			outputError: (text, write) => write(`ASSENT_USAGE  ${text.replace(/^error: /, "")}`),
		});
	const commands = [
		devCommand(context),
		demoCommand(context),
		processorCommand(context),
		gatewayCommand(context),
		notifyCommand(context),
		notaryCommand(context),
		decideCommand(context),
		classifyCommand(context),
		submitCommand(context),
		tailCommand(context),
		policyCommand(context),
		approvalsCommand(context),
		callsCommand(context),
		haltCommand(context),
		budgetsCommand(context),
		sessionCommand(context),
		topicsCommand(context),
		replayCommand(context),
		auditCommand(context),
		doctorCommand(context),
		keysCommand(context),
		tokensCommand(context),
	];
	for (const command of commands) program.addCommand(command);
	program.addCommand(schemasCommand(context), { hidden: true });
	inherit(program, program.commands);
	return program;
}

/** Subcommands are made apart from the program, so that they do not take over its settings by themselves. */
function inherit(parent: Command, commands: readonly Command[]): void {
	for (const command of commands) {
		command.copyInheritedSettings(parent);
		inherit(command, command.commands);
	}
}

/** What commander says of a command line, which it has said on stderr. */
function misuse({ code, message }: CommanderError): Problem {
	const said =
		code === "commander.help" ? "no command is named" : message.replace(/^error: /, "").replaceAll("\n", " ");
	return problem("ASSENT_USAGE", said, "run with `--help` to see the accepted forms");
}

function unexpected(thrown: unknown) {
	const why = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
	return problem("ASSENT_INTERNAL", why, "this is a fault of assent; please report it with the command that you ran");
}
