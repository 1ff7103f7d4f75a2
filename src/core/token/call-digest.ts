/**
 * The digest of a call as it will run, by which a token is bound to it: SHA-256(`assent.call.v1\0` ‖ JCS({tool, args})) as
 * base64url, of the arguments with the fields replaced that the policy redacts. Not in the ledger: it has no salt.
 */
import { callDigestHex } from "../base/digest.ts";

/** `argsText` is the canonical JSON of the arguments as they will run. */
export const callDigest = (tool: string, argsText: string): string =>
	Buffer.from(callDigestHex(tool, argsText), "hex").toString("base64url");
