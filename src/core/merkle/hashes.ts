/** The hashes of RFC 6962 §2.1. Inside a tree a hash is a text with a character for each byte; outside it has 64 hex digits. */
import { Beginnings } from "../base/beginnings.ts";
import { sha256Hex, sha256Latin1 } from "../base/digest.ts";

/** Root of the tree without leaves, 64 hex digits: SHA-256 of nothing. */
export const EMPTY_ROOT = sha256Hex("");

export const hexOf = (bytes: string): string => Buffer.from(bytes, "latin1").toString("hex");

export const bytesIn = (hex: string): string => Buffer.from(hex, "hex").toString("latin1");

// One-shot hashing of reused buffers to short texts is several times faster here than hasher objects and fresh buffers.
const leafInput = Buffer.alloc(1 + 65_535);
const nodeInput = Buffer.alloc(1 + 32 + 32);
nodeInput[0] = 1;

const leafInputs = new Beginnings(leafInput, 2_048);

/** SHA-256(0x00 ‖ leaf), a character for each byte. */
export function leafHash(leaf: Uint8Array): string {
	const length = leaf.length + 1;
	const input = length > leafInput.length ? Buffer.alloc(length) : leafInputs.upTo(length);
	input.set(leaf, 1);
	return sha256Latin1(input);
}

/** SHA-256(0x01 ‖ left ‖ right), a character for each byte, of two such. */
export function nodeHash(left: string, right: string): string {
	putHash(left, 1);
	putHash(right, 33);
	return sha256Latin1(nodeInput);
}

/** A loop: a call into native code costs more for so few. */
function putHash(bytes: string, at: number): void {
	for (let place = 0; place < 32; place++) nodeInput[at + place] = bytes.charCodeAt(place);
}
