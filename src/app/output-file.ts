/**
 * A file that a command leaves under a name that people give. What it writes over is an earlier one of its kind, or empty: never a log, a
 * key or a policy whose name was given by mistake, and nothing that is no plain file.
 */
import { open, realpath, stat } from "node:fs/promises";
import { AssentError, problem } from "../core/base/errors.ts";
import { replaceFile } from "./file-change.ts";

/** How files of a kind are called in messages, and how every one of them begins: ASCII, the same in each version. */
export interface OutputKind {
	readonly noun: string;
	readonly beginning: string;
}

/**
 * Looks whether such a file may be put there, before there is anything to put; what is resolved puts it, and looks again. A link is followed.
 * Both throw ASSENT_USAGE where something else is under the name; writing throws what `replaceFile` does.
 */
export async function outputFile(path: string, kind: OutputKind): Promise<(text: string) => Promise<void>> {
	await placeOf(path, kind);
	return async (text) => replaceFile(await placeOf(path, kind), text);
}

/** Where it goes. */
async function placeOf(path: string, { noun, beginning }: OutputKind): Promise<string> {
	if (path === "") throw usage(`no file is named for the ${noun}`, "give it a name");
	const found = await stat(path).catch(() => null);
	if (path === "-")
		throw usage(`the ${noun} goes into a file, and \`-\` is none`, "name one; for one of that name write `./-`");
	// What hinders the file system from telling hinders it from writing, which says more about it.
	if (found === null) return path;
	if (!found.isFile()) {
		const what = found.isDirectory() ? "folder" : "device or pipe";
		throw usage(`\`${path}\` is a ${what}: the ${noun} cannot be put there`, "name a file");
	}
	if (found.size > 0 && (await beginningOf(path, beginning.length)) !== beginning) {
		throw usage(
			`\`${path}\` is there, and is no ${noun}: nothing is written over it`,
			"name another file, or remove it",
		);
	}
	return realpath(path);
}

/** Null where it cannot be read. */
async function beginningOf(path: string, bytes: number): Promise<string | null> {
	try {
		const file = await open(path);
		try {
			const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
			return buffer.toString("latin1", 0, bytesRead);
		} finally {
			await file.close();
		}
	} catch {
		return null;
	}
}

const usage = (message: string, help: string): AssentError => new AssentError(problem("ASSENT_USAGE", message, help));
