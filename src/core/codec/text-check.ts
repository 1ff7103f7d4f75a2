/**
 * Finds lone surrogates in a record before it is written: UTF-8 cannot carry them, and avsc would write U+FFFD in their
 * place, so that two different ids could become one.
 */
import type { Shape } from "./shape.ts";

/** The path of the first text that is not well-formed Unicode, or null. What is no text at all is avsc's to refuse. */
export type TextCheck = (value: unknown) => string | null;

/** Null when values of the shape hold no text that could be malformed. */
function compile(shape: Shape): TextCheck | null {
	switch (shape.shape) {
		case "boolean":
		case "count":
		case "word":
		case "digest":
		case "bytes":
			return null;
		case "text":
			return (value) => (typeof value !== "string" || value.isWellFormed() ? null : "");
		case "nullable":
			return compile(shape.of);
		case "list":
			return compileList(shape.of);
		case "record":
			return compileRecord(shape.fields.map((field) => [field.name, compile(field.of)] as const));
	}
}

function compileList(of: Shape): TextCheck | null {
	const check = compile(of);
	if (check === null) return null;
	return (value) => {
		if (!Array.isArray(value)) return null;
		for (let item = 0; item < value.length; item++) {
			const path = check(value[item]);
			if (path !== null) return `[${item}]${path}`;
		}
		return null;
	};
}

function compileRecord(fields: readonly (readonly [string, TextCheck | null])[]): TextCheck | null {
	const checked = fields.filter((field): field is readonly [string, TextCheck] => field[1] !== null);
	if (checked.length === 0) return null;
	return (value) => {
		if (typeof value !== "object" || value === null) return null;
		for (const [name, check] of checked) {
			const path = check((value as Record<string, unknown>)[name]);
			if (path !== null) return `.${name}${path}`;
		}
		return null;
	};
}

/** The check of a whole record; paths begin with a dot. */
export const compileTextCheck = (shape: Shape): TextCheck => compile(shape) ?? (() => null);
