/** What commands that read calls from stdin tell a person who may not know that they wait for lines. */
import type { Context } from "../context.ts";

export function noteTerminal(context: Context): void {
	if (context.streams.stdin.isTTY !== true) return;
	context.note('calls are read from the terminal, one a line: {"tool":"shell","args":{"command":"ls"}}; Ctrl-D ends');
}

export const noteNothingRead = (context: Context): void => context.note("no line was read from stdin");
