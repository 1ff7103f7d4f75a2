/** `$((…))` and `((…))`: what comes of constants, and the substitutions that run on the way. */
import type { ArithmeticExpression, ParsedScript, WordPart } from "unbash";
import type { Scope, Value } from "./scope.ts";

interface Reading {
	readonly scope: Scope;
	readonly read: (parts: readonly WordPart[]) => Value;
	readonly run: (script: ParsedScript | undefined) => string | null;
}

/** Null where it is not known, or is no whole number. */
export function arithmetic(node: ArithmeticExpression, on: Reading): number | null {
	switch (node.type) {
		case "ArithmeticGroup":
			return arithmetic(node.expression, on);
		case "ArithmeticWord":
			return numberOf(node.parts === undefined ? { text: node.value, isStatic: true } : on.read(node.parts), on.scope);
		case "ArithmeticCommandExpansion":
			return numberOf({ text: on.run(node.script)?.trim() ?? "?", isStatic: true }, on.scope);
		case "ArithmeticUnary": {
			const value = arithmetic(node.operand, on);
			return value === null ? null : whole(UNARY[node.operator]?.(value));
		}
		case "ArithmeticTernary": {
			const [test, yes, no] = [node.test, node.consequent, node.alternate].map((each) => arithmetic(each, on));
			return test === null || test === undefined ? null : ((test === 0 ? no : yes) ?? null);
		}
		case "ArithmeticBinary": {
			const left = arithmetic(node.left, on);
			const right = arithmetic(node.right, on);
			if (node.operator === "=" && node.left.type === "ArithmeticWord") {
				if (right === null) on.scope.forget(node.left.value);
				else on.scope.set(node.left.value, { text: String(right), isStatic: true });
				return right;
			}
			return left === null || right === null ? null : whole(BINARY[node.operator]?.(left, right));
		}
	}
}

const whole = (value: number | undefined): number | null =>
	value !== undefined && Number.isSafeInteger(value) ? value : null;

const UNARY: Readonly<Record<string, (value: number) => number>> = {
	"-": (value) => -value,
	"+": (value) => value,
	"~": (value) => ~value,
	"!": (value) => Number(value === 0),
};

const BINARY: Readonly<Record<string, (left: number, right: number) => number>> = {
	"+": (left, right) => left + right,
	"-": (left, right) => left - right,
	"*": (left, right) => left * right,
	"/": (left, right) => Math.trunc(left / right),
	"%": (left, right) => left % right,
	"**": (left, right) => left ** right,
	"<<": (left, right) => left << right,
	">>": (left, right) => left >> right,
	"&": (left, right) => left & right,
	"|": (left, right) => left | right,
	"^": (left, right) => left ^ right,
	",": (_left, right) => right,
};

/** `114`, `0x72`, `0162`, `2#1110010`, or the name of a variable that holds one. */
function numberOf({ text, isStatic }: Value, scope: Scope): number | null {
	if (!isStatic || text.length > 64) return null;
	const named = /^[A-Za-z_]\w*$/.test(text) ? scope.get(text) : undefined;
	const digits = (named === undefined ? text : named.isStatic ? named.text : "?").trim();
	const based = /^(\d+)#(\w+)$/.exec(digits);
	if (based !== null) return whole(Number.parseInt(based[2] as string, Math.min(36, Number(based[1]))));
	if (/^0[0-7]+$/.test(digits)) return whole(Number.parseInt(digits, 8));
	return /^(?:\d+|0x[\da-f]+)$/i.test(digits) ? whole(Number(digits)) : null;
}
