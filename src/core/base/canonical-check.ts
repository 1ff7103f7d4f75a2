/**
 * Whether a text is canonical JSON (RFC 8785), looked at once from end to end and without building anything.
 *
 * It is certain where it says yes. It says no to some texts that are canonical, such as keys in which characters are
 * escaped: whoever hears no parses the text, writes it again and compares.
 */

/** Yes: the text is an object in canonical form, nested no deeper than `depthMax`. */
export const isPlainlyCanonical = (text: string, depthMax: number): boolean =>
	text.charCodeAt(0) === OPENING_BRACE && afterObject(text, 0, depthMax) === text.length;

const QUOTE = 0x22;
const MINUS = 0x2d;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** What is not plainly canonical. Each function below gives the offset behind what begins at `at`, or this. */
const NOT = -1;

/** `depth`: how many levels may still be opened. */
function afterValue(text: string, at: number, depth: number): number {
	switch (text.charCodeAt(at)) {
		case QUOTE:
			return afterString(text, at);
		case OPENING_BRACE:
			return afterObject(text, at, depth);
		case OPENING_BRACKET:
			return afterArray(text, at, depth);
		case 0x74:
			return text.startsWith("true", at) ? at + 4 : NOT;
		case 0x66:
			return text.startsWith("false", at) ? at + 5 : NOT;
		case 0x6e:
			return text.startsWith("null", at) ? at + 4 : NOT;
		default:
			return afterNumber(text, at);
	}
}

function afterObject(text: string, brace: number, depth: number): number {
	if (depth === 0) return NOT;
	let at = brace + 1;
	if (text.charCodeAt(at) === CLOSING_BRACE) return at + 1;
	let keyBefore = NOT;
	for (;;) {
		const key = at;
		at = text.charCodeAt(key) === QUOTE ? afterString(text, key) : NOT;
		if (at === NOT || (keyBefore !== NOT && !isSmaller(text, keyBefore, key))) return NOT;
		keyBefore = key;
		if (text.charCodeAt(at) !== COLON) return NOT;
		at = afterValue(text, at + 1, depth - 1);
		if (at === NOT) return NOT;
		const next = text.charCodeAt(at);
		if (next === CLOSING_BRACE) return at + 1;
		if (next !== COMMA) return NOT;
		at += 1;
	}
}

function afterArray(text: string, bracket: number, depth: number): number {
	if (depth === 0) return NOT;
	let at = bracket + 1;
	if (text.charCodeAt(at) === CLOSING_BRACKET) return at + 1;
	for (;;) {
		at = afterValue(text, at, depth - 1);
		if (at === NOT) return NOT;
		const next = text.charCodeAt(at);
		if (next === CLOSING_BRACKET) return at + 1;
		if (next !== COMMA) return NOT;
		at += 1;
	}
}

/** Behind the closing quote of a string without lone surrogates, in which nothing is escaped that need not be. */
function afterString(text: string, quote: number): number {
	const { length } = text;
	for (let at = quote + 1; at < length; at++) {
		const unit = text.charCodeAt(at);
		if (unit === QUOTE) return at + 1;
		if (unit === BACKSLASH) {
			at += 1;
			if (!SHORT_ESCAPES.includes(text.charAt(at)) || at === length) return NOT;
		} else if (unit < 0x20 || (unit >= 0xd800 && unit <= 0xdfff)) {
			if (unit < 0x20 || unit >= 0xdc00) return NOT;
			const low = text.charCodeAt(at + 1);
			// Not a number at the end of the text.
			if (!(low >= 0xdc00 && low <= 0xdfff)) return NOT;
			at += 1;
		}
	}
	return NOT;
}

/** Escapes that are the only way to write their character. The four digits of the others are left to the slow way. */
const SHORT_ESCAPES = '"\\bfnrt';

/** Is the key whose quote is at `first` smaller, by UTF-16 code units, than the one at `second`? No where one has an escape. */
function isSmaller(text: string, first: number, second: number): boolean {
	for (let offset = 1; ; offset++) {
		const one = text.charCodeAt(first + offset);
		const other = text.charCodeAt(second + offset);
		if (one === BACKSLASH || other === BACKSLASH) return false;
		if (one === QUOTE) return other !== QUOTE;
		if (other === QUOTE) return false;
		if (one !== other) return one < other;
	}
}

function afterNumber(text: string, start: number): number {
	const first = text.charCodeAt(start) === MINUS ? start + 1 : start;
	let at = first;
	while (isDigit(text.charCodeAt(at))) at += 1;
	const digits = at - first;
	if (digits === 0) return NOT;
	if (!isNumberPart(text.charCodeAt(at)) && digits <= DIGITS_EXACT) {
		// Zero has no sign, and no number begins with it.
		return text.charCodeAt(first) === 0x30 && at > start + 1 ? NOT : at;
	}
	while (isNumberPart(text.charCodeAt(at))) at += 1;
	const number = text.slice(start, at);
	return String(Number(number)) === number ? at : NOT;
}

/** Every integer of this many digits is a double of its own. */
const DIGITS_EXACT = 15;

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;
/** Digits and `.eE+-`. */
const isNumberPart = (unit: number): boolean =>
	isDigit(unit) || unit === 0x2e || unit === 0x65 || unit === 0x45 || unit === 0x2b || unit === MINUS;
