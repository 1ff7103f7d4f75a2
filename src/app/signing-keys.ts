/** Keys that sign, in files. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { makeKey, signerOf } from "../adapters/keys/ed25519.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { keyNameFault, privateKeyText, publicKeyText, readPrivateKey } from "../core/model/signing-keys.ts";
import type { Signer } from "../ports/signer.ts";
import { makeFolder } from "./make-folder.ts";
import { readNamedText, writeNamedFile } from "./named-file.ts";

/**
 * Makes a key, writes what signs to a file that its owner alone can read, and gives what checks. Throws ASSENT_USAGE, also where the
 * file exists: a key that is overwritten is lost.
 */
export async function createKey(name: string, file: string): Promise<string> {
	const fault = keyNameFault(name);
	if (fault !== null) throw usage(`the name of the key ${fault}`, "write for instance `ops.example.com`");
	const key = makeKey(name);
	try {
		await writeNamedFile(file, `${privateKeyText(key)}\n`, { isNew: true, isSecret: true });
	} catch (thrown) {
		const isThere = (thrown as NodeJS.ErrnoException).code === "EEXIST";
		throw isThere
			? usage(`there is a file \`${file}\` already`, "name another one, or remove it")
			: usage(`\`${file}\` cannot be written: ${(thrown as Error).message}`, "name another file");
	}
	return publicKeyText((signerOf(key) as Signer).key);
}

/** Throws ASSENT_FILE_MISSING, ASSENT_FILE_UNREADABLE and ASSENT_USAGE; what the file says is never told. */
export async function readSigner(file: string): Promise<Signer> {
	return signerFrom(await textOf(file, "key"), `\`${file}\` holds`);
}

/** Throws ASSENT_USAGE; `what` begins its message. */
export function signerFrom(text: string, what: string): Signer {
	const read = readPrivateKey(text.trim());
	const signer = read.ok ? signerOf(read.value) : null;
	if (signer !== null) return signer;
	const why = read.ok ? "a character of it is wrong" : read.error;
	throw usage(`${what} no private key: ${why}`, "make one: `assent keys create NAME --out FILE`");
}

/** The key in a file that this process keeps for itself; made where there is none. Throws as `readSigner` and `createKey`. */
export async function keptSigner(name: string, file: string): Promise<Signer> {
	await makeFolder(dirname(file));
	if (!existsSync(file)) await createKey(name, file);
	return readSigner(file);
}

/** What `policy sign` has written. Throws ASSENT_FILE_MISSING and ASSENT_FILE_UNREADABLE. */
export const readSignature = (file: string): Promise<string> => textOf(file, "signature");

async function textOf(file: string, noun: string): Promise<string> {
	const read = await readNamedText(file);
	if (read.ok) return read.value;
	throw new AssentError(
		read.error.code === "ASSENT_FILE_MISSING"
			? { ...read.error, message: `there is no ${noun} \`${file}\``, help: "check the path" }
			: read.error,
	);
}

const usage = (message: string, help: string): AssentError => new AssentError(problem("ASSENT_USAGE", message, help));
