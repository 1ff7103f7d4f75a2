/** What conditions compare: all that stands between comparisons and conjunctions. */
import { BREAKS, COMPARISONS, ENDS, NO_COLUMNS } from "./condition-words.ts";
import { isText, type Value, valueFrom } from "./constants.ts";
import { NUMBER, QUOTED, SIGN, type Token, VARIABLE, WORD } from "./token.ts";

/** Where the last operand began that nothing ended, and whether it names a column: brackets around it need not read it again. */
export interface Endless {
	from: number;
	hasColumn: boolean;
}

/** Everything up to the next comparison or conjunction at this depth. */
export function readOperand(
	tokens: readonly Token[],
	from: number,
	to: number,
	endless: Endless,
): { readonly value: Value; readonly end: number } {
	let at = from;
	let depth = 0;
	let hasColumn = false;
	let isCase = 0;
	while (at < to) {
		if (at === endless.from && depth > 0 && isCase === 0) {
			hasColumn ||= endless.hasColumn;
			at = to;
			break;
		}
		const token = tokens[at] as Token;
		const isOuter = depth === 0 && isCase === 0;
		if (token.kind === SIGN) {
			if (token.text === "(" || token.text === "[") depth++;
			else if (token.text === ")" || token.text === "]") {
				if (depth === 0) break;
				depth--;
			} else if (isOuter && (COMPARISONS.has(token.text) || token.text === ";")) break;
			else if (isOuter && (token.text === "&&" || (token.text === "||" && !isJoin(tokens, from, at)))) break;
		} else if (token.kind === WORD) {
			if (token.text === "case") isCase++;
			else if (token.text === "end" && isCase > 0) isCase--;
			else if (isOuter && at > from && (BREAKS.has(token.text) || ENDS.has(token.text))) break;
			else if (isOuter && at === from && (token.text === "and" || token.text === "or")) break;
			else if (!hasColumn && isColumn(tokens, at)) hasColumn = true;
		} else if (token.kind === VARIABLE || (token.kind === QUOTED && !isText(token))) hasColumn = true;
		at++;
	}
	if (at >= to) {
		endless.from = from;
		endless.hasColumn = hasColumn;
	}
	return { value: valueFrom(tokens, from, at, hasColumn), end: at };
}

/** Does `||` join texts here (standard), or is it MySQL's OR? It joins between texts and names. */
function isJoin(tokens: readonly Token[], from: number, at: number): boolean {
	const before = tokens[at - 1];
	const after = tokens[at + 1];
	if (at === from || before === undefined || after === undefined) return false;
	return before.kind !== NUMBER && after.kind !== NUMBER && !(after.kind === SIGN && after.text !== "(");
}

const isColumn = (tokens: readonly Token[], at: number): boolean => {
	const token = tokens[at] as Token;
	const next = tokens[at + 1];
	return !NO_COLUMNS.has(token.text) && !(next?.kind === SIGN && next.text === "(");
};
