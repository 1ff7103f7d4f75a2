/** Keys that tokens are checked with, as they are published on `policies`, beside the bundles. */
import { decodeDerived } from "../core/codec/decode.ts";
import type { TokenKeyPublished } from "../core/model/records.ts";
import { readPublicKey } from "../core/model/signing-keys.ts";
import { kidOf } from "../core/token/compact.ts";
import { type Log, POLICIES_AT, readToEnd } from "../ports/log/log.ts";

/** The latest that is said of each key, by `kid`. */
export async function readTokenKeys(log: Log): Promise<ReadonlyMap<string, TokenKeyPublished>> {
	const keys = new Map<string, TokenKeyPublished>();
	const { begin } = await log.bounds(POLICIES_AT);
	for await (const records of readToEnd(log, POLICIES_AT, begin)) {
		for (const { key, value } of records) {
			if (!isTokenKey(key)) continue;
			const read = decodeDerived(value);
			if (!read.ok || read.value.type !== "token-key.published") continue;
			const kid = kidIn(read.value);
			if (kid !== null && key === tokenKeyKey(kid)) keys.set(kid, read.value);
		}
	}
	return keys;
}

const TOKEN_KEY = "token-key/";

/** Is it the key of a record that publishes one? */
export const isTokenKey = (key: string | null): boolean => key?.startsWith(TOKEN_KEY) === true;

/** Under which the records of a key are compacted. */
export const tokenKeyKey = (kid: string): string => `${TOKEN_KEY}${kid}`;

/** Null where the record holds no key. */
function kidIn({ key }: TokenKeyPublished): string | null {
	const read = readPublicKey(key);
	return read.ok ? kidOf(read.value) : null;
}
