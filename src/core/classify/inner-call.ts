/** Calls of tools that only pass a call on: `call_tool {name, arguments}`, JSON-RPC's `tools/call`. */
import type { JsonObject } from "../base/json.ts";
import { argumentName, memberKeys } from "./argument-names.ts";
import type { ToolHint } from "./tool-hint.ts";

export interface InnerCall {
	readonly tool: string;
	readonly args: JsonObject;
	/** The member that holds the arguments. */
	readonly key: string;
}

const PASSING = new Set([
	"tool",
	"tools",
	"mcp",
	"function",
	"call",
	"invoke",
	"dispatch",
	"proxy",
	"rpc",
	"jsonrpc",
	"api",
	"action",
	"operation",
	"execute",
	"run",
]);
const NAMES = new Set([
	"name",
	"tool",
	"toolname",
	"function",
	"functionname",
	"method",
	"operationid",
	"action",
	"actionname",
]);
/** Names that are of nothing else, so that a tool that runs whatever it is given may have them. */
const SURE_NAMES = new Set(["tool", "toolname", "function", "functionname", "operationid"]);
const HTTP = /^(?:get|head|post|put|patch|delete|options)$/i;
const ARGUMENTS = new Set(["arguments", "args", "parameters", "params", "input", "toolinput", "kwargs", "payload"]);

/** Null where the call is one of its own. */
export function innerCall(args: JsonObject, hint: ToolHint): InnerCall | null {
	if (!hint.words.some((word) => PASSING.has(word))) return null;
	const keys = memberKeys(args);
	const names = hint.isRunner ? SURE_NAMES : NAMES;
	const name = keys.find((key) => names.has(argumentName(key).letters) && isName(args[key]));
	if (name === undefined) return null;
	for (const key of keys) {
		const inner = ARGUMENTS.has(argumentName(key).letters) ? mapOf(args[key]) : null;
		if (inner !== null) return { tool: args[name] as string, args: inner, key };
	}
	return null;
}

const WRAPPERS = new Set([
	"arguments",
	"args",
	"parameters",
	"params",
	"input",
	"toolinput",
	"kwargs",
	"request",
	"req",
]);

/** Alone, these are nothing else. */
const SOLE_WRAPPERS = new Set([...WRAPPERS, "options", "payload", "body", "config", "spec"]);

/** Arguments that stand in one member of their own, beside numbers and short names at most: `{params: {…}, timeout: 30}`. */
export function wrappedArguments(args: JsonObject): { readonly args: JsonObject; readonly key: string } | null {
	const keys = Object.keys(args);
	if (keys.length === 0 || keys.length > WRAPPED_BESIDE_MAX) return null;
	const wrappers = keys.length === 1 ? SOLE_WRAPPERS : WRAPPERS;
	const key = keys.find((one) => wrappers.has(argumentName(one).letters) && isMap(args[one]));
	if (key === undefined || !keys.every((one) => one === key || isPlain(args[one]))) return null;
	return { args: args[key] as JsonObject, key };
}

const WRAPPED_BESIDE_MAX = 5;

const isMap = (value: unknown): value is JsonObject =>
	typeof value === "object" && value !== null && !Array.isArray(value);

const isPlain = (value: unknown): boolean =>
	value === null || typeof value === "number" || (typeof value === "boolean" && !value) || isLabel(value);

/** The number of a request or a session. */
const isLabel = (value: unknown): boolean => typeof value === "string" && /^(?=.*\d)[\w-]{1,64}$/.test(value);

const isName = (value: unknown): boolean =>
	typeof value === "string" && /^[\w./:-]{3,80}$/.test(value) && !HTTP.test(value);

/** A map, or the text of one, also in base64. */
function mapOf(value: unknown): JsonObject | null {
	if (isMap(value)) return value;
	if (typeof value !== "string" || value.length > TEXT_MAX) return null;
	const text = /^\s*\{/.test(value) ? value : /^ey[\w+/=-]+$/.test(value) ? base64Text(value) : "";
	if (!text.trimEnd().endsWith("}")) return null;
	try {
		return JSON.parse(text) as JsonObject;
	} catch {
		return null;
	}
}

const base64Text = (text: string): string => Buffer.from(text, "base64").toString("utf8");

/** UTF-16 units. */
const TEXT_MAX = 65_536;
