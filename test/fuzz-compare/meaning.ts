/** Leaves out of a random policy what the loader would refuse because it says nothing. */
import type { Json, JsonObject } from "../../src/core/base/json.ts";

/** Without what says nothing beside what was put there, and would be refused. */
export function meaningful(value: Json, key = "", isAudit = false): Json {
	if (Array.isArray(value)) return (value as readonly Json[]).map((item) => meaningful(item, key, isAudit));
	if (!isMap(value)) return value;
	const isIdle = isAudit || value["mode"] === "audit";
	const isMute = (name: string): boolean =>
		(name === "stage" && isIdle) ||
		(name === "approval" && key !== "hold" && value["effect"] !== "hold" && value["default"] !== "hold");
	return Object.fromEntries(
		Object.entries(value).flatMap(([name, member]) => (isMute(name) ? [] : [[name, meaningful(member, name, isIdle)]])),
	);
}

const isMap = (value: Json | undefined): value is JsonObject =>
	typeof value === "object" && value !== null && !Array.isArray(value);
