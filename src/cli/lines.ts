/** JSON lines from a stream: one I-JSON object each, bad lines as values, never the whole input in memory. */
import type { Readable } from "node:stream";
import { parseIJson } from "../core/base/canonical-json.ts";
import type { JsonObject } from "../core/base/json.ts";
import { err, ok, type Result } from "../core/base/result.ts";

export interface Line {
	/** From 1. */
	readonly number: number;
	readonly read: Result<JsonObject, string>;
}

/** Lines of a chunk at a time, so that the caller can work through them without a promise for each. Empty lines are passed over. */
export async function* readLines(from: Readable): AsyncGenerator<readonly Line[]> {
	let rest = "";
	let number = 0;
	from.setEncoding("utf8");
	for await (const chunk of from) {
		const texts = (rest + (chunk as string)).split("\n");
		rest = texts.pop() ?? "";
		const lines: Line[] = [];
		for (const text of texts) {
			number += 1;
			if (text.trim() !== "") lines.push({ number, read: readObject(text) });
		}
		if (lines.length > 0) yield lines;
	}
	if (rest.trim() !== "") yield [{ number: number + 1, read: readObject(rest) }];
}

function readObject(text: string): Result<JsonObject, string> {
	const parsed = parseIJson(text);
	if (!parsed.ok) return err(parsed.error.message);
	const { value } = parsed;
	if (value === null || typeof value !== "object" || Array.isArray(value)) return err("the line is not a JSON object");
	return ok(value as JsonObject);
}
