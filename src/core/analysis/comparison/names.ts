/** Names of tools, tenants and agents as languages, and the kinds of names that lists tell apart. */
import { NO_WIDTH } from "../../base/unseen.ts";
import {
	complement,
	difference,
	intersection,
	type Language,
	NOTHING,
	ofTrees,
	union,
} from "../../language/language.ts";
import type { ShortestText } from "../../language/questions.ts";
import { languageOfNames } from "../../language/readings.ts";
import {
	ANY_RUNE,
	complement as allBut,
	contains,
	type RuneSet,
	runes,
	union as runesOf,
	SPACE,
} from "../../language/rune-set.ts";
import { any, choice, one, type SyntaxNode, sequence } from "../../language/syntax.ts";
import { holds } from "../../language/term-search.ts";
import type { NameList } from "../../match/name-globs.ts";
import type { ToolSet } from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import { knownLanguage } from "./known-languages.ts";
import { spelled } from "./spelling.ts";

/** Names that a call can have: not empty, and without control characters. */
export const NAMES: Language = ofTrees("text", [
	sequence([
		{ kind: "assert", what: "start" },
		any(allBut(runesOf(runes(0, 0x1f), runes(0x7f, 0x9f))), 1),
		{ kind: "assert", what: "end" },
	]),
]);

/**
 * A list that ignores case holds what only looks like one of its names. Where its globs say which letters they want, those names
 * are a language of texts as they are, which can be compared exactly with lists of any kind.
 */
export function languageOfList(list: NameList): Language {
	const { caseSensitive, globs } = list;
	return knownLanguage(`names ${spelled([caseSensitive, globs])}`, () => readList(list));
}

/** Names of the tools that one of the sets holds. */
export const languageOfTools = (sets: readonly ToolSet[]): Language =>
	union(
		sets.map(({ names, except }) =>
			except === null ? languageOfList(names) : difference(languageOfList(names), languageOfList(except)),
		),
	);

function readList(list: NameList): Language {
	if (list.globs.length === 0) return NOTHING;
	if (list.caseSensitive) return languageOfNames(list);
	const trees = list.globs.map(({ tree }) => lookalikes(tree));
	return trees.includes(null) ? languageOfNames(list) : ofTrees("text", trees as SyntaxNode[]);
}

const FULL_WIDTH_OFFSET = 0xfee0;
const unseen = any(NO_WIDTH);
const padding = any(runesOf(NO_WIDTH, SPACE));

/** Null for a glob that asks for any one letter: what that is depends on what is seen. */
function lookalikes(tree: SyntaxNode): SyntaxNode | null {
	switch (tree.kind) {
		case "sequence":
			return allOf(tree.items, sequence);
		case "choice":
			return allOf(tree.options, choice);
		case "repeat":
			return tree.min === 0 && tree.max === null && isAny(tree.item) ? tree : null;
		case "set":
			return isPlain(tree.set) ? sequence([one(runesOf(tree.set, ...wideOf(tree.set))), unseen]) : null;
		case "empty":
			return tree;
		case "assert":
			return tree.what === "start" ? sequence([tree, padding]) : sequence([padding, tree]);
	}
}

function allOf(items: readonly SyntaxNode[], join: (items: readonly SyntaxNode[]) => SyntaxNode): SyntaxNode | null {
	const read = items.map(lookalikes);
	return read.includes(null) ? null : join(read as SyntaxNode[]);
}

const isAny = (node: SyntaxNode): boolean => node.kind === "set" && node.set.join() === ANY_RUNE.join();

/** Printable ASCII, and the two letters beyond it that fold to such. */
const PLAIN = runesOf(runes(0x21, 0x7e), runes(0x17f), runes(0x212a));

const isPlain = (set: RuneSet): boolean => runesOf(set, PLAIN).join() === PLAIN.join();

/** Full-width forms of the ASCII letters of a set. */
function wideOf(set: RuneSet): readonly RuneSet[] {
	const wide: RuneSet[] = [];
	for (let rune = 0x21; rune <= 0x7e; rune++) if (contains(set, rune)) wide.push(runes(rune + FULL_WIDTH_OFFSET));
	return wide;
}

