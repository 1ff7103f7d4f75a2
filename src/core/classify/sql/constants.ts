/** Values in conditions: what is known of them without a server. */
import { NUMBER, QUOTED, SIGN, TEXT, type Token, WORD } from "./token.ts";

/** A value: what is known of it, and how it is spelled. */
export interface Value {
	readonly spelled: string;
	readonly constant: number | string | boolean | null | undefined;
	readonly hasColumn: boolean;
}

/** What stands in double quotes and cannot be a name, as MySQL's `"1"`. */
export const isText = (token: Token): boolean => token.kind === QUOTED && /^(?:\d|$)/u.test(token.text);

/** The value of some tokens beside one another. */
export function valueFrom(tokens: readonly Token[], from: number, to: number, hasColumn: boolean): Value {
	const first = tokens[from];
	if (to - from === 1 && first !== undefined) return simpleValue(first, hasColumn);
	const spelled = tokens
		.slice(from, Math.min(to, from + 64))
		.map((token) => token.text)
		.join(" ");
	return { spelled, constant: hasColumn ? undefined : sumOf(tokens, from, to), hasColumn };
}

function simpleValue(token: Token, hasColumn: boolean): Value {
	const { text } = token;
	if (token.kind === NUMBER) return { spelled: text, constant: Number(text), hasColumn: false };
	if (token.kind === TEXT || isText(token)) return { spelled: `'${text}`, constant: text, hasColumn: false };
	if (token.kind === WORD && (text === "true" || text === "false")) {
		return { spelled: text, constant: text === "true", hasColumn: false };
	}
	if (token.kind === WORD && text === "null") return { spelled: text, constant: null, hasColumn: false };
	return { spelled: token.kind === QUOTED ? `"${text}` : text, constant: undefined, hasColumn };
}

/** Numbers with `+ - * / %` between them, from left to right; texts beside one another or joined by `||`. */
function sumOf(tokens: readonly Token[], from: number, to: number): number | string | undefined {
	let sum: number | string | undefined;
	let sign = "+";
	for (let at = from; at < to; at++) {
		const token = tokens[at] as Token;
		if (token.kind === SIGN) {
			if ("(),".includes(token.text)) return undefined;
			sign = token.text;
		} else if (token.kind === NUMBER) {
			const number = Number(token.text);
			if (sum === undefined) sum = sign === "-" ? -number : number;
			else if (typeof sum === "number") sum = calculate(sum, sign, number);
			else return undefined;
			sign = "";
		} else if (token.kind === TEXT && typeof sum !== "number" && sign !== "-") {
			sum = (sum ?? "") + token.text;
		} else return undefined;
	}
	return sum;
}

function calculate(left: number, sign: string, right: number): number | undefined {
	if (sign === "+") return left + right;
	if (sign === "-") return left - right;
	if (sign === "*") return left * right;
	if (sign === "/") return left / right;
	if (sign === "%") return left % right;
	return undefined;
}

/** What one constant is to another; nothing is anything to NULL. */
export function compare(
	left: NonNullable<Value["constant"]> | null,
	right: NonNullable<Value["constant"]> | null,
	sign: string,
): boolean {
	if (left === null || right === null) return false;
	const isText = typeof left === "string" && typeof right === "string";
	const a = isText ? left.toLowerCase() : Number(left);
	const b = isText ? right.toLowerCase() : Number(right);
	if (sign === "=" || sign === "==" || sign === "<=>") return a === b;
	if (sign === "<>" || sign === "!=") return a !== b;
	if (sign === "<") return a < b;
	if (sign === ">") return a > b;
	return sign === "<=" ? a <= b : a >= b;
}

/** `id > 0`, `user_id >= 0`, `id <> -1`: every key there is. */
export function isEveryKey(left: Value, right: Value, sign: string): boolean {
	if (
		!left.hasColumn ||
		typeof right.constant !== "number" ||
		right.constant > 0 ||
		!/(?:^|_|\.)id$|id$/u.test(left.spelled)
	)
		return false;
	return sign === ">" || sign === ">=" || sign === "<>" || sign === "!=";
}
