/** Options whose value was left out: the next option of the line would be taken for it. */
import type { Command } from "commander";

/** Throws what commander throws of an option without its value. A value that looks like an option of the command is written `--name=value`. */
export function refuseMissingValue(program: Command, args: readonly string[]): void {
	const { command, behind } = commandOf(program, args);
	const options = [...ancestry(command)].flatMap((each) => [...each.options]);
	const named = (word: string) => options.find(({ short, long }) => word === short || word === long);
	for (let at = behind; at < args.length && args[at] !== "--"; at++) {
		const option = named(args[at] as string);
		if (option?.required !== true) continue;
		const value = args[++at] ?? "";
		const other = value.replace(/=.*/s, "");
		if (named(other) === undefined && other !== "--help" && other !== "-h") continue;
		const meant = option.long === undefined ? "" : `; as a value it is written '${option.long}=${value}'`;
		command.error(`error: option '${option.flags}' argument missing: '${other}' is an option${meant}`, {
			code: "commander.optionMissingArgument",
		});
	}
}

/** The command that the first words name, and where they end. */
function commandOf(program: Command, args: readonly string[]): { readonly command: Command; readonly behind: number } {
	let command = program;
	for (const [at, word] of args.entries()) {
		const found = command.commands.find((each) => each.name() === word);
		if (found === undefined) return { command, behind: at };
		command = found;
	}
	return { command, behind: args.length };
}

function* ancestry(command: Command): Iterable<Command> {
	for (let each: Command | null = command; each !== null; each = each.parent) yield each;
}
