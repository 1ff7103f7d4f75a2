/** `assent decide`: calls on stdin, one decision per line on stdout, in order. No log, no state kept. */
import { once } from "node:events";
import { Command } from "commander";
import { DecideLoop, deniedLine } from "../../app/decide-loop.ts";
import { loadPolicies } from "../../app/policies.ts";
import { visible, visibleLines } from "../../core/base/safe-text.ts";
import { explain } from "../../core/engine/explain.ts";
import { readCallLine } from "../call-line.ts";
import type { Context } from "../context.ts";
import { type Line, readLines } from "../lines.ts";

interface DecideOptions {
	readonly policy: readonly string[];
	readonly jsonl?: boolean;
	readonly failOn?: "deny" | "hold";
}

export function decideCommand(context: Context): Command {
	return new Command("decide")
		.summary("decide calls from stdin with policy files, without a log")
		.description(
			"Reads one call per line from stdin, {id?, tenant?, agent?, session?, tool, args, estimate?, usage?, at?}, and prints one decision per line, in order. Budgets are counted over the whole input; an allowed line settles at its usage, or at its estimate.",
		)
		.requiredOption("-p, --policy <file...>", "policy files, or folders of them")
		.option("--jsonl", "print JSON lines (default when stdout is not a terminal)")
		.option("--fail-on <verdict>", "exit with 1 if a call got this verdict or a stronger one: deny, hold")
		.action(async (options: DecideOptions) => {
			const loaded = await loadPolicies(options.policy, "tenant");
			if (!loaded.ok) {
				context.fail(loaded.error);
				return;
			}
			const loop = new DecideLoop(loaded.value.compiled);
			const { digest } = loaded.value.compiled;
			const isJson = options.jsonl === true || context.streams.stdout.isTTY !== true;
			let failures = 0;
			for await (const lines of readLines(context.streams.stdin)) {
				let text = "";
				for (const line of lines) {
					const decision = decideLine(loop, line, digest);
					if (decision.verdict === "deny" || (decision.verdict === "hold" && options.failOn === "hold")) failures += 1;
					text += isJson
						? `${JSON.stringify(decision)}\n`
						: `${visible(decision.id)}  ${explain({ ...decision, reasons: decision.rules, policyDigest: decision.policy }).join("\n")}\n`;
				}
				if (!context.streams.stdout.write(visibleLines(text))) await once(context.streams.stdout, "drain");
			}
			if (options.failOn !== undefined && failures > 0) context.exitCode = 1;
		});
}

function decideLine(loop: DecideLoop, line: Line, digest: string) {
	const bad = (message: string) =>
		deniedLine(String(line.number), "record.unreadable", `line ${line.number}: ${message}`, digest);
	if (!line.read.ok) return bad(line.read.error);
	const call = readCallLine(line.read.value, String(line.number));
	return call.ok ? loop.decide(call.value) : bad(call.error);
}
