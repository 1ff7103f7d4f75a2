/** The files of the repository, as the tests in `test/repo/` walk them. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** What installing, building and running leave behind. */
const LEFT_OUT = new Set([
	"node_modules",
	"dist",
	"coverage",
	".git",
	".assent",
	".venv",
	"__pycache__",
	".mypy_cache",
]);

/** Paths of all files below `folder`, relative to the repository, sorted. */
export function filesBelow(folder: string): readonly string[] {
	const found: string[] = [];
	for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
		if (LEFT_OUT.has(entry.name) || entry.name.endsWith(".egg-info")) continue;
		const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
		if (entry.isDirectory()) found.push(...filesBelow(path));
		else if (entry.isFile()) found.push(path);
	}
	return found.sort();
}

export const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");

export const jsonOf = (path: string): unknown => JSON.parse(textOf(path));
