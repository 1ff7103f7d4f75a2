/** `assent decide`: calls on stdin, one decision per line on stdout, in order. No log, no state kept. */
import { once } from "node:events";
import { Command } from "commander";
import { loadPolicies } from "../../app/policies.ts";
import { DecideLoop, type DecisionLine } from "../../core/analysis/trial.ts";
import type { Context } from "../context.ts";
import { readLine } from "../input/call-line.ts";
import { type Line, readLines } from "../input/lines.ts";
import { deniedBadLine, type VerdictOptions, Verdicts, verdictOptions } from "../output/verdicts.ts";

interface DecideOptions extends VerdictOptions {
	readonly policy: readonly string[];
}

export function decideCommand(context: Context): Command {
	const command = new Command("decide")
		.summary("decide calls from stdin with policy files, without a log")
		.description(
			"Reads one call per line from stdin, {id?, tenant?, agent?, session?, onBehalfOf?, tool, args, facts?, estimate?, usage?, at?}, and prints one decision per line, in order. A line that cannot be read, or has a key that is not among these, is denied and costs no other line its answer; empty lines are passed over. Budgets are counted over the whole input; an allowed line settles at its usage, and amounts missing there at their reservation.",
		)
		.requiredOption("-p, --policy <file...>", "policy files, or folders of them");
	return verdictOptions(command).action(async (options: DecideOptions) => {
		const loaded = await loadPolicies(options.policy, "tenant", context.compute);
		if (!loaded.ok) {
			context.fail(loaded.error);
			return;
		}
		const loop = new DecideLoop(loaded.value.compiled);
		const { digest } = loaded.value.compiled;
		const verdicts = new Verdicts(context, options);
		const { stdin, stdout } = context.streams;
		context.undone = "the lines not yet read were not decided";
		for await (const lines of readLines(stdin, context.stop)) {
			const text = lines.map((line) => verdicts.text(decideLine(loop, line, digest))).join("");
			if (!stdout.write(text)) await once(stdout, "drain");
		}
		verdicts.end();
		if (context.stop.aborted) context.interrupted();
	});
}

function decideLine(loop: DecideLoop, line: Line, digest: string): DecisionLine {
	const read = readLine(line, () => String(line.number));
	if (!read.ok) return deniedBadLine(read.error, digest);
	if (read.value.kind === "call") return loop.decide(read.value.call);
	const message = `line ${line.number}: \`decide\` settles each call itself; outcomes are for \`submit\``;
	return deniedBadLine({ id: String(line.number), message }, digest);
}
