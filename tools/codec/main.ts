/** Writes the codec's generated files where they differ: part of `npm run schemas`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codecFiles } from "./straight-line.ts";

const root = join(import.meta.dirname, "..", "..");

for (const { path, text } of codecFiles()) {
	const file = join(root, path);
	let before: string | null = null;
	try {
		before = readFileSync(file, "utf8");
	} catch {
		// Made now.
	}
	if (before === text) continue;
	writeFileSync(file, text);
	process.stdout.write(`${path}\n`);
}
