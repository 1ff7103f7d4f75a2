/** Rules as one text each: two that are spelled alike say the same, whatever they are called and wherever they are written. */
import type { CompiledPatternRule } from "../../policy/rules.ts";

/** Where things are written, whom they name, and trees, which follow from the texts beside them. */
const LEFT_OUT = new Set(["place", "tree", "fired", "doubts", "tools"]);

export const spelled = (value: unknown): string =>
	JSON.stringify(value, (name, part: unknown) => {
		if (LEFT_OUT.has(name)) return undefined;
		return typeof part === "bigint" ? `${part}n` : part;
	});

/** What a rule fires on, of the calls of tools that it is about. */
export const spellingOf = (rule: CompiledPatternRule): string =>
	spelled([rule, rule.doubts?.missing != null, rule.doubts?.unreadable != null]);
