/** Public keys as people name them: the text itself, or a file that holds it. */
import { verifierOf } from "../adapters/keys/ed25519.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { COSIGNATURE, readPublicKey } from "../core/model/signing-keys.ts";
import type { Verifier } from "../ports/signer.ts";
import { readNamedText } from "./named-file.ts";

type Use = Parameters<typeof readPublicKey>[1];

/** The same of a witness's, which says what it signs. */
export const readWitness = (named: string): Promise<Verifier> => readVerifier(named, COSIGNATURE);

/** `NAME+ID+KEY`, or the path of a file with that. Throws ASSENT_USAGE, ASSENT_FILE_MISSING and ASSENT_FILE_UNREADABLE. */
export async function readVerifier(named: string, use?: Use): Promise<Verifier> {
	const direct = readPublicKey(named, use);
	if (direct.ok) return verifierOf(direct.value);
	const read = await readNamedText(named);
	if (!read.ok) throw new AssentError(/^[^/]*\+[0-9a-f]{8}\+/.test(named) ? noKey(named, direct.error) : read.error);
	const key = readPublicKey(read.value.trim(), use);
	if (key.ok) return verifierOf(key.value);
	const isPrivate = read.value.startsWith("PRIVATE+KEY+");
	throw new AssentError(noKey(named, isPrivate ? "it is what signs, which nobody else needs" : key.error));
}

/** A file may hold a secret: what it says is never told. */
const noKey = (named: string, why: string) =>
	problem(
		"ASSENT_USAGE",
		`\`${named}\` is no public key: ${why}`,
		"name the notary's `log.vkey`, or write the text that `assent keys create` has printed",
	);
