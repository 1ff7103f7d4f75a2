/** Lists of globs over names: tools, tenants, agents, approvers. Style `text`, on the whole name. */
import { visibleName } from "../base/unseen.ts";
import { foldText } from "../language/folding.ts";
import { isPlainName, readGlob } from "../language/glob-reader.ts";
import type { SyntaxNode } from "../language/syntax.ts";
import { TreeSearch } from "./tree-search.ts";

/** A glob over names, as it was written and as it was read. */
export interface NameGlob {
	readonly text: string;
	readonly tree: SyntaxNode;
}

/**
 * The names that one of the globs matches. Without regard to case, also those that only look like one that matches
 * (`visibleName`).
 */
export interface NameList<Glob extends NameGlob = NameGlob> {
	readonly caseSensitive: boolean;
	readonly globs: readonly Glob[];
}

export type NameTest = (name: string) => boolean;

/** Null for a glob that `readPattern` refuses. */
export function readNameGlob(text: string, caseSensitive: boolean): NameGlob | null {
	const tree = readGlob(text, "text", !caseSensitive);
	return tree.ok ? { text, tree: tree.value } : null;
}

/** Plain names are looked up, `*` is everything, the rest is searched for. */
export function nameTestOf({ globs, caseSensitive }: NameList): NameTest {
	if (globs.some(({ text }) => text === "*")) return () => true;
	const form = caseSensitive ? (name: string): string => name : (name: string) => foldText(visibleName(name));
	const plain = new Set<string>();
	const searches: TreeSearch[] = [];
	for (const { text, tree } of globs) {
		if (isPlainName(text)) plain.add(form(text));
		else searches.push(new TreeSearch(tree));
	}
	return (name) => {
		const seen = form(name);
		return plain.has(seen) || searches.some((search) => isIn(search, name) || (seen !== name && isIn(search, seen)));
	};
}

const isIn = (search: TreeSearch, name: string): boolean => search.begin(name, "any", undefined) >= 0;

/** Does a name match one of the globs? A glob that `readPattern` refuses matches nothing. */
export const nameTest = (globs: readonly string[], caseSensitive: boolean): NameTest =>
	nameTestOf({ caseSensitive, globs: globs.flatMap((text) => readNameGlob(text, caseSensitive) ?? []) });
