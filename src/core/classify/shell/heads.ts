/** The programs that one command of a pipeline begins with, without reading it: for those that stand before it. */
import type { CommandNode } from "unbash";
import { isWrapper } from "./wrappers.ts";

/** Words that are looked at behind a wrapper. */
const WORDS_MAX = 4;

export function firstProgram(node: CommandNode): readonly string[] {
	if (node.type === "Redirected") return firstProgram(node.command);
	if (node.type !== "Command" || node.name === undefined) return NONE;
	const name = baseName(node.name.value);
	if (!isWrapper(name)) return [name];
	const words = node.suffix.flatMap((each) =>
		each.type === "Word" && /^[\w./-]+$/.test(each.value) && !each.value.startsWith("-") ? [each.value] : [],
	);
	return [name, ...words.slice(0, WORDS_MAX).map(baseName)];
}

export function baseName(path: string): string {
	const slash = path.lastIndexOf("/");
	const name = slash < 0 ? path : path.slice(slash + 1);
	return name.length > 4 && name.toLowerCase().endsWith(".exe") ? name.slice(0, -4).toLowerCase() : name;
}

const NONE: readonly string[] = [];
