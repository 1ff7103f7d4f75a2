/** Asks a person on a terminal before something is done that they answer for. */
import { createInterface } from "node:readline/promises";
import { visibleLines } from "../../core/base/safe-text.ts";
import { interrupted } from "../../reading/partition-view.ts";
import type { Context } from "../context.ts";

/** Whether there is somebody to ask. */
export const canAsk = (context: Context): boolean => context.streams.stdin.isTTY === true;

/** Only `y` and `yes` say so; the end of input does not. Throws ASSENT_STOPPED where a signal ends the command instead. */
export async function confirmed(context: Context, question: string): Promise<boolean> {
	const { stdin, stderr } = context.streams;
	context.progress(null);
	stderr.write(visibleLines(`${question} [y/N] `));
	const lines = createInterface({ input: stdin, signal: context.stop });
	try {
		for await (const line of lines) return /^y(?:es)?$/i.test(line.trim());
		if (!context.stop.aborted) return false;
		// What comes of it is not said on the line of the question.
		stderr.write("\n");
		throw interrupted();
	} finally {
		lines.close();
	}
}
