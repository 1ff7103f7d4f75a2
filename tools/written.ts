/** Generated files, written where they differ from what is there. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** `path` is from the project's root. Prints what it writes. */
export async function writeWhereDifferent(
	files: readonly { readonly path: string; readonly text: string }[],
): Promise<void> {
	for (const { path, text } of files) {
		const file = join(root, path);
		if ((await readFile(file, "utf8").catch(() => null)) === text) continue;
		await writeFile(file, text);
		process.stdout.write(`${path}\n`);
	}
}
