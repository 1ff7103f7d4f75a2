/** The definition of RFC 6962 §2.1, word by word: what the compact range is held against. */
import { createHash } from "node:crypto";

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part);
	return hash.digest();
};

function treeHash(leaves: readonly Uint8Array[]): Buffer {
	if (leaves.length === 0) return sha256();
	if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0] as Uint8Array);
	let split = 1;
	while (split * 2 < leaves.length) split *= 2;
	return sha256(Uint8Array.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

/** 64 hex digits. */
export const rootOf = (leaves: readonly Uint8Array[]): string => treeHash(leaves).toString("hex");
