/** Packages of others that a benchmark asks beside ours: fetched at the first run, into a temporary folder that later runs find. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The folder, with what `fetch` puts there once. Throws what `fetch` throws. */
export function fetched(name: string, packages: readonly string[], fetch: (folder: string) => void): string {
	const folder = join(tmpdir(), `assent-bench-${name}`);
	const marker = join(folder, "fetched");
	if (existsSync(marker)) return folder;
	mkdirSync(folder, { recursive: true });
	fetch(folder);
	writeFileSync(marker, packages.join("\n"));
	return folder;
}
