/** Lists of globs over names: tools, tenants, agents, approvers. Style `text`, on the whole name. */
import { RE2JS } from "re2js";
import { foldText } from "./folding.ts";
import { readGlob } from "./glob-reader.ts";
import { toRe2 } from "./re2-syntax.ts";

export type NameTest = (name: string) => boolean;

/**
 * Does a name match one of the globs? Globs must have passed `readPattern`; one that has not matches nothing.
 * Plain names are looked up, `*` is everything, the rest is one linear-time expression.
 */
export function nameTest(globs: readonly string[], caseSensitive: boolean): NameTest {
	if (globs.includes("*")) return () => true;
	const form = caseSensitive ? (name: string): string => name : foldText;
	const plain = new Set(globs.filter(isPlainName).map(form));
	const engines: RE2JS[] = [];
	for (const glob of globs) {
		if (isPlainName(glob)) continue;
		const tree = readGlob(glob, "text", !caseSensitive);
		if (tree.ok) engines.push(RE2JS.compile(toRe2(tree.value), RE2JS.DOTALL));
	}
	if (engines.length === 0) return (name) => plain.has(form(name));
	return (name) => plain.has(form(name)) || engines.some((engine) => engine.test(name));
}

/** A glob without any special character. */
export const isPlainName = (glob: string): boolean => !/[*?[\]{}()|\\!]/.test(glob);
