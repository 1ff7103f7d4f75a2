/** A witness's side: its key as others configure it, and what it signs. */
import { cosignedText } from "../../src/core/audit/cosignature.ts";
import { COSIGNATURE, keyId, type PublicKey } from "../../src/core/model/signing-keys.ts";
import type { Signer } from "../../src/ports/signer.ts";

/** In seconds since 1970. */
const AT = 1_700_000_000;

/** The line of its cosignature below a checkpoint, whose text this is. */
export function cosignatureLine({ key, sign }: Signer, checkpoint: string): string {
	const time = Buffer.alloc(8);
	time.writeBigUInt64BE(BigInt(AT));
	const signature = sign(new TextEncoder().encode(cosignedText(AT, checkpoint)));
	const id = Buffer.from(keyId(key, COSIGNATURE), "hex");
	return `— ${key.name} ${Buffer.concat([id, time, signature]).toString("base64")}\n`;
}

/** `NAME+ID+KEY`. */
export const witnessKeyText = (key: PublicKey): string =>
	`${key.name}+${keyId(key, COSIGNATURE)}+${Buffer.concat([Uint8Array.of(COSIGNATURE), key.bytes]).toString("base64")}`;
