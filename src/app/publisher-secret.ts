/**
 * The secret from which the publishers of one machine draw salts: whoever asks again under an id, in whichever process, must carry
 * the same ones, or it is taken for another call. So it is kept beside the log, for `submit` and for `connect`.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { link, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AssentError, problem } from "../core/base/errors.ts";
import { pathOf } from "../operations/log-url.ts";
import { makeFolder } from "./make-folder.ts";
import { readNamedText } from "./named-file.ts";

/**
 * 32 bytes, readable by their owner alone; made where there are none. Beside a log file; for another log below `.assent` of
 * the folder that the process runs in. Throws ASSENT_FILE_UNREADABLE.
 */
export async function publisherSecret(logUrl: string): Promise<Uint8Array> {
	const file = pathOf(logUrl);
	const path = join(file === null ? ".assent" : dirname(file), "publisher.secret");
	await makeFolder(dirname(path));
	try {
		return (await kept(path)) ?? (await made(path)) ?? unusable(path, "it is empty or cut off; remove it");
	} catch (thrown) {
		if (thrown instanceof AssentError) throw thrown;
		return unusable(path, (thrown as Error).message);
	}
}

/** A secret that somebody else has put where it is named. Throws ASSENT_FILE_MISSING and ASSENT_FILE_UNREADABLE. */
export async function namedSecret(path: string): Promise<Uint8Array> {
	const read = await readNamedText(path);
	if (!read.ok) throw new AssentError(read.error);
	const text = read.value.trim();
	if (/^[0-9a-f]{64}$/.test(text)) return new Uint8Array(Buffer.from(text, "hex"));
	const help = "write 64 hex digits, such as `openssl rand -hex 32` prints";
	throw new AssentError(problem("ASSENT_FILE_UNREADABLE", `\`${path}\` holds no publisher's secret`, help));
}

/** Null where there is none, or none that is whole. */
async function kept(path: string): Promise<Uint8Array | null> {
	const read = await readNamedText(path);
	if (!read.ok && read.error.code !== "ASSENT_FILE_MISSING") throw new Error(read.error.message);
	const text = read.ok ? read.value.trim() : "";
	return /^[0-9a-f]{64}$/.test(text) ? new Uint8Array(Buffer.from(text, "hex")) : null;
}

/** Linked into place when it is whole: of two that begin at once, both read the same. */
async function made(path: string): Promise<Uint8Array | null> {
	const draft = `${path}.${randomUUID()}`;
	try {
		await writeFile(draft, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 });
		await link(draft, path).catch((thrown: NodeJS.ErrnoException) => {
			// Not every file system has links.
			if (thrown.code !== "EEXIST") return rename(draft, path);
			return undefined;
		});
	} finally {
		await rm(draft, { force: true });
	}
	return kept(path);
}

function unusable(path: string, why: string): never {
	const help =
		"run it in a folder that you may write, or give `connect` a `secret` of its own: a call that is asked for again needs the same one";
	throw new AssentError(
		problem("ASSENT_FILE_UNREADABLE", `the publisher's secret \`${path}\` cannot be kept: ${why}`, help),
	);
}
