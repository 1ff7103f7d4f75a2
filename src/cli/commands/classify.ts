/** `assent classify`: calls on stdin, the threat categories of each on stdout, in order. No policy, no log. */
import { once } from "node:events";
import { Command } from "commander";
import { counted } from "../../core/base/count-text.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { err, ok, type Result } from "../../core/base/result.ts";
import { visible } from "../../core/base/safe-text.ts";
import { type ClassifiedCall, classify, shippedRules } from "../../core/classify/classify.ts";
import { tagsOf } from "../../core/classify/tags.ts";
import type { Context } from "../context.ts";
import { type Line, readLines } from "../input/lines.ts";
import { noteNothingRead, noteTerminal } from "../input/terminal.ts";
import { Seldom } from "../output/seldom.ts";

interface ClassifyOptions {
	readonly jsonl?: boolean;
	readonly rules?: boolean;
}

export function classifyCommand(context: Context): Command {
	return new Command("classify")
		.summary("say what calls from stdin would do: threat categories and facts")
		.description(
			"Reads one call per line from stdin, {id?, tool, args}, and prints for each, in order, its headline category and all categories that apply, with the confidence of each (0 to 100); with `--jsonl` also the rules that say so, and the facts that were read. `dangerous` says that destructive_data, data_exfiltration, privilege_escalation, system_modification or code_execution applies with a confidence of 50 or more. Nothing is run, looked up or sent. A line that cannot be read is answered by an error line and makes the exit code 2.",
		)
		.option("--jsonl", "one JSON object per line: {id, category, categories, dangerous, confidence, tags, facts}")
		.option("--rules", "print the digest of the rule pack, and read nothing")
		.action(async (options: ClassifyOptions) => {
			if (options.rules === true) {
				context.print(shippedRules().digest);
				return;
			}
			const { stdin, stdout } = context.streams;
			context.undone = "the lines not yet read were not classified";
			const answer = options.jsonl === true ? jsonAnswer : textAnswer;
			noteTerminal(context);
			const seldom = new Seldom();
			let count = 0;
			for await (const lines of readLines(stdin, context.stop)) {
				const read = lines.map(readCall);
				if (!read.every(({ call }) => call.ok)) context.exitCode = 2;
				if (!stdout.write(read.map(answer).join(""))) await once(stdout, "drain");
				count += lines.length;
				// On a terminal the answers show how far it is.
				if (stdout.isTTY !== true && seldom.isDue()) context.progress(`${counted(count, "call")} classified`);
			}
			context.progress(null);
			if (context.stop.aborted) context.interrupted();
			else if (count === 0) noteNothingRead(context);
		});
}

interface ReadCall {
	/** As it was given; the line's number, as a text, where it names none. */
	readonly id: string | number;
	readonly call: Result<ClassifiedCall, string>;
}

/** Keys beside `id`, `tool` and `args` say nothing about what the call would do. */
function readCall({ number, read }: Line): ReadCall {
	const bad = (message: string, id: string | number = String(number)): ReadCall => ({
		id,
		call: err(`line ${number}: ${message}`),
	});
	if (!read.ok) return bad(read.error);
	const { id = String(number), tool, args } = read.value;
	if (typeof id !== "string" && typeof id !== "number") return bad("`id` is neither a text nor a number");
	if (typeof tool !== "string" || tool === "") return bad("`tool` is not the name of a tool", id);
	if (args === null || typeof args !== "object" || Array.isArray(args)) {
		return bad('`args` is not an object: write `"args":{}` for a call without arguments', id);
	}
	return { id, call: ok({ tool, args: args as JsonObject }) };
}

function jsonAnswer({ id, call }: ReadCall): string {
	if (!call.ok) return `${JSON.stringify({ id, error: call.error })}\n`;
	const { category, categories, dangerous, confidence, facts } = classify(call.value);
	return `${JSON.stringify({ id, category, categories, dangerous, confidence, tags: tagsOf(categories), facts })}\n`;
}

function textAnswer({ id, call }: ReadCall): string {
	if (!call.ok) return `${visible(call.error)}\n`;
	const { category, categories, dangerous } = classify(call.value);
	const all = categories.map((each) => `${each.category} ${each.confidence}`).join(", ");
	return `${visible(String(id))}  ${dangerous ? "dangerous" : "harmless"}  ${category}  (${all})\n`;
}
