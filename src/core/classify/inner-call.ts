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

const PASSING = new Set(["tool", "tools", "mcp", "function", "call", "invoke", "dispatch", "proxy", "rpc", "jsonrpc"]);
const NAMES = new Set(["name", "tool", "toolname", "function", "functionname", "method"]);
const ARGUMENTS = new Set(["arguments", "args", "parameters", "params", "input", "toolinput", "kwargs", "payload"]);

/** Null where the call is one of its own. */
export function innerCall(args: JsonObject, hint: ToolHint): InnerCall | null {
	if (hint.isRunner || !hint.words.some((word) => PASSING.has(word))) return null;
	const keys = memberKeys(args);
	const name = keys.find((key) => NAMES.has(argumentName(key).letters) && typeof args[key] === "string");
	const key = keys.find((each) => ARGUMENTS.has(argumentName(each).letters) && isMap(args[each]));
	if (name === undefined || key === undefined) return null;
	return { tool: args[name] as string, args: args[key] as JsonObject, key };
}

const isMap = (value: unknown): boolean => value !== null && typeof value === "object" && !Array.isArray(value);
