/** The command line: commands, their common options, and how every end becomes an exit code. */
import { Command, CommanderError } from "commander";
import { VERSION } from "../app/version.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { visibleLines } from "../core/base/safe-text.ts";
import { approvalsCommand } from "./commands/approvals.ts";
import { budgetsCommand } from "./commands/budgets.ts";
import { decideCommand } from "./commands/decide.ts";
import { demoCommand } from "./commands/demo.ts";
import { devCommand } from "./commands/dev.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { haltCommand } from "./commands/halt.ts";
import { policyCommand } from "./commands/policy.ts";
import { processorCommand } from "./commands/processor.ts";
import { schemasCommand } from "./commands/schemas.ts";
import { sessionCommand } from "./commands/session.ts";
import { submitCommand } from "./commands/submit.ts";
import { tailCommand } from "./commands/tail.ts";
import { topicsCommand } from "./commands/topics.ts";
import { Context, type ExitCode, type Streams } from "./context.ts";

/**
 * Runs one command line (without node and script) and resolves with its exit code. Never throws. Once `stop` has aborted it
 * resolves in time, also where a command does not end: the caller then ends the process.
 */
export async function run(args: readonly string[], streams: Streams, stop: AbortSignal): Promise<ExitCode> {
	const context = new Context(streams, stop);
	const program = programOf(context);
	try {
		const done = program.parseAsync([...args], { from: "user" });
		if ((await Promise.race([done, context.overdue()])) === "overdue") context.interrupted();
	} catch (thrown) {
		if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
		if (thrown instanceof AssentError && thrown.code === "ASSENT_STOPPED") context.interrupted();
		else context.fail(thrown instanceof AssentError ? [thrown.problem, ...thrown.others] : [unexpected(thrown)]);
	}
	return context.exitCode;
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
		decideCommand(context),
		submitCommand(context),
		tailCommand(context),
		policyCommand(context),
		approvalsCommand(context),
		haltCommand(context),
		budgetsCommand(context),
		sessionCommand(context),
		topicsCommand(context),
		doctorCommand(context),
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

function unexpected(thrown: unknown) {
	const why = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
	return problem("ASSENT_INTERNAL", why, "this is a fault of assent; please report it with the command that you ran");
}
