/**
 * Paths into a call's arguments as authors write them: `args.command`, `args.headers.*`, `args.a\.b`.
 *
 * Steps are separated by `.`; `*` stands for any one key or index; `\` before `.`, `*` or `\` means the character itself.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { pointerOf } from "../base/json-pointer.ts";
import { err, ok, type Result } from "../base/result.ts";

/** Any one key or index. Plain data, for compiled rules go from thread to thread. */
export const ANY_STEP = null;

/** Steps below `args`; an empty list is all of the arguments. */
export type ArgumentPath = readonly (string | typeof ANY_STEP)[];

export interface PathFault {
	readonly message: string;
	readonly help: string;
}

export function parseArgumentPath(text: string): Result<ArgumentPath, PathFault> {
	const slip = slipIn(text);
	if (slip !== null) return err(slip);
	const steps: (string | typeof ANY_STEP)[] = [];
	for (const raw of text.match(STEP) ?? []) {
		if (raw === "*") steps.push(ANY_STEP);
		else if (/(?<!\\)(?:\\\\)*\*/.test(raw) || raw === "") return err(badStep(text));
		else steps.push(raw.replace(/\\([.*[\\])/g, "$1"));
	}
	if (!WELL_FORMED.test(text) || steps[0] !== "args") return err(badStep(text));
	return ok(steps.slice(1));
}

const STEP = /(?:\\[.*[\\]|[^.\\])+/g;
const WELL_FORMED = /^args(?:\.(?:\\[.*[\\]|[^.\\])+)*$/;

/** Paths of other notations, and spaces that nobody sees: they would name keys that no call has. */
function slipIn(text: string): PathFault | null {
	const message = `\`${text.slice(0, 60)}\` is not a path into the arguments`;
	if (text.trim() !== text) {
		return { message: `\`${text.slice(0, 60)}\` begins or ends with a space`, help: `write \`${text.trim()}\`` };
	}
	const [, root, rest] =
		/^(arg|argument|arguments|params|parameters|input|inputs|tool_input|Args)\.(.+)$/.exec(text) ?? [];
	if (root !== undefined) return { message, help: `write \`args.${rest}\`: \`args\` are the call's arguments` };
	if (/^[A-Za-z_]\w*$/.test(text) && text !== "args") return { message, help: `write \`args.${text}\`` };
	if (/,\s*args\b/.test(text)) {
		return { message, help: `write \`${text.replace(/\s*,\s*/g, " | ")}\`, or a list` };
	}
	if (text.endsWith("#keys"))
		return { message, help: `write \`${text.slice(0, -5).replace(/(?<!\*)$/, ".*")}#key\` for the keys in it` };
	if (text.startsWith("tool.")) return { message, help: "write `tool` for the tool's name, or `args.NAME`" };
	if (text.startsWith("$.") || text.startsWith("/")) {
		return { message, help: `write \`args.${text.replace(/^[$/.]+/, "").replaceAll("/", ".")}\`` };
	}
	if (/(?<!\\)\[/.test(text)) {
		const dotted = text.replace(
			/(?<!\\)\[(?:["']?)([^\]"']*)(?:["']?)\]/g,
			(_, step: string) => `.${step === "" ? "*" : step}`,
		);
		return {
			message: `\`${text.slice(0, 60)}\` has a bracket: an index is a step like a key`,
			help: `write \`${dotted}\`; \`\\[\` is a bracket in a key`,
		};
	}
	return null;
}

const badStep = (text: string): PathFault => ({
	message: `\`${text.slice(0, 60)}\` is not a path into the arguments`,
	help: "write `args`, `args.command` or `args.*.path`; `*` is a whole step, `\\.` a dot in a key",
});

/** Is the place at the first `depth` of the `steps` the one that the path names, or below it? */
export function covers(path: ArgumentPath, steps: readonly string[], depth = steps.length): boolean {
	if (depth < path.length) return false;
	for (let index = 0; index < path.length; index++) {
		if (path[index] !== ANY_STEP && path[index] !== steps[index]) return false;
	}
	return true;
}

/** Pointers of all values that the path names in these arguments; null if there are more than `max`. */
export function resolvePath(path: ArgumentPath, args: JsonObject, max: number): readonly string[] | null {
	const found: string[] = [];
	const isWithin = resolveInto(found, args, path, [], max);
	return isWithin ? found : null;
}

function resolveInto(found: string[], value: Json, path: ArgumentPath, steps: readonly string[], max: number): boolean {
	const step = path[steps.length];
	if (step === undefined) {
		found.push(pointerOf(steps));
		return found.length <= max;
	}
	if (value === null || typeof value !== "object") return true;
	const members = value as { readonly [key: string]: Json };
	if (step !== ANY_STEP) {
		const own = Object.hasOwn(members, step) && !(Array.isArray(value) && step === "length");
		return own ? resolveInto(found, members[step] as Json, path, [...steps, step], max) : true;
	}
	for (const key of Object.keys(members)) {
		if (!resolveInto(found, members[key] as Json, path, [...steps, key], max)) return false;
	}
	return true;
}
