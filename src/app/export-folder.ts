/**
 * Folders and files that are there under their name only once they are whole. They are filled beside that, in a folder `NAME.partial`, which
 * is removed by whoever cannot finish it, and after a crash by the next that begins.
 */
import { link, lstat, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AssentError, problem } from "../core/base/errors.ts";
import type { PublicFolder } from "../ports/public-folder.ts";
import { makeFolder } from "./make-folder.ts";

/** In a folder that is not whole: the id of the process that fills it. */
const MARK = "unfinished";

/**
 * Runs `fill` on the folder that is going to be `folder`. What it throws leaves nothing behind. Throws ASSENT_USAGE where there is something
 * under the name, or another process fills the same, and ASSENT_OUTPUT where the disk is full or the folder cannot be written.
 */
export const fillFolder = <Out>(folder: string, fill: (draft: string) => Promise<Out>): Promise<Out> =>
	fillBeside(folder, fill, async (draft, goal) => {
		await rm(join(draft, MARK));
		await syncFolders(draft);
		await rename(draft, goal);
	});

/** The same of a file: `fill` is told where to make it. */
export const fillFile = <Out>(file: string, fill: (draft: string) => Promise<Out>): Promise<Out> =>
	fillBeside(
		file,
		(draft) => fill(join(draft, basename(file))),
		async (draft, goal) => {
			await placeFile(join(draft, basename(file)), goal);
			await rm(draft, { recursive: true });
		},
	);

async function fillBeside<Out>(
	named: string,
	fill: (draft: string) => Promise<Out>,
	place: (draft: string, goal: string) => Promise<void>,
): Promise<Out> {
	const goal = resolve(named);
	const draft = `${goal}.partial`;
	if (await isThere(goal))
		throw usage(`there is something at \`${named}\` already`, "name what is not there yet, or remove it");
	try {
		await makeFolder(dirname(goal));
		await clear(draft);
		await mkdir(draft, { mode: 0o700 });
	} catch (thrown) {
		throw (thrown as NodeJS.ErrnoException).code === "EEXIST"
			? usage(`\`${draft}\` is being filled at this moment`, "wait for it, or name another")
			: asOutput(named, thrown);
	}
	filledHere.add(draft);
	try {
		await writeFile(join(draft, MARK), `${process.pid}\n`);
		const result = await fill(draft);
		await place(draft, goal);
		await syncFolder(dirname(goal));
		return result;
	} catch (thrown) {
		await rm(draft, { recursive: true, force: true });
		throw asOutput(named, thrown);
	} finally {
		filledHere.delete(draft);
	}
}

/** What this process fills. */
const filledHere = new Set<string>();

/** A link never takes the place of another file; where there are none (FAT), a rename after a look. */
async function placeFile(draft: string, goal: string): Promise<void> {
	try {
		await link(draft, goal);
	} catch (thrown) {
		if (await isThere(goal)) throw thrown;
		await rename(draft, goal);
	}
}

/** Takes away what a process has left behind that is no more. */
async function clear(draft: string): Promise<void> {
	if (await isThere(draft)) {
		const mark = await readFile(join(draft, MARK), "utf8").catch(() => null);
		if (mark === null)
			throw usage(`there is something at \`${draft}\`, where it is filled before it is whole`, "remove it");
		if (isRunning(Number(mark), draft))
			throw usage(`process ${mark.trim()} fills \`${draft}\` at this moment`, "wait for it, or name another");
		await rm(draft, { recursive: true, force: true });
	}
}

/** A process may have the id of an earlier one, as in a container that was restarted. */
function isRunning(pid: number, draft: string): boolean {
	if (pid === process.pid) return filledHere.has(draft);
	// The mark was not written any more.
	if (!Number.isSafeInteger(pid) || pid <= 0) return false;
	try {
		return process.kill(pid, 0);
	} catch (thrown) {
		return (thrown as NodeJS.ErrnoException).code === "EPERM";
	}
}

/** Files of a folder that nobody reads yet: they are made durable together, once all are there. */
export function draftFolder(folder: string): PublicFolder {
	return {
		read: (path) => readFile(join(folder, path)).catch(() => null),
		write: async (path, bytes) => {
			const file = join(folder, path);
			await mkdir(dirname(file), { recursive: true });
			await writeFile(file, bytes);
		},
		remove: (path) => rm(join(folder, path), { recursive: true, force: true }),
	};
}

/** The files below a folder, relative to it, with slashes, in an order of their own; without the mark. */
export async function filesIn(folder: string): Promise<readonly string[]> {
	const found = await readdir(folder, { recursive: true, withFileTypes: true });
	return found
		.filter((each) => each.isFile())
		.map((each) =>
			join(each.parentPath, each.name)
				.slice(folder.length + 1)
				.replaceAll("\\", "/"),
		)
		.filter((path) => path !== MARK)
		.sort();
}

/** Its content survives the machine. */
export async function syncFile(file: string): Promise<void> {
	const handle = await open(file, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

async function syncFolders(folder: string): Promise<void> {
	for (const each of await readdir(folder, { recursive: true, withFileTypes: true }))
		if (each.isDirectory()) await syncFolder(join(each.parentPath, each.name));
	await syncFolder(folder);
}

/** Where folders cannot be opened (Windows) there is no need. */
async function syncFolder(folder: string): Promise<void> {
	if (process.platform !== "win32") await syncFile(folder);
}

const isThere = (path: string): Promise<boolean> =>
	lstat(path).then(
		() => true,
		(thrown: NodeJS.ErrnoException) => thrown.code !== "ENOENT" && thrown.code !== "ENOTDIR",
	);

const usage = (message: string, help: string): AssentError => new AssentError(problem("ASSENT_USAGE", message, help));

/** What the disk says of the folder; anything else as it is. */
function asOutput(folder: string, thrown: unknown): unknown {
	const { code, syscall, message } = thrown as NodeJS.ErrnoException;
	const isFull = code === "ENOSPC" || code === "ASSENT_LOG_FULL";
	if (!isFull && syscall === undefined) return thrown;
	return new AssentError(
		problem(
			"ASSENT_OUTPUT",
			isFull
				? `there is no space left for \`${folder}\`, of which nothing is kept`
				: `\`${folder}\` cannot be written: ${message}`,
			isFull ? "free space, or name one on another disk" : "check its folder, and the disk",
		),
	);
}
