/** The page of commands: the help of each, as `--help` prints it. */
import type { Command } from "commander";
import { Context } from "../../src/cli/context.ts";
import { programOf } from "../../src/cli/run.ts";
import { page } from "./markdown.ts";

/** Columns that the help is wrapped to, whatever the terminal has. */
const WIDTH = 120;

export async function commandLinePage(): Promise<string> {
	const { stdin, stdout, stderr } = process;
	const program = await programOf(new Context({ stdin, stdout, stderr, env: {} }, new AbortController().signal));
	return page({
		title: "Command line",
		from: "the commands' own help",
		parts: [
			"What `--help` prints. Exit codes are on a [page of their own](exit-codes.md).",
			...sectionsOf(program, []),
		],
	});
}

function sectionsOf(command: Command, above: readonly string[]): readonly string[] {
	const names = [...above, command.name()];
	command.configureHelp({ helpWidth: WIDTH });
	const help = command.createHelp();
	const below = help.visibleCommands(command).filter((each) => each.name() !== "help");
	return [
		`${"#".repeat(Math.min(names.length + 1, 4))} ${names.join(" ")}`,
		`\`\`\`\n${helpOf(command)}\n\`\`\``,
		...below.flatMap((each) => sectionsOf(each, names)),
	];
}

/** With the texts that a command adds behind its help. */
function helpOf(command: Command): string {
	let text = "";
	command.configureOutput({
		writeOut: (more) => {
			text += more;
		},
		getOutHelpWidth: () => WIDTH,
		getOutHasColors: () => false,
	});
	command.outputHelp();
	return text.trim();
}
