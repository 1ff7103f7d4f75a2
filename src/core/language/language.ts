/**
 * Languages: the sets of texts that patterns match, and what can be made of them. A language says nothing by itself; questions
 * about it are asked in questions.ts. The design is in docs/design/languages.md.
 */
import { once } from "../base/once.ts";
import { Automaton } from "./automaton.ts";
import type { GlobStyle } from "./glob-reader.ts";
import { positionGraph } from "./position-graph.ts";
import { SubsetStates } from "./subset-states.ts";
import type { SyntaxNode } from "./syntax.ts";

/**
 * What of a text its patterns read: the text as it is; the path that it is once normalised (path-text.ts); the name as it is or
 * as a person sees it (`visibleName`).
 */
export type Reading = "text" | "path" | "name";

/** The texts in which one of the patterns is found. */
export interface PatternLanguage {
	readonly kind: "patterns";
	readonly reading: Reading;
	readonly trees: readonly SyntaxNode[];
	/** Each tree as one text, to know it again by. */
	readonly spellings: () => readonly string[];
	readonly states: () => SubsetStates;
	/** Numbers that are kept of its automaton, once there is one. */
	readonly size: () => number;
}

export type Language =
	| PatternLanguage
	/** Without members: no text. */
	| { readonly kind: "union"; readonly of: readonly Language[] }
	/** Without members: every text. */
	| { readonly kind: "intersection"; readonly of: readonly Language[] }
	| { readonly kind: "complement"; readonly of: Language };

export const NOTHING: Language = { kind: "union", of: [] };

/** A pattern that was read: what `readPattern` gives is one. */
export interface ReadPattern {
	readonly kind: "substring" | "regex" | "glob";
	/** For globs; of no consequence for the others. */
	readonly style: GlobStyle;
	readonly tree: SyntaxNode;
}

/** The texts that a pattern matches: a substring or a regex somewhere in it, a glob as a whole. */
export const languageOf = ({ kind, style, tree }: ReadPattern): Language =>
	ofTrees(kind === "glob" && style === "path" ? "path" : "text", [tree]);

/** The texts in which one of these trees is found. */
export function ofTrees(reading: Reading, trees: readonly SyntaxNode[]): PatternLanguage {
	let states: SubsetStates | null = null;
	return {
		kind: "patterns",
		reading,
		trees,
		spellings: once(() => trees.map((tree) => JSON.stringify(tree))),
		states: () => {
			states ??= new SubsetStates(new Automaton(trees.map((tree) => positionGraph(tree, "forward"))));
			return states;
		},
		size: () => states?.size ?? 0,
	};
}

/** Numbers that are kept of the language: what it takes in memory grows with them. */
export function sizeOf(language: Language): number {
	switch (language.kind) {
		case "patterns":
			return language.size();
		case "union":
		case "intersection":
			return language.of.reduce((sum, member) => sum + sizeOf(member), 0);
		case "complement":
			return sizeOf(language.of);
	}
}

/** Patterns that read alike become one automaton, so that a long list costs one reading of a text and not one for each. */
export function union(languages: readonly Language[]): Language {
	const [only] = languages;
	if (only !== undefined && languages.length === 1) return only;
	const members = languages.flatMap((language) => (language.kind === "union" ? language.of : [language]));
	const patterns = members.filter((language) => language.kind === "patterns");
	const merged = [...Map.groupBy(patterns, ({ reading }) => reading)].map(([reading, list]) =>
		list.length === 1
			? (list[0] as Language)
			: ofTrees(
					reading,
					list.flatMap(({ trees }) => trees),
				),
	);
	const of = [...merged, ...members.filter((language) => language.kind !== "patterns")];
	return of.length === 1 ? (of[0] as Language) : { kind: "union", of };
}

export const intersection = (languages: readonly Language[]): Language =>
	languages.length === 1 ? (languages[0] as Language) : { kind: "intersection", of: languages };

export const complement = (language: Language): Language =>
	language.kind === "complement" ? language.of : { kind: "complement", of: language };

/** The texts of one language that are not in the other: what a pattern matches `unless` another does. */
export const difference = (language: Language, without: Language): Language =>
	intersection([language, complement(without)]);
