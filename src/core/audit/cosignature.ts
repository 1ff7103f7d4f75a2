/** Cosignatures of witnesses (C2SP tlog-cosignature, v1, Ed25519): that a log was append-only as far as the witness has seen it, and when. */

/** What a witness signs: the checkpoint as it is, with the time, in seconds since 1970. */
export const cosignedText = (atSeconds: number, checkpoint: string): string =>
	`cosignature/v1\ntime ${atSeconds}\n${checkpoint}`;

export interface Cosignature {
	/** Seconds since 1970. */
	readonly at: number;
	/** Ed25519, 64 bytes. */
	readonly signature: Uint8Array;
}

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

/** Null where the bytes of a note's signature are none of a witness. */
export function readCosignature(bytes: Uint8Array): Cosignature | null {
	if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return null;
	const at = Number(Buffer.from(bytes).readBigUInt64BE());
	return Number.isSafeInteger(at) ? { at, signature: bytes.subarray(TIME_BYTES) } : null;
}
