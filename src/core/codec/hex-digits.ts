/** Lower-case hexadecimal digits, by a table: a comparison for each digit of each digest costs more. */

/** By byte: 0 for `0` to `9` and `a` to `f`, else 1. */
export const NO_HEX: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
	(byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) ? 0 : 1,
);
