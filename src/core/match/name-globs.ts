/** Lists of globs over names: tools, tenants, agents, approvers. Style `text`, on the whole name. */
import { RE2JS } from "re2js";
import { visibleName } from "../base/no-width.ts";
import { foldText } from "../language/folding.ts";
import { readGlob } from "../language/glob-reader.ts";
import { toRe2 } from "./re2-syntax.ts";

export type NameTest = (name: string) => boolean;

/**
 * Does a name match one of the globs? Without regard to case, also where the name only looks like one that does. Globs must have
 * passed `readPattern`; one that has not matches nothing.
 * Plain names are looked up, `*` is everything, the rest is one linear-time expression.
 */
export function nameTest(globs: readonly string[], caseSensitive: boolean): NameTest {
	if (globs.includes("*")) return () => true;
	const form = caseSensitive ? (name: string): string => name : (name: string) => foldText(visibleName(name));
	const plain = new Set(globs.filter(isPlainName).map(form));
	const engines: RE2JS[] = [];
	for (const glob of globs) {
		if (isPlainName(glob)) continue;
		const tree = readGlob(glob, "text", !caseSensitive);
		if (tree.ok) engines.push(RE2JS.compile(toRe2(tree.value), RE2JS.DOTALL));
	}
	return (name) => {
		const seen = form(name);
		return plain.has(seen) || engines.some((engine) => engine.test(name) || (seen !== name && engine.test(seen)));
	};
}

/** A glob without any special character. */
export const isPlainName = (glob: string): boolean => !/[*?[\]{}()|\\!]/.test(glob);