/** Names that the same lists hold. */
export interface NameKind {
	/** By list. */
	readonly isIn: readonly boolean[];
	/** One of them; null where none was found and none could be ruled out. */
	readonly sample: string | null;
}

interface OpenKind extends NameKind {
	readonly positive: readonly Language[];
	readonly negative: readonly Language[];
}

/** Finds the kinds of names that lists tell apart. */
export class NameKinds {
	readonly #asker: Asker;

	constructor(asker: Asker) {
		this.#asker = asker;
	}

	/** Null: there are more than `max`. Samples are none of those that are avoided, where that can be. */
	of(
		lists: readonly Language[],
		{ max, avoided = NOTHING }: { readonly max: number; readonly avoided?: Language },
	): readonly NameKind[] | null {
		const all = { positive: [NAMES], negative: [] };
		let kinds: readonly OpenKind[] = [{ ...all, isIn: [], sample: this.#sampleOf(all) ?? null }];
		for (const list of lists) {
			kinds = kinds.flatMap((kind) => this.#split(kind, list));
			if (kinds.length > max) return null;
		}
		return kinds.map((kind) => {
			if (kind.sample === null || !holds(avoided, kind.sample)) return kind;
			const better = this.#sampleOf({ ...kind, negative: [...kind.negative, avoided] });
			return { ...kind, sample: better ?? kind.sample };
		});
	}

	/** The parts of a kind that are in the list and not in it, as far as there are such names. */
	#split(kind: OpenKind, list: Language): readonly OpenKind[] {
		const { isIn, positive, negative, sample } = kind;
		const asker = this.#asker;
		const within = (more: Partial<OpenKind>): OpenKind => ({ ...kind, ...more, isIn: [...isIn, true] });
		const without = (more: Partial<OpenKind>): OpenKind => ({ ...kind, ...more, isIn: [...isIn, false] });
		// Most lists hold another one, or have nothing to do with it.
		if (positive.some((other) => asker.inclusion(other, list).is === "included")) return [within({})];
		if (positive.some((other) => isDisjoint(other, list, asker))) return [without({})];
		if (negative.some((other) => asker.inclusion(list, other).is === "included")) return [without({})];
		const inner = {
			positive: [...positive.filter((other) => asker.inclusion(list, other).is !== "included"), list],
			negative: negative.filter((other) => !isDisjoint(list, other, asker)),
		};
		const outer = {
			positive,
			negative: [...negative.filter((other) => asker.inclusion(other, list).is !== "included"), list],
		};
		// The name that is known of the kind is in one of the parts.
		const isSampleIn = sample === null ? null : holds(list, sample);
		const innerSample = isSampleIn === true ? sample : this.#sampleOf(inner);
		const outerSample = isSampleIn === false ? sample : this.#sampleOf(outer);
		return [
			...(innerSample === undefined ? [] : [within({ ...inner, sample: innerSample })]),
			...(outerSample === undefined ? [] : [without({ ...outer, sample: outerSample })]),
		];
	}

	/** Undefined: there is none; null: nobody knows. */
	#sampleOf(kind: Pick<OpenKind, "positive" | "negative">): string | null | undefined {
		return sampleOf(this.#asker.shortest(languageOfKind(kind)));
	}
}

/** Groups of principals have many kinds in common. */
const languageOfKind = ({ positive, negative }: Pick<OpenKind, "positive" | "negative">): Language =>
	knownLanguage(`kind ${positive.map(numberOf)} ${negative.map(numberOf)}`, () =>
		intersection([...positive, ...negative.map(complementOf)]),
	);

function numberOf(language: Language): number {
	const number = numbers.get(language) ?? nextNumber++;
	numbers.set(language, number);
	return number;
}

const numbers = new WeakMap<Language, number>();
let nextNumber = 0;

const isDisjoint = (one: Language, other: Language, asker: Asker): boolean =>
	asker.inclusion(one, complementOf(other)).is === "included";

/** One for each language, so that questions about it are known again. */
const complements = new WeakMap<Language, Language>();

function complementOf(language: Language): Language {
	const known = complements.get(language) ?? complement(language);
	complements.set(language, known);
	return known;
}

function sampleOf(found: ShortestText): string | null | undefined {
	switch (found.is) {
		case "text":
			return found.text;
		case "none":
			return undefined;
		case "unknown":
			return null;
	}
}
