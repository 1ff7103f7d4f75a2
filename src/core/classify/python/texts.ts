/** Methods and functions that make texts of texts, as far as they can be followed without running anything. */
import { fromGzip } from "../encoding.ts";
import { table } from "../table.ts";
import { DECODED, HOLE, isWhole, ofText, UNKNOWN, type Value } from "./value.ts";

const TEXT_MAX = 65_536;

/** A method of a static text. Undefined: it makes something that is not followed. */
export function textMethod(receiver: Value, method: string, args: readonly Value[]): Value | undefined {
	const text = receiver.text ?? "";
	const taint = args.reduce((sum, arg) => sum | arg.taint, receiver.taint);
	const [first, second] = args;
	switch (method) {
		case "join":
			return joined(text, first, taint);
		case "format":
			return ofText(formatted(text, args), taint);
		case "encode":
		case "strip":
		case "rstrip":
		case "lstrip":
		case "expandtabs":
			return ofText(method.endsWith("strip") && first === undefined ? text.trim() : text, taint);
		case "decode":
			return first?.text === undefined || /^(?:utf|ascii|latin|iso|us)/iu.test(first.text)
				? ofText(text, taint)
				: decodedBy(text, first.text, taint);
		case "lower":
		case "casefold":
			return ofText(text.toLowerCase(), taint);
		case "upper":
			return ofText(text.toUpperCase(), taint);
		case "swapcase":
			return ofText(
				[...text]
					.map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
					.join(""),
				taint,
			);
		case "replace":
			if (first?.text === undefined || second?.text === undefined || first.text === "") return undefined;
			return ofText(capped(text.replaceAll(first.text, () => second.text as string)), taint);
		case "split": {
			const parts = first?.text === undefined || first.text === "" ? text.trim().split(/\s+/u) : text.split(first.text);
			return { items: parts.map((part) => ofText(part, taint)), taint };
		}
		case "hex":
			return ofText([...text].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join(""), taint);
		case "fromhex":
			return first?.text === undefined ? undefined : ofText(ofHex(first.text), taint | DECODED);
		default:
			return undefined;
	}
}

const DECODERS = table<(text: string) => string | null>({
	"base64.b64decode": ofBase64,
	"base64.decodebytes": ofBase64,
	"base64.decodestring": ofBase64,
	"base64.standard_b64decode": ofBase64,
	"base64.urlsafe_b64decode": ofBase64,
	"base64.b16decode": ofHex,
	"base64.b32decode": ofBase32,
	"binascii.a2b_base64": ofBase64,
	"binascii.unhexlify": ofHex,
	"binascii.a2b_hex": ofHex,
	"bytes.fromhex": ofHex,
	"bytearray.fromhex": ofHex,
	"gzip.decompress": fromGzip,
	"zlib.decompress": fromGzip,
	"urllib.parse.unquote": ofPercent,
	"urllib.parse.unquote_plus": ofPercent,
	"urllib.unquote": ofPercent,
});

/** A function over static texts. Undefined: it is none that is followed. */
export function textFunction(name: string, args: readonly Value[]): Value | undefined {
	const [first, second] = args;
	const taint = args.reduce((sum, arg) => sum | arg.taint, 0);
	const text = first?.text;
	const decoder = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
	if (decoder !== undefined) {
		const decoded = text !== undefined && isWhole(text) ? decoder(text) : null;
		return decoded === null ? { taint: taint | DECODED } : ofText(decoded, taint | DECODED);
	}
	switch (name) {
		case "codecs.decode":
		case "codecs.encode":
			return text === undefined || second?.text === undefined ? undefined : decodedBy(text, second.text, taint);
		case "chr":
		case "unichr":
			return first?.number !== undefined && first.number >= 0 && first.number < 0x11_0000
				? ofText(String.fromCodePoint(Math.trunc(first.number)), taint)
				: undefined;
		case "str":
		case "repr":
		case "bytes":
		case "bytearray":
		case "textwrap.dedent":
		case "sqlalchemy.text":
		case "text":
		case "sqlalchemy.sql.text":
			if (text !== undefined) return ofText(text, taint);
			if (first?.number !== undefined && name === "str") return ofText(String(first.number), taint);
			return first?.items === undefined ? undefined : lettersOf(first.items, taint);
		case "list":
		case "tuple":
		case "iter":
			return first;
		case "reversed":
			return text === undefined ? undefined : ofText([...text].reverse().join(""), taint);
		case "os.path.join":
			return pathOf(args, taint);
		case "os.path.expanduser":
		case "os.path.abspath":
		case "os.path.realpath":
		case "os.path.normpath":
		case "os.path.expandvars":
		case "os.fspath":
			return text === undefined ? undefined : ofText(text, taint);
		case "shlex.split":
			return text === undefined
				? undefined
				: {
						items: text
							.trim()
							.split(/\s+/u)
							.map((part) => ofText(part)),
						taint,
					};
		case "shlex.join":
			return first?.items === undefined ? undefined : joined(" ", first, taint);
		default:
			return undefined;
	}
}

