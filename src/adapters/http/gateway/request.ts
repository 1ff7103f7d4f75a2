/** Requests as they come: bodies of strict JSON, and what does not have the documented form refused with a suggestion. */
import { isUtf8 } from "node:buffer";
import type { z } from "zod";
import { type JsonCaps, parseIJson } from "../../../core/base/canonical-json.ts";
import { AssentError, type Problem, problem } from "../../../core/base/errors.ts";
import type { Json } from "../../../core/base/json.ts";
import { countMembers } from "../../../core/base/json-members.ts";
import { nearest, suggest } from "../../../core/base/suggestion.ts";
import { ARGS_DEPTH_MAX, ARGS_MEMBERS_MAX, cutTo } from "../../../core/model/bounds.ts";
import { keysAt, nameOf } from "../../../core/policy/schema-problems.ts";
import { refused } from "./problems.ts";

/** Bytes of a body. */
export const BODY_BYTES_MAX = 1_048_576;

/** Arguments that may be published fit, with what a call says beside them. */
const BODY_CAPS: JsonCaps = {
	depthMax: ARGS_DEPTH_MAX + 2,
	lengthMax: BODY_BYTES_MAX,
	membersMax: ARGS_MEMBERS_MAX + 100,
};

/**
 * Throws RECORD_JSON, RECORD_DEPTH, RECORD_MEMBERS and RECORD_OVERSIZED for what is not I-JSON, GATEWAY_REQUEST where there is nothing, and what
 * `count` throws, which is told how many members there are before anything is made of them.
 */
export async function readBody(bytes: Buffer, count: (members: number) => Promise<void>): Promise<Json> {
	if (bytes.length === 0)
		throw refused("the body is empty", "send a JSON object, with `content-type: application/json`");
	if (!isUtf8(bytes)) throw new AssentError(problem("RECORD_JSON", "the body is not UTF-8", "send JSON in UTF-8"));
	const text = bytes.toString("utf8");
	// Of more than are read nothing is made.
	const members = countMembers(text, BODY_CAPS.membersMax);
	if (members <= BODY_CAPS.membersMax) await count(members);
	const read = parseIJson(text, BODY_CAPS);
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
	const { issues } = parsed.error;
	const unknown = issues.flatMap((issue) => unknownKeys(issue, part, schema));
	const meant = new Set(unknown.map(({ meant }) => meant));
	const others = issues.flatMap((issue) => otherFault(issue, part, { value, meant }));
	const [first = problem("GATEWAY_REQUEST", `the ${part} cannot be read`), ...rest] = [
		...unknown.map(({ fault }) => fault),
		...others,
	].slice(0, PROBLEMS_MAX);
	throw new AssentError(first, {}, rest);
}

const PROBLEMS_MAX = 20;

interface UnknownKey {
	readonly fault: Problem;
	/** The path of the key that was probably meant; empty: none. */
	readonly meant: string;
}

function unknownKeys(issue: z.core.$ZodIssue, part: Part, schema: z.ZodType): readonly UnknownKey[] {
	if (issue.code !== "unrecognized_keys") return [];
	const path = pathOf(issue);
	const known = keysAt(schema, path);
	return issue.keys.map((key) => {
		const near = nearest(key, known);
		const message = `unknown key \`${cutTo(key, 64)}\` in ${placeOf(path, part)}`;
		return {
			fault: problem("GATEWAY_REQUEST", message, suggest(key, known)),
			meant: near === null ? "" : nameOf([...path, near]),
		};
	});
}

/** Nothing where a key is missing that is there with a slip in its name: that problem says it all. */
function otherFault(
	issue: z.core.$ZodIssue,
	part: Part,
	{ value, meant }: { readonly value: unknown; readonly meant: ReadonlySet<string> },
): readonly Problem[] {
	if (issue.code === "unrecognized_keys") return [];
	const path = pathOf(issue);
	const where = placeOf(path, part);
	if (path.length === 0 || valueAt(value, path) !== undefined) {
		return [problem("GATEWAY_REQUEST", `${where}: ${lowered(issue.message)}`, HELP)];
	}
	return meant.has(nameOf(path)) ? [] : [problem("GATEWAY_REQUEST", `${where} is missing in the ${part}`, HELP)];
}

const HELP = "see /openapi.json";

const pathOf = (issue: z.core.$ZodIssue): (string | number)[] =>
	issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));

const placeOf = (path: readonly (string | number)[], part: Part): string =>
	path.length === 0 ? `the ${part}` : nameOf(path);

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
	let at = value;
	for (const step of path) {
		if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
		at = (at as Readonly<Record<string | number, unknown>>)[step];
	}
	return at;
}

/** Zod's sentences begin with a capital. */
const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
