/** Which files and packages a file of `src/` loads, by its imports and by theirs. */
import { posix } from "node:path";
import { parse } from "es-module-lexer";
import { textOf } from "./repository.ts";

export interface ModuleGraph {
	/** Below `src/`, with slashes. */
	readonly files: ReadonlySet<string>;
	/** Names of packages; those of Node itself are left out. */
	readonly packages: ReadonlySet<string>;
}

/**
 * All that may ever be loaded, `await import(…)` too, or only what is loaded `at-once`; nothing of what `without` names. `init` of
 * es-module-lexer comes first.
 */
export function modulesOf(entry: string, when: "at-once" | "ever", without: readonly string[] = []): ModuleGraph {
	const files = new Set<string>(without);
	const packages = new Set<string>();
	const waiting = [entry];
	for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
		if (files.has(path)) continue;
		files.add(path);
		const [imports] = parse(textOf(`src/${path}`), path);
		for (const found of imports) {
			if (found.type === "import-meta" || found.specifier === undefined) continue;
			if (found.type === "dynamic" ? when === "at-once" : found.typeOnly) continue;
			const { specifier } = found;
			if (specifier.startsWith(".")) waiting.push(posix.join(posix.dirname(path), specifier));
			else if (!specifier.startsWith("node:")) packages.add(packageOf(specifier));
		}
	}
	for (const path of without) files.delete(path);
	return { files, packages };
}

const packageOf = (specifier: string): string => {
	const [scope = "", name = ""] = specifier.split("/");
	return scope.startsWith("@") ? `${scope}/${name}` : scope;
};