/** Parts of a path, of which an absolute one drops those before it. */
export function pathOf(parts: readonly Value[], taint: number): Value {
	let path = "";
	for (const part of parts) {
		const text = part.text ?? HOLE;
		path = path === "" || text.startsWith("/") ? text : `${path.replace(/\/$/u, "")}/${text}`;
	}
	return ofText(path, taint);
}

export const plus = (left: Value, right: Value): Value => {
	const taint = left.taint | right.taint;
	if (left.text !== undefined || right.text !== undefined) {
		if (left.number !== undefined || right.number !== undefined) return { taint };
		return ofText(capped((left.text ?? HOLE) + (right.text ?? HOLE)), taint);
	}
	if (left.items !== undefined && right.items !== undefined)
		return { items: [...left.items, ...right.items].slice(0, 4_096), taint };
	if (left.number !== undefined && right.number !== undefined) return { number: left.number + right.number, taint };
	return taint === 0 ? UNKNOWN : { taint };
};

/** `'%s%s' % (a, b)` */
export function percent(left: Value, right: Value): Value {
	const values = right.items ?? [right];
	let at = 0;
	const text = (left.text ?? "").replace(/%(?:\([^)]*\))?[-#0 +]*\d*(?:\.\d+)?([a-zA-Z%])/gu, (_, letter: string) => {
		if (letter === "%") return "%";
		const value = values[at++];
		if (letter === "c" && value?.number !== undefined) return String.fromCharCode(value.number);
		return value?.text ?? (value?.number === undefined ? HOLE : String(value.number));
	});
	return ofText(capped(text), left.taint | right.taint);
}

function formatted(text: string, args: readonly Value[]): string {
	let at = 0;
	return capped(
		text.replace(/\{\{|\}\}|\{(\d*)[^{}]*\}/gu, (whole, index?: string) => {
			if (whole === "{{" || whole === "}}") return whole[0] as string;
			const value = args[index === undefined || index === "" ? at++ : Number(index)];
			return value?.text ?? (value?.number === undefined ? HOLE : String(value.number));
		}),
	);
}

function joined(between: string, list: Value | undefined, taint: number): Value | undefined {
	if (list?.text !== undefined) return ofText(capped([...list.text].join(between)), taint);
	if (list?.items === undefined) return undefined;
	return ofText(
		capped(
			list.items.map((item) => item.text ?? (item.number === undefined ? HOLE : String(item.number))).join(between),
		),
		taint,
	);
}

/** `bytes([111, 115])` */
function lettersOf(items: readonly Value[], taint: number): Value | undefined {
	if (!items.every((item) => item.number !== undefined && item.number >= 0 && item.number < 256)) return undefined;
	return ofText(String.fromCharCode(...items.slice(0, 8_192).map((item) => item.number as number)), taint | DECODED);
}

function decodedBy(text: string, codec: string, taint: number): Value {
	const name = codec.toLowerCase().replaceAll(/[-_]/gu, "");
	if (name === "rot13" || name === "rot") return ofText(text.replace(/[a-z]/giu, rotated), taint | DECODED);
	if (name === "hex" || name === "hexcodec") return ofText(ofHex(text), taint | DECODED);
	if (name.startsWith("base64")) return ofText(ofBase64(text), taint | DECODED);
	if (name === "unicodeescape") return ofText(text, taint | DECODED);
	return { taint: taint | DECODED };
}

const rotated = (letter: string): string => {
	const base = letter < "a" ? 65 : 97;
	return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
};

function ofBase64(text: string): string {
	return bytesText(Buffer.from(text, "base64"));
}

function ofHex(text: string): string {
	return bytesText(Buffer.from(text.replaceAll(/\s/gu, ""), "hex"));
}

function ofBase32(text: string): string {
	let bits = 0;
	let held = 0;
	const bytes: number[] = [];
	for (const letter of text.toUpperCase().replaceAll("=", "")) {
		const five = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter);
		if (five < 0) continue;
		held = ((held << 5) | five) & 0xf_ffff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			bytes.push((held >> bits) & 0xff);
		}
	}
	return bytesText(Buffer.from(bytes));
}

/** UTF-8 where it is that, otherwise a letter for each byte. */
function bytesText(bytes: Buffer): string {
	const text = bytes.toString("utf8");
	return text.includes("\ufffd") ? bytes.toString("latin1") : text;
}

function ofPercent(text: string): string {
	try {
		return decodeURIComponent(text.replaceAll("+", " "));
	} catch {
		return text;
	}
}

const capped = (text: string): string => (text.length > TEXT_MAX ? text.slice(0, TEXT_MAX) : text);
