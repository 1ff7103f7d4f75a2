/** Names of the sockets on which processes are woken. They are beside the log, or in the folder for temporary files. */
import { createHash, randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** Unix sockets take 104 to 108 bytes, with the final zero. */
const PATH_BYTES = 100;

/** A name that no other process has; null where every name would be too long. */
export function wakeSocketPath(logPath: string, folder = tmpdir()): string | null {
	const own = randomBytes(6).toString("hex");
	if (process.platform === "win32") return `\\\\.\\pipe\\assent-${hashOf(logPath)}-${own}`;
	const candidates = [`${logPath}.${own}.sock`, join(folder, `assent-${hashOf(logPath)}-${own}.sock`)];
	return candidates.find((path) => Buffer.byteLength(path) <= PATH_BYTES) ?? null;
}

/** Whether `path`, which came out of a file, is a name that `wakeSocketPath` gives: only such files may be removed. */
export function isWakeSocket(path: string, logPath: string, folder = tmpdir()): boolean {
	const name = basename(path);
	const own = "[0-9a-f]{12}\\.sock$";
	if (dirname(path) === dirname(logPath) && name.startsWith(`${basename(logPath)}.`))
		return new RegExp(`^${own}`).test(name.slice(basename(logPath).length + 1));
	return dirname(path) === folder && new RegExp(`^assent-${hashOf(logPath)}-${own}`).test(name);
}

/**
 * Whether `path`, which came out of a file that anybody may have written, can be a process's wake-up socket, which may have
 * opened the log by another path: nothing else is connected to, so that a file cannot aim this process at other programs.
 */
export const mayBeWakeSocket = (path: string): boolean =>
	process.platform === "win32"
		? /^\\\\\.\\pipe\\assent-[0-9a-f]{8}-[0-9a-f]{12}$/.test(path)
		: /(?:\.|^assent-[0-9a-f]{8}-)[0-9a-f]{12}\.sock$/.test(basename(path));

/**
 * Whether records may be sent to the socket at `path`, not only offsets: it is this user's own. In a folder for temporary
 * files anybody may have put another one there, once the process that was registered has died. Pipes of Windows have no owner.
 */
export const isOwnSocket = (path: string, uid = process.getuid?.()): boolean =>
	uid !== undefined && statSync(path, { throwIfNoEntry: false })?.uid === uid;

const hashOf = (logPath: string): string => createHash("sha256").update(logPath).digest("hex").slice(0, 8);
