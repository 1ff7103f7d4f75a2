/** `assent submit`: publishes calls to a running log and prints each decision as its reply arrives. */

import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { deniedLine } from "../../app/decide-loop.ts";
import { lineOfDecision, Submission } from "../../app/submission.ts";
import { AssentClient } from "../../client/client.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { amounts, readCallLine } from "../call-line.ts";
import type { Context, GlobalOptions } from "../context.ts";
import { readLines } from "../lines.ts";
import { logOptions } from "../log-options.ts";

interface SubmitCommandOptions extends GlobalOptions {
	readonly deadline: number;
	readonly settle?: boolean;
	readonly failOn?: "deny";
}

export function submitCommand(context: Context): Command {
	const command = new Command("submit")
		.summary("publish calls to a running log and print their decisions")
		.description(
			"Reads the lines that `decide` reads, and {outcome: {id, status, usage?, tenant?, agent?, session?}}, from stdin and publishes them. Prints one decision per call as its reply arrives. A call without an id gets one of its own; one with an id that was used before gets the recorded decision.",
		)
		.option("--deadline <ms>", "how long to wait for each decision", milliseconds, 5_000)
		.option("--settle", "report each allowed call as done at once, with the line's `usage`")
		.option("--jsonl", "print JSON lines (the default)")
		.option("--fail-on <verdict>", "exit with 1 if a call was denied: deny")
		.addHelpText("after", '\nExample:\n  echo \'{"tool":"shell","args":{"command":"ls"}}\' | assent submit\n');
	return logOptions(command).action(async (options: SubmitCommandOptions) => {
		const { logUrl } = await context.config(options);
		await context.withLog(options, async (log, layout) => {
			const client = await new AssentClient({ log, layout, secret: await publisherSecret(logUrl) }).start();
			let denials = 0;
			const submission = new Submission(client, {
				deadlineMs: options.deadline,
				settle: options.settle === true,
				onDecision: (_call, decision) => {
					if (decision.verdict === "deny") denials += 1;
					context.json(lineOfDecision(decision));
				},
			});
			/** Who asked, by id: an outcome line need not say it again. */
			const callers = new Map<string, { tenant: string; agent: string; session: string }>();
			try {
				for await (const lines of readLines(context.streams.stdin)) {
					for (const line of lines) {
						if (context.stop.aborted) break;
						const refused = line.read.ok ? await take(line.read.value) : line.read.error;
						if (refused === null) continue;
						denials += 1;
						context.json(deniedLine(String(line.number), "record.unreadable", `line ${line.number}: ${refused}`, ""));
					}
				}
				await submission.done();
			} finally {
				await client.close();
			}
			if (options.failOn !== undefined && denials > 0) context.exitCode = 1;

			/** Null, or why the line was not taken. */
			async function take(line: JsonObject): Promise<string | null> {
				if (line["outcome"] !== undefined) return report(line["outcome"] as JsonObject);
				const call = readCallLine(line, randomUUID());
				if (!call.ok) return call.error;
				const { id, tenant, agent, session } = call.value;
				callers.set(id, { tenant, agent, session });
				await submission.add(call.value);
				return null;
			}

			async function report(outcome: JsonObject): Promise<string | null> {
				const { id, status = "ok" } = outcome;
				if (typeof id !== "string" && typeof id !== "number") return "`outcome.id` is missing";
				if (status !== "ok" && status !== "error") return "`outcome.status` is `ok` or `error`";
				const usage = amounts(outcome["usage"], "usage");
				if (!usage.ok) return usage.error;
				const text = (key: string): string | undefined => (typeof outcome[key] === "string" ? outcome[key] : undefined);
				const known = callers.get(String(id));
				const who = client.principalOf({
					tenant: text("tenant") ?? known?.tenant ?? "default",
					agent: text("agent") ?? known?.agent ?? "default",
					session: text("session") ?? known?.session ?? "default",
				});
				await client.report({ ...who, id: String(id) }, status, usage.value);
				return null;
			}
		});
	});
}

function milliseconds(text: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 1 || value > 86_400_000) {
		throw new InvalidArgumentError("milliseconds from 1 to 86,400,000 are expected.");
	}
	return value;
}

/** A resend must carry the same salts: they are drawn from a secret that is kept beside the log, readable by its owner. */
async function publisherSecret(logUrl: string): Promise<Uint8Array> {
	const folder = logUrl.startsWith("file:") ? dirname(logUrl.slice("file:".length)) : ".assent";
	const path = join(folder, "publisher.secret");
	await mkdir(folder, { recursive: true });
	try {
		const file = await open(path, "wx", 0o600);
		await file.writeFile(randomBytes(32).toString("hex"));
		await file.close();
	} catch (thrown) {
		if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
	}
	return Buffer.from((await readFile(path, "utf8")).trim(), "hex");
}
