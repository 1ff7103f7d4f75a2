/** Encodings that programs undo: what bytes they stand for, as text. Null where the text is none of them, or too long. */

import { unzipSync } from "node:zlib";

/** UTF-16 units of an encoded text. */
const ENCODED_MAX = 65_536;

export function fromBase64(text: string): string | null {
	const letters = text.replace(/\s+/g, "");
	if (letters.length === 0 || letters.length > ENCODED_MAX || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(letters)) return null;
	return textOf(Buffer.from(letters, "base64"));
}

/** The line of words that a whole text stands for; null where it is none. */
export function commandInBase64(text: string): string | null {
	if (text.length < 12 || !/^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
	const plain = fromBase64(text);
	return plain !== null && /^[\t\n\r -~]+$/.test(plain) && plain.includes(" ") ? plain : null;
}

export function toBase64(text: string): string | null {
	return text.length > ENCODED_MAX ? null : bytesOf(text).toString("base64");
}

export function fromBase32(text: string): string | null {
	const letters = text.replace(/[\s=]+/g, "").toUpperCase();
	if (letters.length === 0 || letters.length > ENCODED_MAX || !/^[A-Z2-7]+$/.test(letters)) return null;
	const bytes: number[] = [];
	let bits = 0;
	let held = 0;
	for (const letter of letters) {
		held = (held << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter);
		bits += 5;
		if (bits < 8) continue;
		bits -= 8;
		bytes.push((held >> bits) & 0xff);
		held &= (1 << bits) - 1;
	}
	return textOf(Buffer.from(bytes));
}

/** Digits with or without `\x`, `0x` and blanks between, as `xxd -r -p` takes them. */
export function fromHex(text: string): string | null {
	if (text.length > ENCODED_MAX) return null;
	const digits = text.replace(/\\x|0x|[\s:,]+/gi, "");
	if (digits.length === 0 || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return null;
	return textOf(Buffer.from(digits, "hex"));
}

/** Of gzip and of zlib, one unit a byte. Null also where more than 64 KiB come out. */
export function fromGzip(text: string): string | null {
	if (text.length > ENCODED_MAX) return null;
	for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return null;
	try {
		return textOf(unzipSync(Buffer.from(text, "latin1"), { maxOutputLength: ENCODED_MAX }));
	} catch {
		return null;
	}
}

/** UTF-8 where the bytes are that, else one unit a byte. */
function textOf(bytes: Buffer): string {
	const text = bytes.toString("utf8");
	return text.includes("\ufffd") ? bytes.toString("latin1") : text;
}

function bytesOf(text: string): Buffer {
	for (let index = 0; index < text.length; index++) {
		if (text.charCodeAt(index) > 0xff) return Buffer.from(text, "utf8");
	}
	return /[\x80-\xff]/.test(text) ? Buffer.from(text, "latin1") : Buffer.from(text, "utf8");
}
