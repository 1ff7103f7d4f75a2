/** Digests: SHA-256 with a tag in front, so that no digest of one kind can pass for one of another. */
import { createHash, hash } from "node:crypto";

/** 64 lower-case hex digits. */
export const sha256Hex = (data: Uint8Array | string): string => hash("sha256", data, "hex");

export const sha256 = (data: Uint8Array | string): Uint8Array => hash("sha256", data, "buffer");

/** SHA-256(`tag` ‖ 0x00 ‖ parts…), 64 hex digits. */
export function taggedDigest(tag: string, ...parts: readonly (Uint8Array | string)[]): string {
	const hasher = createHash("sha256").update(tag).update(NUL);
	for (const part of parts) hasher.update(part);
	return hasher.digest("hex");
}

const NUL = Uint8Array.of(0);

/** DESIGN §4.9: SHA-256(`assent.args.v1\0` ‖ salt ‖ JCS({tool, args})). `argsText` is canonical already. */
export function commitment(salt: Uint8Array, tool: string, argsText: string): string {
	return taggedDigest("assent.args.v1", salt, `{"args":${argsText},"tool":${JSON.stringify(tool)}}`);
}
