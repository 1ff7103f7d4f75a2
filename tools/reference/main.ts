/** `npm run docs`: writes the generated pages of docs/reference where they differ. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { referencePages } from "./pages.ts";

const root = join(import.meta.dirname, "..", "..");
for (const { path, text } of await referencePages()) {
	const file = join(root, path);
	if ((await readFile(file, "utf8").catch(() => null)) === text) continue;
	await writeFile(file, text);
	process.stdout.write(`${path}\n`);
}
