/** The keys of a document, row by row, from its JSON Schema: path, form, default, meaning. */
import { between, code, table } from "./markdown.ts";

/** What zod writes of a schema and these pages read. */
export interface JsonSchema {
	readonly type?: string;
	/** A form that is said once, in `$defs`. */
	readonly $ref?: string;
	readonly $defs?: Readonly<Record<string, JsonSchema>>;
	readonly title?: string;
	readonly description?: string;
	readonly default?: unknown;
	/** What a key that is left out means, where that is not the schema's own default. */
	readonly absent?: unknown;
	readonly const?: unknown;
	readonly enum?: readonly unknown[];
	readonly anyOf?: readonly JsonSchema[];
	readonly items?: JsonSchema;
	readonly properties?: Readonly<Record<string, JsonSchema>>;
	readonly additionalProperties?: JsonSchema | boolean;
	readonly required?: readonly string[];
	readonly minimum?: number;
	readonly maximum?: number;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly maxItems?: number;
}

type Row = readonly [key: string, form: string, fallback: string, meaning: string];

/** All keys below `schema`, parents before children. */
export const keyTable = (schema: JsonSchema): string =>
	table(["key", "form", "default", "meaning"], rowsBelow(schema, ""));

function rowsBelow(schema: JsonSchema, prefix: string): Row[] {
	const { properties = {}, required = [], additionalProperties, items, anyOf } = schema;
	const named = Object.entries(properties).flatMap(([key, of]) => [
		rowOf(`${prefix}${key}`, of, required.includes(key)),
		...rowsBelow(of, `${prefix}${key}.`),
	]);
	const others = typeof additionalProperties === "object" ? rowsBelow(additionalProperties, `${prefix}NAME.`) : [];
	const members = items === undefined ? [] : rowsBelow(items, `${prefix.replace(/\.$/, "")}[].`);
	const alternatives = (anyOf ?? []).flatMap((of) => rowsBelow(of, prefix));
	return [...named, ...others, ...members, ...alternatives];
}

function rowOf(key: string, schema: JsonSchema, isRequired: boolean): Row {
	const value = schema.default ?? schema.absent;
	const fallback = value === undefined ? (isRequired ? "required" : "") : defaultOf(value);
	return [code(key), formOf(schema), fallback, schema.description ?? ""];
}

/** Defaults of sections are told by their own keys. */
const defaultOf = (value: unknown): string =>
	typeof value === "object" && value !== null && !Array.isArray(value)
		? ""
		: code(typeof value === "string" ? value : JSON.stringify(value));

/** How a value is written, in words. */
function formOf(schema: JsonSchema): string {
	// That a list may be named is said once, where lists are.
	const alternatives = schema.anyOf?.filter(({ title }) => title !== "$list");
	if (alternatives !== undefined) return [...new Set(alternatives.map(formOf))].join(", or ");
	if (schema.const !== undefined) return code(String(schema.const));
	if (schema.enum !== undefined) return schema.enum.map((word) => code(String(word))).join(", ");
	if (schema.type === "array") {
		const { items = {}, maxItems } = schema;
		const each = boundsOf(items);
		const bounds = [between(undefined, maxItems), each === "" ? "" : `each ${each}`].filter((part) => part !== "");
		return withBounds(`list of ${nounOf(items)}s`, bounds.join(", "));
	}
	return withBounds(nounOf(schema), boundsOf(schema));
}

function nounOf(schema: JsonSchema): string {
	if (schema.title !== undefined) return schema.title;
	if (schema.$ref !== undefined) return schema.$ref.replace("#/$defs/", "");
	if (schema.anyOf !== undefined) return schema.anyOf.map(nounOf).join("s and ");
	switch (schema.type) {
		case "string":
			return "text";
		case "integer":
			return "whole number";
		case "number":
			return "number";
		case "boolean":
			return "boolean";
		case "object":
			return typeof schema.additionalProperties === "object" ? "map by name" : "map";
		default:
			throw new Error(`no words for a schema of the type \`${schema.type}\``);
	}
}

function boundsOf(schema: JsonSchema): string {
	if (schema.type === "string") return between(above1(schema.minLength), schema.maxLength, "characters");
	if (schema.type === "integer") return between(known(schema.minimum), known(schema.maximum));
	return schema.type === "number" ? between(schema.minimum, schema.maximum) : "";
}

const withBounds = (what: string, bounds: string): string => (bounds === "" ? what : `${what} (${bounds})`);
/** That a text is not empty goes without saying. */
const above1 = (length: number | undefined): number | undefined => (length === 1 ? undefined : length);
/** The bounds of every integer say nothing. */
const known = (bound: number | undefined): number | undefined =>
	bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound;
