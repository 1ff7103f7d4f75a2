/** The command line: commands, their common options, and how every end becomes an exit code. */
import { Command, CommanderError } from "commander";
import { VERSION } from "../app/version.ts";
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import { visibleLines } from "../core/base/safe-text.ts";
import { Context, type ExitCode, type Streams } from "./context.ts";
import { refuseMissingValue } from "./options/missing-value.ts";
import { problemResult, sarif } from "./output/sarif.ts";

/** Where each command is made, in the order of the help text: whoever names one loads no other (a hook runs one for each tool call). */
const COMMANDS: ReadonlyMap<string, () => Promise<(context: Context) => Command>> = new Map([
	["dev", async () => (await import("./commands/dev.ts")).devCommand],
	["demo", async () => (await import("./commands/demo.ts")).demoCommand],
	["processor", async () => (await import("./commands/processor.ts")).processorCommand],
	["gateway", async () => (await import("./commands/gateway.ts")).gatewayCommand],
	["notify", async () => (await import("./commands/notify.ts")).notifyCommand],
	["notary", async () => (await import("./commands/notary.ts")).notaryCommand],
	["decide", async () => (await import("./commands/decide.ts")).decideCommand],
	["classify", async () => (await import("./commands/classify.ts")).classifyCommand],
	["submit", async () => (await import("./commands/submit.ts")).submitCommand],
	["tail", async () => (await import("./commands/tail.ts")).tailCommand],
	["policy", async () => (await import("./commands/policy.ts")).policyCommand],
	["approvals", async () => (await import("./commands/approvals.ts")).approvalsCommand],
	["calls", async () => (await import("./commands/calls.ts")).callsCommand],
	["halt", async () => (await import("./commands/halt.ts")).haltCommand],
	["budgets", async () => (await import("./commands/budgets.ts")).budgetsCommand],
	["session", async () => (await import("./commands/session.ts")).sessionCommand],
	["topics", async () => (await import("./commands/topics.ts")).topicsCommand],
	["replay", async () => (await import("./commands/replay.ts")).replayCommand],
	["audit", async () => (await import("./commands/audit.ts")).auditCommand],
	["doctor", async () => (await import("./commands/doctor.ts")).doctorCommand],
	["keys", async () => (await import("./commands/keys.ts")).keysCommand],
	["tokens", async () => (await import("./commands/tokens.ts")).tokensCommand],
	["schemas", async () => (await import("./commands/schemas.ts")).schemasCommand],
]);

/** Not in the help text: they serve those who build on Assent. */
const HIDDEN: ReadonlySet<string> = new Set(["schemas"]);

/**
 * Runs one command line (without node and script) and resolves with its exit code. Never throws. Once `stop` has aborted it
 * resolves in time, also where a command does not end: the caller then ends the process.
 */
export async function run(args: readonly string[], streams: Streams, stop: AbortSignal): Promise<ExitCode> {
	const context = new Context(streams, stop);
	try {
		const [named = ""] = args;
		const program = await programOf(context, neededFor(named));
		refuseMissingValue(program, args);
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

/** The commands to make for a command line that begins with a word: all where it names none, as its help and its errors tell of all. */
function neededFor(first: string): Iterable<string> {
	if (COMMANDS.has(first)) return [first];
	return first === "--version" || first === "-V" ? [] : COMMANDS.keys();
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

/** The program with all its commands and their options, or only with those that are `wanted`. */
export async function programOf(context: Context, wanted: Iterable<string> = COMMANDS.keys()): Promise<Command> {
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
	const makers = await Promise.all([...wanted].map(async (name) => ({ name, make: await COMMANDS.get(name)?.() })));
	for (const { name, make } of makers) {
		if (make !== undefined) program.addCommand(make(context), { hidden: HIDDEN.has(name) });
	}
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
