/** Digests: SHA-256 with a tag in front, so that no digest of one kind can pass for one of another. */
import { hash } from "node:crypto";

/** 64 lower-case hex digits. */
export const sha256Hex = (data: Uint8Array | string): string => hash("sha256", data, "hex");

/** 32 characters, one for each byte: a short string is made and kept at a fraction of what a buffer costs. */
export const sha256Latin1 = (data: Uint8Array | string): string => hash("sha256", data, "binary");

/** SHA-256(`tag` ‖ 0x00 ‖ parts…), 64 hex digits. Texts are UTF-8. */
export function taggedDigest(tag: string, ...parts: readonly (Uint8Array | string)[]): string {
	let bytes = tag.length + 1;
	for (const part of parts) bytes += typeof part === "string" ? part.length * 3 : part.length;
	if (bytes > scratch.length) scratch = Buffer.alloc(2 * bytes);
	let at = scratch.write(tag, "latin1");
	scratch[at++] = 0;
	for (const part of parts) {
		if (typeof part === "string") {
			at += scratch.write(part, at, "utf8");
		} else {
			scratch.set(part, at);
			at += part.length;
		}
	}
	return hash("sha256", scratch.subarray(0, at), "hex");
}

/** One buffer for all: hashing is synchronous, and one call over joined bytes is twice as fast as several over parts. */
let scratch = Buffer.alloc(16_384);

/** docs/design/audit.md#digests: SHA-256(`assent.args.v1\0` ‖ salt ‖ JCS({tool, args})). `argsText` is canonical already. */
export const commitment = (salt: Uint8Array, tool: string, argsText: string): string =>
	taggedDigest("assent.args.v1", salt, `{"args":${argsText},"tool":${JSON.stringify(tool)}}`);
