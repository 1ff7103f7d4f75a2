/** The line that `decide` and `submit` read: `{id?, tenant?, agent?, session?, tool, args, estimate?, usage?, at?}`. */

import type { DecidedCall } from "../app/decide-loop.ts";
import type { Json, JsonObject } from "../core/base/json.ts";
import { err, ok, type Result } from "../core/base/result.ts";
import { readArguments } from "../core/codec/arguments.ts";
import { readUsage } from "../core/codec/reported-usage.ts";
import type { Usage } from "../core/model/inputs.ts";

/** Other keys are ignored: lines of recordings and data sets can be used as they are. `unnamed` is the id of a line without one. */
export function readCallLine(line: JsonObject, unnamed: string): Result<DecidedCall, string> {
	const name = (key: string, fallback: string): string | null => {
		const value = line[key];
		if (value === undefined) return fallback;
		if (typeof value === "number" && key === "id") return String(value);
		return typeof value === "string" && value.length > 0 && value.length <= 256 ? value : null;
	};
	const id = name("id", unnamed);
	const tenant = name("tenant", "default");
	const agent = name("agent", "default");
	const session = name("session", "default");
	if (id === null || tenant === null || agent === null || session === null) {
		return err("`id`, `tenant`, `agent` and `session` are texts of 1 to 256 characters");
	}
	const tool = line["tool"];
	if (typeof tool !== "string" || tool.length === 0 || tool.length > 256) {
		return err("`tool` is missing, or is not a text of 1 to 256 characters");
	}
	const args = line["args"] ?? {};
	if (!isObject(args)) return err("`args` is not an object");
	// Read as the library reads them, so that the command accepts and refuses the same calls.
	const plain = readArguments(args);
	if (!plain.ok) return err(`\`args\` are not plain JSON: ${plain.error.message}`);
	const estimate = amounts(line["estimate"], "estimate");
	if (!estimate.ok) return estimate;
	const usage = amounts(line["usage"], "usage");
	if (!usage.ok) return usage;
	const at = line["at"];
	if (at !== undefined && !isCount(at)) return err("`at` is not a whole number of milliseconds");
	const onBehalfOf = line["onBehalfOf"];
	return ok({
		id,
		tenant,
		agent,
		session,
		onBehalfOf: typeof onBehalfOf === "string" ? onBehalfOf : null,
		tool,
		args: plain.value.args,
		estimate: { tokens: estimate.value.tokens ?? 0, costMicros: estimate.value.costMicros ?? 0 },
		usage: usage.value,
		at: at === undefined ? null : at,
	});
}

const isObject = (value: Json): value is JsonObject =>
	value !== null && typeof value === "object" && !Array.isArray(value);

/** A count below what the ledger can write. */
const isCount = (value: Json | undefined): value is number =>
	typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < Number.MAX_SAFE_INTEGER;

/** What a line says was used. A member that it leaves out is unknown; one that cannot be read is an error of the line. */
export function amounts(value: Json | undefined, key: string): Result<Usage, string> {
	const { usage, faults } = readUsage(value);
	if (faults.length === 0) return ok(usage);
	return err(faults.map(({ member, why }) => `\`${member === "usage" ? key : `${key}.${member}`}\` ${why}`).join("; "));
}
