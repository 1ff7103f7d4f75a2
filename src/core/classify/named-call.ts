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
	return factOfCall(toolWords(name), programs.verbAmong(toolHint(name).verbs), { pointer, span, via }, settings);
}

/** Without a verb that is known it is the first word. */
export function factOfCall(
	words: readonly string[],
	known: string | undefined,
	{ pointer, span, via }: Place,
	settings: ReadonlyMap<string, string>,
): Fact {
	return { kind: "tool", pointer, span, via, has: attributesOfCall(words, known, settings) };
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

/** Of texts such as `name=value`. */
export const settingsOf = (pairs: readonly string[]): ReadonlyMap<string, string> =>
	new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
