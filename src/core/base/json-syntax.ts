/**
 * Where a text stops being JSON (RFC 8259): the place that JSON.parse tells in words of its own, different from version to
 * version and with the text in them.
 */

/** What the grammar allows next. */
type Expected = "value" | "value or ]" | "key" | "key or }" | "colon" | "comma or end";

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Offset (UTF-16 code units, from 0) of the first token that has no place in JSON, the text's length if it ends too early, null if it is JSON. */
export function syntaxFaultAt(text: string): number | null {
	const open: ("{" | "[")[] = [];
	let expected: Expected = "value";
	let at = after(SPACE, text, 0);
	while (at < text.length) {
		const token = text[at] as string;
		let next = at + 1;
		switch (expected) {
			case "value or ]":
			case "value":
				if (token === "{") {
					open.push("{");
					expected = "key or }";
				} else if (token === "[") {
					open.push("[");
					expected = "value or ]";
				} else if (token === "]" && expected === "value or ]") {
					open.pop();
					expected = "comma or end";
				} else {
					next = token === '"' ? afterString(text, at) : after(SCALAR, text, at);
					if (next === at) return at;
					expected = "comma or end";
				}
				break;
			case "key or }":
			case "key":
				if (token === "}" && expected === "key or }") {
					open.pop();
					expected = "comma or end";
				} else {
					next = token === '"' ? afterString(text, at) : at;
					if (next === at) return at;
					expected = "colon";
				}
				break;
			case "colon":
				if (token !== ":") return at;
				expected = "value";
				break;
			case "comma or end": {
				const inside = open.at(-1);
				if (token === "," && inside !== undefined) expected = inside === "{" ? "key" : "value";
				else if (inside !== undefined && token === (inside === "{" ? "}" : "]")) open.pop();
				else return at;
			}
		}
		at = after(SPACE, text, next);
	}
	return expected === "comma or end" && open.length === 0 ? null : text.length;
}

/** Where the match of a sticky expression at `start` ends; `start` itself if there is none. */
function after(expression: RegExp, text: string, start: number): number {
	expression.lastIndex = start;
	return expression.test(text) ? expression.lastIndex : start;
}

/** Behind the closing quote; `start` itself if the string is none. A loop, for a long string would fill the expression's stack. */
function afterString(text: string, start: number): number {
	let at = start + 1;
	while (at < text.length) {
		const unit = text.charCodeAt(at);
		if (unit === 0x22) return at + 1;
		if (unit < 0x20) return start;
		const next = unit === 0x5c ? after(ESCAPE, text, at) : at + 1;
		if (next === at) return start;
		at = next;
	}
	return start;
}
