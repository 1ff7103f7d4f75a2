/** Constant arguments of calls. */

import { staticText, type Variables } from "./static-text.ts";
import { SIGN, type Token, VARIABLE } from "./token.ts";

/** The first argument, where it is constant: in brackets, or behind `EXEC name`, or `@script = '…'`. */
export function argumentAt(
	tokens: readonly Token[],
	from: number,
	to: number,
	variables: Variables,
): { text: string; token: Token } | undefined {
	let at = from;
	const isBracketed = tokens[at]?.kind === SIGN && tokens[at]?.text === "(";
	if (isBracketed) at++;
	if (tokens[at]?.kind === VARIABLE && tokens[at + 1]?.text === "=") at += 2;
	const start = at;
	let depth = 0;
	for (; at < to && at < start + 512; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind !== SIGN) continue;
		if (text === "(") depth++;
		else if (text === ")") {
			if (depth === 0) break;
			depth--;
		} else if (text === "," && depth === 0) break;
	}
	const token = tokens[start];
	const text = token === undefined ? undefined : staticText(tokens, start, at, variables);
	return text === undefined || token === undefined ? undefined : { text, token };
}
