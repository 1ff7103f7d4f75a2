/** A folder of static files, as any web server can hand it out. */
import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AssentError, problem } from "../core/base/errors.ts";
import type { PublicFolder } from "../ports/public-folder.ts";
import { makeFolder } from "./make-folder.ts";

/** Throws ASSENT_OUTPUT where a file cannot be read or written. What is there already as it should be is left alone. */
export function staticFolder(folder: string): PublicFolder {
	const read = async (path: string): Promise<Uint8Array | null> => {
		try {
			return await readFile(join(folder, path));
		} catch (thrown) {
			const { code } = thrown as NodeJS.ErrnoException;
			if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return null;
			throw unusable(folder, path, thrown);
		}
	};
	return {
		read,
		write: async (path, bytes) => {
			const there = await read(path);
			if (there !== null && Buffer.compare(there, bytes) === 0) return;
			const file = join(folder, path);
			const draft = `${file}.${randomBytes(6).toString("hex")}`;
			try {
				await makeFolder(dirname(file));
				await writeDurably(draft, bytes);
				await rename(draft, file);
			} catch (thrown) {
				throw unusable(folder, path, thrown);
			} finally {
				await rm(draft, { force: true }).catch(() => {});
			}
		},
		remove: async (path) => {
			await rm(join(folder, path), { recursive: true, force: true }).catch((thrown: unknown) => {
				throw unusable(folder, path, thrown);
			});
		},
	};
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
	const handle = await open(file, "wx", 0o644);
	try {
		await handle.writeFile(bytes);
		await handle.sync();
	} finally {
		await handle.close();
	}
}

const unusable = (folder: string, path: string, thrown: unknown): AssentError =>
	new AssentError(
		problem(
			"ASSENT_OUTPUT",
			`\`${join(folder, path)}\` cannot be read or written: ${(thrown as Error).message}`,
			"check the folder, and the disk: what is signed and not published yet is published by the next start",
		),
	);
