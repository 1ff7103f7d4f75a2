/**
 * Files that people name: read as a whole, and written.
 *
 * No call waits in the system, where no signal reaches it: a pipe (`<(…)`, `/dev/stdin`, `mkfifo`) is opened without waiting for
 * whoever writes to it, and its bytes are taken as they come. Devices and sockets are not opened at all.
 */
import { isUtf8 } from "node:buffer";
import { close, constants, fstat, open, readFile } from "node:fs";
import { type FileHandle, open as openHandle, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { promisify } from "node:util";
import { type Problem, problem } from "../core/base/errors.ts";
import { err, ok, type Result } from "../core/base/result.ts";
import { SOURCE_LENGTH_MAX } from "../core/model/bounds.ts";

/** More than the longest text that a policy may have. A pipe may have no end. */
export const FILE_BYTES_MAX = 3 * SOURCE_LENGTH_MAX;

/** Windows has no such flag. */
const { O_NONBLOCK = 0 } = constants;

/** Of UTF-8, without a byte order mark. A problem is ASSENT_FILE_MISSING or ASSENT_FILE_UNREADABLE. Never throws. */
export async function readNamedText(path: string): Promise<Result<string, Problem>> {
	const bytes = await readNamedFile(path);
	if (!bytes.ok) return bytes;
	if (!isUtf8(bytes.value)) return err(unreadable(path, `\`${path}\` is not UTF-8`, "save it as UTF-8"));
	return ok(bytes.value.toString("utf8").replace(/^\ufeff/, ""));
}

/** A regular file or a pipe, of at most FILE_BYTES_MAX bytes. A problem is ASSENT_FILE_MISSING or ASSENT_FILE_UNREADABLE. Never throws. */
export async function readNamedFile(path: string): Promise<Result<Buffer, Problem>> {
	try {
		const found = await stat(path);
		if (!(found.isFile() || found.isFIFO())) return err(notAFile(path, found));
		const file = await promisify(open)(path, constants.O_RDONLY | O_NONBLOCK);
		const opened = await promisify(fstat)(file);
		// Takes the file over, and closes it.
		if (opened.isFIFO()) return await readPipe(path, file);
		try {
			if (!opened.isFile()) return err(notAFile(path, opened));
			return opened.size > FILE_BYTES_MAX ? err(tooLarge(path)) : ok(await promisify(readFile)(file));
		} finally {
			await promisify(close)(file);
		}
	} catch (thrown) {
		return err(fileProblem(path, thrown));
	}
}

async function readPipe(path: string, file: number): Promise<Result<Buffer, Problem>> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of new Socket({ fd: file, readable: true, writable: false })) {
		chunks.push(chunk as Buffer);
		bytes += (chunk as Buffer).length;
		if (bytes > FILE_BYTES_MAX) return err(tooLarge(path));
	}
	return ok(Buffer.concat(chunks));
}

/**
 * Puts `text` in place of what the file holds, or, with `isNew`, into a file that is not there yet; with `isSecret` its owner alone can
 * read a file that is made.
 * Throws what the file system says.
 */
export async function writeNamedFile(
	path: string,
	text: string,
	{ isNew = false, isSecret = false }: { readonly isNew?: boolean; readonly isSecret?: boolean } = {},
): Promise<void> {
	const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC } = constants;
	const flags = O_WRONLY | O_CREAT | O_NONBLOCK | (isNew ? O_EXCL : O_TRUNC);
	const file: FileHandle = await openHandle(path, flags, isSecret ? 0o600 : 0o666);
	try {
		await file.writeFile(text);
	} finally {
		await file.close();
	}
}

/** What the file system says of a path, as a problem. */
export function fileProblem(path: string, thrown: unknown): Problem {
	const { code, message } = thrown as NodeJS.ErrnoException;
	if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") {
		const help =
			path === "-"
				? "what comes on stdin is named `/dev/stdin`"
				: "check the path, which is read from the folder you are in; a link may lead to nothing";
		return problem("ASSENT_FILE_MISSING", `there is no file or folder \`${path}\``, help, { file: path });
	}
	return unreadable(path, `\`${path}\` cannot be read: ${message}`, "check its permissions");
}

function notAFile(path: string, found: { isDirectory(): boolean; isSocket(): boolean }): Problem {
	if (found.isDirectory()) return unreadable(path, `\`${path}\` is a folder`, "name a file in it");
	const noun = found.isSocket() ? "socket" : "device";
	return unreadable(path, `\`${path}\` is a ${noun}, which is not read`, "name a file, or a pipe such as `<(command)`");
}

const tooLarge = (path: string): Problem =>
	unreadable(path, `\`${path}\` has more than ${FILE_BYTES_MAX} bytes`, "is it the file that you meant?");

const unreadable = (path: string, message: string, help: string): Problem =>
	problem("ASSENT_FILE_UNREADABLE", message, help, { file: path });
