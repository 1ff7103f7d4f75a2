/**
 * Versions of a text as files of a folder, of which each is made once, by whichever process comes first: a finished file is given its
 * name by a link, which the system makes or refuses as a whole. There is no lock that a process could leave behind when it is killed.
 */
import { randomBytes } from "node:crypto";
import { link, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AssentError, problem } from "../core/base/errors.ts";
import type { VersionedText } from "../ports/versioned-text.ts";
import { makeFolder } from "./make-folder.ts";
import { readNamedText } from "./named-file.ts";

/** So many stay: whoever was held up must find one that is later than the one it is about to make. */
const KEPT = 64;

/** Throws ASSENT_OUTPUT where the folder cannot be written. */
export function versionedFile(folder: string): VersionedText {
	return {
		latest: async () => {
			const version = (await versionsIn(folder)).at(-1);
			if (version === undefined) return null;
			const read = await readNamedText(fileOf(folder, version));
			if (!read.ok) throw new AssentError(read.error);
			return { version, text: read.value };
		},
		add: async (version, text) => {
			await makeFolder(folder);
			const draft = join(folder, `draft-${randomBytes(6).toString("hex")}`);
			try {
				await writeDurably(draft, text);
				if (!(await linked(draft, fileOf(folder, version)))) return false;
				const versions = await versionsIn(folder);
				// Others have gone on since, so far that this number was free again.
				if (versions.at(-1) !== version) {
					await rm(fileOf(folder, version), { force: true });
					return false;
				}
				await syncFolder(folder);
				for (const old of versions.slice(0, -KEPT)) await rm(fileOf(folder, old), { force: true });
				return true;
			} catch (thrown) {
				throw unwritable(folder, thrown);
			} finally {
				await rm(draft, { force: true }).catch(() => {});
			}
		},
	};
}

const fileOf = (folder: string, version: number): string => join(folder, `${String(version).padStart(12, "0")}.json`);

/** Ascending. */
async function versionsIn(folder: string): Promise<readonly number[]> {
	const names = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
		if (thrown.code === "ENOENT") return [];
		throw unwritable(folder, thrown);
	});
	return names
		.flatMap((name) => /^(\d{12})\.json$/.exec(name)?.[1] ?? [])
		.map(Number)
		.sort((one, other) => one - other);
}

async function writeDurably(file: string, text: string): Promise<void> {
	const handle = await open(file, "wx", 0o600);
	try {
		await handle.writeFile(text);
		await handle.sync();
	} finally {
		await handle.close();
	}
}

async function linked(draft: string, file: string): Promise<boolean> {
	try {
		await link(draft, file);
		return true;
	} catch (thrown) {
		if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw thrown;
	}
}

/** What was linked is there after the machine has stopped. Windows syncs no folders. */
async function syncFolder(folder: string): Promise<void> {
	if (process.platform === "win32") return;
	const handle = await open(folder, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

const unwritable = (folder: string, thrown: unknown): AssentError =>
	new AssentError(
		problem(
			"ASSENT_OUTPUT",
			`\`${folder}\` cannot be written: ${(thrown as Error).message}`,
			"check the folder, and the disk",
		),
	);
