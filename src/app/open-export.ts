/** An export as a log that is only read, once each of its files was found to be what the manifest says. */
import { createHash } from "node:crypto";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { openFrozenLog } from "../adapters/embedded/open.ts";
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import { exportFault, LOG_FILE, MANIFEST_FILE, type Manifest, readManifest } from "../export/manifest.ts";
import type { Log, LogRecord } from "../ports/log/log.ts";
import { interrupted } from "../reading/partition-view.ts";

/** Of a file that is hashed, at a time. */
const HASHED_BYTES = 1024 * 1024;

/** Files that are told of by name, of those that are missing or damaged. */
const TOLD_MAX = 20;

export interface OpenExportOptions {
	/** Whether the files were compared with the manifest already, by whoever began this thread. */
	readonly isChecked?: boolean;
	/** Told of bytes as they are read for that, and of how many there are. */
	readonly onBytes?: (bytes: number, total: number) => void;
	/** Ends the reading. */
	readonly signal?: AbortSignal;
}

/**
 * Throws ASSENT_FILE_MISSING, ASSENT_EXPORT with each file that is missing, damaged or not named in the manifest, ASSENT_LOG_VERSION for one of a newer version,
 * ASSENT_STOPPED, and what opening a log file throws.
 */
export const openExport = async (folder: string, options: OpenExportOptions = {}): Promise<Log> =>
	(await openWithManifest(folder, options)).log;

/** The same, with what the export says of itself. */
export async function openWithManifest(
	folder: string,
	options: OpenExportOptions = {},
): Promise<{ readonly log: Log; readonly manifest: Manifest }> {
	const manifest = await manifestOf(folder);
	if (options.isChecked !== true) await checkFiles(folder, manifest, options);
	const log = await openFrozenLog({ path: join(folder, LOG_FILE), url: `export:${resolve(folder)}` });
	return { log: withUnreadable(log, manifest), manifest };
}

/** What the export says of itself; its files are not looked at. Throws ASSENT_FILE_MISSING, ASSENT_EXPORT and ASSENT_LOG_VERSION. */
export async function manifestOf(folder: string): Promise<Manifest> {
	const where = join(folder, MANIFEST_FILE);
	try {
		// Of a pipe nobody knows when it ends.
		if (!(await stat(where)).isFile()) throw exportFault(`\`${where}\` is no file`);
		return readManifest(await readFile(where, "utf8"), `\`${where}\``);
	} catch (thrown) {
		if (thrown instanceof AssentError) throw thrown;
		const { code, message } = thrown as NodeJS.ErrnoException;
		if (code !== "ENOENT" && code !== "ENOTDIR") throw exportFault(`\`${where}\` cannot be read: ${message}`);
	}
	const isThere = await stat(folder).then(
		(found) => found.isDirectory(),
		() => false,
	);
	if (isThere) throw exportFault(`\`${folder}\` is no export, or was not finished: it has no \`${MANIFEST_FILE}\``);
	throw new AssentError(
		problem(
			"ASSENT_FILE_MISSING",
			`there is no folder \`${folder}\``,
			"name the folder that `assent audit export DIR` has made: `export:DIR`",
			{ file: folder },
		),
	);
}

/** Reads every file. */
async function checkFiles(
	folder: string,
	{ files }: Manifest,
	{ onBytes, signal }: Omit<OpenExportOptions, "isChecked">,
): Promise<void> {
	const faults: string[] = [];
	const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
	const read = (bytes: number): void => {
		onBytes?.(bytes, total);
		if (signal?.aborted === true) throw interrupted();
	};
	if (!files.some(({ path }) => path === LOG_FILE)) faults.push(`\`${MANIFEST_FILE}\` names no \`${LOG_FILE}\``);
	const listed = new Set([MANIFEST_FILE, ...files.map(({ path }) => path)]);
	for (const path of await everythingIn(folder))
		if (!listed.has(path))
			faults.push(`\`${join(folder, path)}\` is no part of the export: \`${MANIFEST_FILE}\` does not name it`);
	for (const { path, bytes, sha256 } of files) {
		const fault = await faultOf(join(folder, path), { bytes, sha256 }, read);
		if (fault !== null) faults.push(`\`${join(folder, path)}\` ${fault}`);
	}
	const [first, ...others] = faults;
	if (first === undefined) return;
	const more =
		others.length > TOLD_MAX ? [`${others.length - TOLD_MAX} more files are missing, damaged or too many`] : [];
	const told: readonly Problem[] = [...others.slice(0, TOLD_MAX), ...more].map((why) => exportFault(why).problem);
	throw new AssentError(exportFault(first).problem, {}, told);
}

/** Paths of all that is no folder. */
async function everythingIn(folder: string): Promise<readonly string[]> {
	const found = await readdir(folder, { recursive: true, withFileTypes: true });
	return found
		.filter((each) => !each.isDirectory())
		.map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll("\\", "/"))
		.sort();
}

/** The end of a sentence that begins with the file; null where it is as it was. */
async function faultOf(
	file: string,
	{ bytes, sha256 }: Pick<Manifest["files"][number], "bytes" | "sha256">,
	onBytes: (bytes: number) => void,
): Promise<string | null> {
	try {
		const found = await stat(file);
		if (!found.isFile()) return "is no file";
		const { size } = found;
		if (size !== bytes)
			return `has ${size} bytes, and its manifest says ${bytes}: it is not the file that was exported`;
		return (await sha256Of(file, onBytes)) === sha256
			? null
			: "is not the file that was exported: its SHA-256 is another";
	} catch (thrown) {
		if (thrown instanceof AssentError) throw thrown;
		const { code, message } = thrown as NodeJS.ErrnoException;
		return code === "ENOENT" || code === "ENOTDIR" ? "is missing" : `cannot be read: ${message}`;
	}
}

/** 64 hex digits. Throws what the file system says, and what `onBytes` throws, which is told of bytes as they are read. */
export async function sha256Of(file: string, onBytes?: (bytes: number) => void): Promise<string> {
	const hash = createHash("sha256");
	const handle = await open(file, "r");
	try {
		// One buffer for all of the file: what a stream allocates for each read lies about until it is collected, 100 MB of it and more.
		const { size } = await handle.stat();
		const buffer = Buffer.allocUnsafeSlow(Math.min(HASHED_BYTES, size + 1));
		for (;;) {
			const { bytesRead } = await handle.read(buffer, 0, buffer.length);
			if (bytesRead === 0) return hash.digest("hex");
			hash.update(buffer.subarray(0, bytesRead));
			onBytes?.(bytesRead);
		}
	} finally {
		await handle.close();
	}
}

/** Records that the log which was exported could not read are as unreadable as they were there. */
function withUnreadable(log: Log, { topics }: Manifest): Log {
	const known = new Map<string, string>();
	for (const { name, partitions } of topics)
		for (const [partition, { unreadable = [] }] of partitions.entries())
			for (const { offset, why } of unreadable) known.set(`${name}/${partition}@${offset}`, why);
	if (known.size === 0) return log;
	const marked = (record: LogRecord): LogRecord => {
		const unreadable = known.get(`${record.topic}/${record.partition}@${record.offset}`);
		return unreadable === undefined ? record : { ...record, unreadable };
	};
	return {
		url: log.url,
		questions: log.questions,
		append: (...of) => log.append(...of),
		read: async (...of) => (await log.read(...of)).map(marked),
		bounds: (of) => log.bounds(of),
		waitFor: (...of) => log.waitFor(...of),
		assign: (...of) => log.assign(...of),
		admin: () => log.admin(),
		close: () => log.close(),
	};
}
