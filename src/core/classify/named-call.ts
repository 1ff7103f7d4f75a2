/** What something is named after that is called inside a call: a field of a GraphQL mutation, the action of a cloud's API. */
import type { Fact, Place } from "./fact.ts";
import type { Programs } from "./programs.ts";
import { compounds, toolHint } from "./tool-hint.ts";
import { headsOf, singular, toolWords } from "./tool-words.ts";

/** The fact of a tool of that name; `settings` are its short values by name, in lower case. */
export function namedCall(
	name: string,
	{ pointer, span, via }: Place,
	programs: Programs,
	settings: ReadonlyMap<string, string> = new Map(),
): Fact {
	const words = toolWords(name);
	const has = attributesOfCall(words, programs.verbAmong(toolHint(name).verbs), settings);
	return { kind: "tool", pointer, span, via, has };
}

/** Without a verb that is known it is the first word. */
export function attributesOfCall(
	words: readonly string[],
	known: string | undefined,
	settings: ReadonlyMap<string, string>,
): Fact["has"] {
	const verb = known ?? words[0];
	return {
		words,
		head: headsOf(words, verb),
		verb: verb === undefined ? [] : [verb],
		action: words,
		object: [...words, ...words.map(singular), ...compounds(words)],
		arg: [...settings.keys()],
		value: [...settings.values()],
		values: [...settings].map(([key, value]) => `${key}=${value}`),
	};
}
