/** `assent submit`: publishes calls to a running log and prints each decision as its reply arrives. */

import { randomUUID } from "node:crypto";
import { Command, Option } from "commander";
import { publisherSecret } from "../../app/publisher-secret.ts";
import { sealingOf } from "../../app/sealing.ts";
import { AssentClient } from "../../client/client.ts";
import { mayRun } from "../../client/decision.ts";
import { lineOfDecision, Submission } from "../../client/submission.ts";
import { counted } from "../../core/base/count-text.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import { logOption, startCommand } from "../../operations/log-url.ts";
import { untilAborted } from "../../ports/log/waiters.ts";
import type { Context, GlobalOptions } from "../context.ts";
import { type BadLine, type OutcomeLine, readLine } from "../input/call-line.ts";
import { type Line, readLines } from "../input/lines.ts";
import { logOptions } from "../options/log-options.ts";
import { deadlineOf } from "../options/operator-options.ts";
import { deniedBadLine, type VerdictOptions, Verdicts, verdictOptions } from "../output/verdicts.ts";

interface SubmitCommandOptions extends GlobalOptions, VerdictOptions {
	readonly deadline: number;
	readonly settle?: boolean;
}

export function submitCommand(context: Context): Command {
	const command = new Command("submit")
		.summary("publish calls to a running log and print their decisions")
		.description(
			"Reads the lines that `decide` reads, and {outcome: {id, status, usage?, tenant?, agent?, session?}}, from stdin and publishes them. Prints one decision per call as its reply arrives. A call without an id gets one of its own; one with an id that was used before gets the recorded decision. `status` of a line says whether the call may run: only `open` does; an allow can also be `taken` (an earlier caller has it), `closed`, `halted` or `granted`, and a hold is `held`. An allowed call stays open, with what it reserved, until its outcome is reported. The result of a published outcome (settled, or refused because no call of that agent has the id) is not waited for: `assent tail violations` shows refusals. Exits with 3 when a call got no decision by the deadline.",
		)
		.addOption(
			new Option("--deadline <duration>", "how long to wait for each decision: `5s`, or milliseconds")
				.argParser(deadlineOf)
				.default(5_000, "5s"),
		)
		.option("--settle", "report each allowed call as done at once, with the line's `usage`");
	verdictOptions(command).addHelpText(
		"after",
		'\nExample:\n  echo \'{"tool":"shell","args":{"command":"ls"}}\' | assent submit --settle\n',
	);
	return logOptions(command).action(async (options: SubmitCommandOptions) => {
		const config = await context.config(options);
		const { logUrl } = config;
		const publisher = await config.publisher();
		await context.withLog(options, async (log, layout) => {
			const client = await new AssentClient({
				log,
				layout,
				secret: await publisherSecret(logUrl),
				sealing: sealingOf(config.privacy, log),
				...(publisher === null ? {} : { publisher }),
			}).start();
			const publishing = new Publishing(context, client, options);
			try {
				for await (const lines of readLines(context.streams.stdin, context.stop)) {
					for (const line of lines) {
						if (context.stop.aborted) break;
						await untilAborted(publishing.take(line), context.stop);
					}
				}
				await untilAborted(publishing.done(), context.stop);
			} finally {
				await client.close();
			}
			publishing.sayWhatIsLeft(logUrl);
		});
	});
}

/** One run of `submit`: what was asked, what was answered, and what stays open. */
class Publishing {
	readonly #context: Context;
	readonly #client: AssentClient;
	readonly #submission: Submission;
	readonly #verdicts: Verdicts;
	/** Who asked, by id: an outcome line need not say it again. */
	readonly #callers = new Map<string, { tenant: string; agent: string; session: string }>();
	/** Allowed calls whose outcome nobody has reported. */
	readonly #open = new Set<string>();
	/** Calls whose outcome was reported, perhaps before their decision came. */
	readonly #reported = new Set<string>();
	#undecided = 0;
	/** Outcome lines that are on the log. */
	#outcomes = 0;

	constructor(context: Context, client: AssentClient, options: SubmitCommandOptions) {
		this.#context = context;
		this.#client = client;
		this.#verdicts = new Verdicts(context, options);
		const settle = options.settle === true;
		this.#submission = new Submission(client, {
			deadlineMs: options.deadline,
			settle,
			onDecision: ({ id }, decision) => {
				if (decision.source !== "reply") this.#undecided += 1;
				else if (mayRun(decision) && !settle && !this.#reported.has(id)) this.#open.add(id);
				this.#verdicts.print(lineOfDecision(decision));
			},
			onRefused: ({ id }, { message }) => this.#refuse({ id, message }),
		});
	}

	/** Publishes what the line says, or denies it. Rejects when the log was lost. */
	async take(line: Line): Promise<void> {
		const read = readLine(line, randomUUID);
		if (!read.ok) {
			this.#refuse(read.error);
			return;
		}
		if (read.value.kind === "outcome") {
			await this.#report(read.value.outcome, line);
			return;
		}
		const { call } = read.value;
		const { id, tenant, agent, session } = call;
		this.#callers.set(id, { tenant, agent, session });
		await this.#submission.add(call);
	}

	/** Waits for every answer. Rejects when the log was lost. */
	async done(): Promise<void> {
		await this.#submission.done();
	}

	/** Sets the exit code. */
	sayWhatIsLeft(logUrl: string): void {
		this.#verdicts.end();
		if (this.#context.stop.aborted) {
			this.#context.undone = `${counted(this.#undecided, "call")} had no decision and may not run; lines not yet read were not published`;
			this.#context.interrupted();
		} else if (this.#undecided > 0) {
			const message = `${counted(this.#undecided, "call")} got no decision in time: denied, and not to be run`;
			const help = `is a processor running? \`${startCommand(logUrl)}\` starts one, \`assent doctor\` says whether one is behind`;
			this.#context.fail([problem("ASSENT_TIMEOUT", message, help)]);
		}
		if (this.#open.size > 0) {
			this.#context.note(
				`${counted(this.#open.size, "call")} may run now and stay${this.#open.size === 1 ? "s" : ""} open until the outcome is reported: {"outcome":{"id":…,"status":"ok"}}, or \`--settle\``,
			);
		}
		if (this.#outcomes > 0) {
			const what = `${counted(this.#outcomes, "outcome")} ${this.#outcomes === 1 ? "was" : "were"} published`;
			this.#context.note(
				`${what}; \`assent tail violations${logOption(logUrl)}\` shows those of no open call, such as a wrong id or agent`,
			);
		}
	}

	async #report(outcome: OutcomeLine, line: Line): Promise<void> {
		const { id, status, usage } = outcome;
		const known = this.#callers.get(id);
		const who = {
			tenant: outcome.tenant ?? known?.tenant ?? "default",
			agent: outcome.agent ?? known?.agent ?? "default",
			session: outcome.session ?? known?.session ?? "default",
		};
		this.#verdicts.took();
		try {
			await this.#client.report({ ...who, id }, status, usage);
			this.#outcomes += 1;
			this.#open.delete(id);
			this.#reported.add(id);
		} catch (thrown) {
			if (!(thrown instanceof AssentError && thrown.code.startsWith("RECORD_"))) throw thrown;
			this.#refuse({ id: String(line.number), message: `line ${line.number}: ${thrown.problem.message}` });
		}
	}

	#refuse(bad: BadLine): void {
		this.#verdicts.print({ ...deniedBadLine(bad, ""), status: "closed" });
	}
}
