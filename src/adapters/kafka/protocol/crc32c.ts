/** CRC-32C (Castagnoli; RFC 3720, appendix B.4), eight bytes at a time. Node's own crc32 has another polynomial. */

const POLYNOMIAL = 0x82f63b78;

/** Eight tables of 256: the first is the bytewise one, each next one is a byte further on. */
const TABLES = tables();

function tables(): Int32Array {
	const all = new Int32Array(8 * 256);
	for (let byte = 0; byte < 256; byte++) {
		let crc = byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
		all[byte] = crc;
	}
	for (let at = 256; at < all.length; at++) {
		const before = all[at - 256] as number;
		all[at] = (before >>> 8) ^ (all[before & 0xff] as number);
	}
	return all;
}

/** Of `bytes` from `begin` to before `end`, unsigned. */
export function crc32c(bytes: Uint8Array, begin: number, end: number): number {
	const t = TABLES;
	const view = new DataView(bytes.buffer, bytes.byteOffset + begin, end - begin);
	const length = view.byteLength;
	let crc = -1;
	let at = 0;
	for (; at + 8 <= length; at += 8) {
		const low = crc ^ view.getInt32(at, true);
		const high = view.getInt32(at + 4, true);
		crc =
			(t[1792 + (low & 0xff)] as number) ^
			(t[1536 + ((low >>> 8) & 0xff)] as number) ^
			(t[1280 + ((low >>> 16) & 0xff)] as number) ^
			(t[1024 + (low >>> 24)] as number) ^
			(t[768 + (high & 0xff)] as number) ^
			(t[512 + ((high >>> 8) & 0xff)] as number) ^
			(t[256 + ((high >>> 16) & 0xff)] as number) ^
			(t[high >>> 24] as number);
	}
	for (; at < length; at++) crc = (t[(crc ^ view.getUint8(at)) & 0xff] as number) ^ (crc >>> 8);
	return ~crc >>> 0;
}
