/**
 * The sum modulo 2^256 of the digests of a table's rows: it does not depend on the order in which rows came, and a change
 * costs one hash however large the table is. It finds mistakes, not an adversary who chooses many rows.
 */
import { DIGEST_BYTES } from "../bytes.ts";

export class DigestSum {
	readonly #words = new Uint32Array(DIGEST_BYTES / 4);

	/** Adds the 32 bytes at `from`, or takes them off again. */
	add(bytes: Uint8Array, from: number, sign: 1 | -1 = 1): void {
		let carry = 0;
		for (let word = 0; word < 8; word++) {
			const at = from + 4 * word;
			const high = ((bytes[at + 3] as number) << 24) | ((bytes[at + 2] as number) << 16);
			const value = (high | ((bytes[at + 1] as number) << 8) | (bytes[at] as number)) >>> 0;
			const total = (this.#words[word] as number) + sign * value + carry;
			this.#words[word] = total >>> 0;
			carry = Math.floor(total / 0x1_0000_0000);
		}
	}

	copy(): DigestSum {
		const copy = new DigestSum();
		copy.#words.set(this.#words);
		return copy;
	}

	/** 32 bytes: eight words, the least first, each with its least byte first. */
	bytes(): Uint8Array {
		const bytes = new Uint8Array(DIGEST_BYTES);
		const view = new DataView(bytes.buffer);
		for (let word = 0; word < 8; word++) view.setUint32(word * 4, this.#words[word] as number, true);
		return bytes;
	}
}
