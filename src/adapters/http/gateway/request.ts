/** Requests as they come: bodies of strict JSON, and what does not have the documented form refused with a suggestion. */
import { isUtf8 } from "node:buffer";
import type { z } from "zod";
import { parseIJson } from "../../../core/base/canonical-json.ts";
import { AssentError, type Problem, problem } from "../../../core/base/errors.ts";
import type { Json } from "../../../core/base/json.ts";
import { suggest } from "../../../core/base/suggestion.ts";
import { cutTo } from "../../../core/model/bounds.ts";
import { keysAt, nameOf } from "../../../core/policy/schema-problems.ts";
import { refused } from "./problems.ts";

/** Bytes of a body. */
export const BODY_BYTES_MAX = 1_048_576;

/** Throws RECORD_JSON, RECORD_DEPTH and RECORD_OVERSIZED for what is not I-JSON, GATEWAY_REQUEST where there is nothing. */
export function readBody(bytes: Buffer): Json {
	if (bytes.length === 0)
		throw refused("the body is empty", "send a JSON object, with `content-type: application/json`");
	if (!isUtf8(bytes)) throw new AssentError(problem("RECORD_JSON", "the body is not UTF-8", "send JSON in UTF-8"));
	const read = parseIJson(bytes.toString("utf8"), { depthMax: 66, lengthMax: BODY_BYTES_MAX });
	if (read.ok) return read.value;
	const { code, message } = read.error;
	throw new AssentError(problem(code, `the body is no acceptable JSON: ${message}`, "send one JSON object (RFC 7493)"));
}

/** Where a value of the request is. */
export type Part = "body" | "query" | "path";

/** The value as the schema reads it. Throws GATEWAY_REQUEST with everything that is wrong. */
export function readPart<Schema extends z.ZodType>(part: Part, schema: Schema, value: unknown): z.output<Schema> {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, part, schema));
	const [first = problem("GATEWAY_REQUEST", `the ${part} cannot be read`), ...others] = problems.slice(0, PROBLEMS_MAX);
	throw new AssentError(first, {}, others);
}

const PROBLEMS_MAX = 20;

function problemsOf(issue: z.core.$ZodIssue, part: Part, schema: z.ZodType): readonly Problem[] {
	const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
	if (issue.code === "unrecognized_keys") {
		const known = keysAt(schema, path);
		return issue.keys.map((key) =>
			problem(
				"GATEWAY_REQUEST",
				`unknown key \`${cutTo(key, 64)}\` in ${path.length === 0 ? `the ${part}` : nameOf(path)}`,
				suggest(key, known),
			),
		);
	}
	const where = path.length === 0 ? `the ${part}` : nameOf(path);
	return [problem("GATEWAY_REQUEST", `${where}: ${lowered(issue.message)}`, "see /openapi.json")];
}

/** Zod's sentences begin with a capital. */
const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
