/** Folders, made one by one: where the system says of each that it is not there and cannot be made (/proc), Node's own way never ends. */
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AssentError, problem } from "../core/base/errors.ts";

/** Makes the folder and those above it that are missing. Throws ASSENT_LOG_UNAVAILABLE. */
export async function makeFolder(folder: string): Promise<void> {
	for (const missing of await missingUpwards(resolve(folder))) {
		try {
			await mkdir(missing);
		} catch (thrown) {
			const { code, message } = thrown as NodeJS.ErrnoException;
			// Another process was first.
			if (code === "EEXIST") continue;
			const help = "name a log in a folder that you may write: `--log file:PATH`";
			throw new AssentError(
				problem("ASSENT_LOG_UNAVAILABLE", `the folder \`${missing}\` cannot be created: ${message}`, help),
			);
		}
	}
}

/** What is not there, the uppermost first. */
async function missingUpwards(folder: string): Promise<string[]> {
	const missing: string[] = [];
	for (let at = folder; !(await isThere(at)) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
	return missing;
}

const isThere = (path: string): Promise<boolean> =>
	stat(path).then(
		() => true,
		(thrown: NodeJS.ErrnoException) => thrown.code !== "ENOENT",
	);
