/**
 * Files of our own that are put in place as a whole, so that readers see the old or the new. Changes of one that others change, too, come
 * one after the other: whoever changes it makes `FILE.lock` first, as git does, reads, writes into the lock, and renames it into place,
 * so that no change is made from what was read before another.
 */
import { randomBytes } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AssentError, problem } from "../core/base/errors.ts";
import type { DurationMs } from "../core/model/units.ts";
import { pause } from "../ports/pause.ts";
import { makeFolder } from "./make-folder.ts";
import { writeNamedFile } from "./named-file.ts";

const TURN_WITHIN_MS: DurationMs = 5_000;
const LOOK_EVERY_MS: DurationMs = 20;

/**
 * Puts `text` in place of what the file holds, or makes it; its owner alone can read it. Of two that do it at once the later one has said
 * it. Throws ASSENT_OUTPUT where the disk is full, and ASSENT_FILE_UNREADABLE where the file cannot be written otherwise.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
	await makeFolderOf(file);
	const draft = `${file}.${randomBytes(6).toString("hex")}`;
	try {
		await renamed(draft, text, file);
	} finally {
		// What made the writing fail may make this fail, too.
		await rm(draft, { force: true }).catch(() => {});
	}
}

/**
 * `change` is handed nothing: it reads the file itself, and gives the file's new text, or null where it stays as it is. What is made can be
 * read by its owner alone. Throws as `replaceFile`, ASSENT_FILE_UNREADABLE where its turn does not come, and what `change` throws.
 */
export async function changeFile<Out>(
	file: string,
	change: () => Promise<{ readonly text: string | null; readonly result: Out }>,
): Promise<Out> {
	await makeFolderOf(file);
	const lock = `${file}.lock`;
	await takeTurn(file, lock);
	try {
		const { text, result } = await change();
		if (text !== null) await renamed(lock, text, file);
		return result;
	} finally {
		await rm(lock, { force: true });
	}
}

async function makeFolderOf(file: string): Promise<void> {
	try {
		await makeFolder(dirname(file));
	} catch (thrown) {
		throw unwritable(file, thrown);
	}
}

async function takeTurn(file: string, lock: string): Promise<void> {
	const end = performance.now() + TURN_WITHIN_MS;
	for (;;) {
		try {
			await writeNamedFile(lock, "", { isNew: true, isSecret: true });
			return;
		} catch (thrown) {
			if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(file, thrown);
			if (performance.now() > end) throw taken(file, lock);
			await pause(LOOK_EVERY_MS);
		}
	}
}

async function renamed(draft: string, text: string, file: string): Promise<void> {
	try {
		await writeNamedFile(draft, text, { isSecret: true });
		await rename(draft, file);
	} catch (thrown) {
		throw unwritable(file, thrown);
	}
}

function unwritable(file: string, thrown: unknown): AssentError {
	const { code, message } = thrown as NodeJS.ErrnoException;
	if (code === "ENOSPC" || code === "EDQUOT") {
		const help = "free space, or name one on another disk";
		return new AssentError(problem("ASSENT_OUTPUT", `there is no space left for \`${file}\``, help));
	}
	const why = thrown instanceof AssentError ? thrown.problem.message : message;
	const help = "name a file in a folder that you may write";
	return new AssentError(problem("ASSENT_FILE_UNREADABLE", `\`${file}\` cannot be written: ${why}`, help));
}

const taken = (file: string, lock: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_FILE_UNREADABLE",
			`\`${file}\` is being changed by another process, or one has died while it changed it`,
			`where no other runs, remove \`${lock}\``,
		),
	);
