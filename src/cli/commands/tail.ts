/** `assent tail`: the records of a topic, decoded. */
import { Command, InvalidArgumentError, Option } from "commander";
import { visible } from "../../core/base/safe-text.ts";
import { suggest } from "../../core/base/suggestion.ts";
import type { DeadLetter } from "../../core/model/records.ts";
import { type TailedRecord, tail, tailedJson } from "../../operations/tail.ts";
import { TOPICS } from "../../ports/log/log.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";

interface TailCommandOptions extends GlobalOptions {
	readonly from: "start" | "end" | number;
	readonly partition?: number;
	readonly follow?: boolean;
	readonly jsonl?: boolean;
}

export function tailCommand(context: Context): Command {
	const command = new Command("tail")
		.summary("print the records of a topic, decoded")
		.description(
			"Prints the records of a topic: intents, control, decisions, violations, checkpoints, replies, policies, snapshots, dead-letters. Records of `decisions` say whether they are valid. Times are UTC. With `--from end` nothing before the end is read but a few records of each partition, which tell who writes the ledger now.",
		)
		.argument("<topic>", "topic name, without prefix")
		.addOption(new Option("--from <where>", "start, end or an offset").default("start").argParser(whereFrom))
		.option("--partition <n>", "only this partition", wholeNumber)
		.option("-f, --follow", "go on with what is written from now on")
		.option(
			"--jsonl",
			"print JSON lines: {topic, partition, offset, time, headers, value}, of `decisions` with `valid`",
		)
		.addHelpText("after", "\nExample:\n  assent tail violations --follow\n");
	return logOptions(command).action(async (topic: string, options: TailCommandOptions) => {
		checkTopic(topic);
		await context.reading(options, async (log) => {
			const { from, partition, follow = false } = options;
			const records = tail(log, {
				topic,
				from,
				follow,
				signal: context.stop,
				...(partition === undefined ? {} : { partition }),
			});
			context.undone = "the rest was not printed";
			for await (const record of records) {
				context.print(options.jsonl === true ? tailedJson(record) : summary(record));
			}
			if (context.stop.aborted && !follow) context.interrupted();
		});
	});
}

/** A name that no deployment has is a slip of the pen; one with a dot may be somebody's own, such as `replies.gateway-1` or `re-audit.pr-17`. */
function checkTopic(topic: string): void {
	const known: readonly string[] = Object.values(TOPICS);
	if (known.includes(topic) || topic.includes(".")) return;
	throw usage(`there is no topic \`${visible(topic)}\``, suggest(topic, known));
}

function whereFrom(text: string): "start" | "end" | number {
	return text === "start" || text === "end" ? text : wholeNumber(text);
}

function wholeNumber(text: string): number {
	const value = Number(text);
	if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("a whole number is expected.");
	return value;
}

/** `2026-02-03T12:00:00.123Z  violations/3@17  pattern.matched  baseline/no-rm-root  acme/coder  shell`. */
function summary(record: TailedRecord): string {
	const time = new Date(record.time).toISOString();
	const mark = record.valid === false ? "  VOID" : "";
	return `${time}  ${record.topic}/${record.partition}@${record.offset}${mark}  ${factsOf(record.value).join("  ")}`;
}

/** The fields by which people recognise a record, whatever its type. */
function factsOf(value: unknown): string[] {
	if (value === null || typeof value !== "object") return [];
	const of = value as Record<string, unknown>;
	if (of["type"] === "record.dead") {
		const { topic, partition, offset, code, detail } = value as DeadLetter;
		return [code, `of ${topic}/${partition}@${offset}`, detail];
	}
	const at = (key: string): string =>
		typeof of[key] === "string" || typeof of[key] === "number" ? String(of[key]) : "";
	const call = (of["call"] ?? of["principal"] ?? {}) as Record<string, unknown>;
	const decision = (of["decision"] ?? {}) as { reasons?: readonly { code: string; policy: string; rule: string }[] };
	const [reason] = decision.reasons ?? (of["reasons"] as typeof decision.reasons) ?? [];
	const who = [call["tenant"], call["agent"], call["session"] ?? of["session"]].filter(
		(part) => typeof part === "string" && part !== "",
	);
	return [
		at("kind") || at("type"),
		at("unreadable"),
		at("difference"),
		of["recordedVerdict"] === undefined ? at("verdict") || at("vote") : `${at("recordedVerdict")} → ${at("verdict")}`,
		at("code") || reason?.code || "",
		of["policy"] ? `${at("policy")}/${at("rule")}` : reason?.policy ? `${reason.policy}/${reason.rule}` : "",
		who.join("/"),
		typeof call["tool"] === "string" ? call["tool"] : at("tool"),
		typeof call["id"] === "string" ? call["id"] : at("id"),
		at("message"),
		...(of["type"] === "claim" ? [at("instance"), at("claimId").slice(0, 8)] : []),
	].filter((fact) => fact !== "");
}
