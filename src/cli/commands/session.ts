/** `assent session end`: a session takes no further calls, and what it has held is denied at once. */
import { Command } from "commander";
import { visible } from "../../core/base/safe-text.ts";
import { answersTo } from "../../operations/answers.ts";
import { sendSessionEnd } from "../../operations/operators.ts";
import type { Context, GlobalOptions } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { nameOf, type OperatorOptions, operatorOf, operatorOptions } from "../options/operator-options.ts";
import { notAnswered, refused, sending } from "../output/answers.ts";

interface SessionOptions extends GlobalOptions, OperatorOptions {
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
	readonly json?: boolean;
}

export function sessionCommand(context: Context): Command {
	const end = new Command("end")
		.summary("end a session: further calls are denied")
		.description(
			"Ends a session and waits for the processor's answer: further calls are denied as `session.ended`, held ones fall due at once. Exits with 3 when no processor answered in time.",
		)
		.requiredOption("--tenant <name>", "the session's tenant")
		.requiredOption("--agent <name>", "its root agent")
		.requiredOption("--session <name>", "its name")
		.option("--json", "print the answer as one JSON object")
		.addHelpText("after", "\nExample:\n  assent session end --tenant acme --agent coder --session run-7\n");
	logOptions(operatorOptions(end)).action((options: SessionOptions) => endSession(context, options));
	return new Command("session")
		.summary("end an agent's session")
		.description("A session is one run of an agent.")
		.addCommand(end);
}

async function endSession(context: Context, options: SessionOptions): Promise<void> {
	const operator = await operatorOf(context, options);
	const tenant = nameOf("--tenant", options.tenant);
	const agent = nameOf("--agent", options.agent);
	const session = nameOf("--session", options.session);
	await context.withLog(options, async (log, layout) => {
		const sent = await sending(context, "the session's end", () =>
			sendSessionEnd(log, layout, { ...operator, tenant, agent, session }),
		);
		const answers = await answersTo(log, layout, [sent], { waitMs: options.wait, signal: context.stop });
		const answer = answers.get(sent.partition) ?? null;
		if (options.json === true) context.json({ partition: sent.partition, offset: sent.offset, answer });
		if (answer === null) notAnswered(context, options, "the session's end");
		else if (answer.kind === "input.rejected") refused(context, answer);
		else if (options.json !== true) context.print(visible(`ended  ${tenant}/${agent}/${session}`));
	});
}
