/** From a log's URL to an open log: `file:PATH` (embedded), `memory:` (this process only). */
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { openMemoryLog } from "../adapters/memory/log.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import type { Log } from "../ports/log.ts";

export const DEFAULT_LOG_URL = "file:.assent/log.db";

/** Throws ASSENT_USAGE for a URL that it does not know, and what the adapter throws. */
export async function openLog(url: string, options: { readonly create: boolean }): Promise<Log> {
	if (url.startsWith("file:")) {
		const path = resolve(url.slice("file:".length).replace(/^\/\/(?=\/)/, ""));
		if (options.create) await mkdir(dirname(path), { recursive: true });
		// Only who opens a log file pays for SQLite.
		const { openEmbeddedLog } = await import("../adapters/embedded/open.ts");
		return openEmbeddedLog({ path, create: options.create });
	}
	if (url === "memory:") return openMemoryLog();
	const help = "write `file:PATH`, for instance `--log file:.assent/log.db`";
	throw new AssentError(
		url.startsWith("kafka:")
			? problem("ASSENT_USAGE", `\`${url}\`: this version has no Kafka adapter yet`, help)
			: problem("ASSENT_USAGE", `\`${url}\` is not the URL of a log`, help),
	);
}
