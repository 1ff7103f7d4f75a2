/** The JSON Schemas of policy documents, for editors; `schemas/` holds them. */
import { z } from "zod";
import { listsSchema, policySchema } from "./document.ts";
import { TAKES_LIST } from "./references.ts";
import { trustSchema } from "./trust-form.ts";

/** The file's text, with a final newline. Regenerate the file with `npm run schemas`. */
export const policyJsonSchema = (): string => textOf(policySchema, "Assent policy, assent.dev/v1");

export const listsJsonSchema = (): string => textOf(listsSchema, "Lists and macros of Assent policies, assent.dev/v1");

export const trustJsonSchema = (): string => textOf(trustSchema, "Trusted keys of Assent policies, assent.dev/v1");

function textOf(form: z.ZodType, title: string): string {
	const schema = z.toJSONSchema(form, { io: "input" }) as Schema;
	const { $schema, $defs, ...rest } = withNames(schema);
	if ($defs === undefined) return `${JSON.stringify({ $schema, title, ...rest }, null, "\t")}\n`;
	const test = { anyOf: [($defs as { readonly test: Schema }).test, USE] };
	return `${JSON.stringify({ $schema, title, ...rest, $defs: { ...($defs as object), test } }, null, "\t")}\n`;
}

/** The part of a JSON Schema in which names may stand. */
interface Schema {
	readonly type?: string;
	readonly enum?: unknown;
	readonly title?: string;
	readonly anyOf?: readonly Schema[];
	readonly [key: string]: unknown;
}

const NAME = "[a-z][a-z0-9-]{0,62}";

const USE: Schema = {
	type: "object",
	properties: {
		use: {
			description: "Instead of all other keys: the name of one of `macros`, whose tests these are.",
			type: "string",
			pattern: `^${NAME}$`,
			title: "name",
		},
	},
	required: ["use"],
	additionalProperties: false,
};

/** The loader reads documents with lists and macros put in; the schema is of documents as they are written. */
function withNames<Value>(schema: Value): Value {
	if (schema === null || typeof schema !== "object") return schema;
	if (Array.isArray(schema)) return schema.map(withNames) as Value;
	const members = Object.entries(schema).map(([key, value]) => {
		const named = withNames(value);
		return [key, TAKES_LIST.has(key) ? orList(named as Schema) : named];
	});
	return Object.fromEntries(members) as Value;
}

/** A list, or the name of one; anything else as it is. */
function orList(schema: Schema): Schema {
	const name: Schema = { type: "string", pattern: `^\\$${NAME}$`, title: "$list" };
	const { description, default: fallback, ...list } = schema;
	const alternatives = schema.anyOf ?? [list];
	const takesList = alternatives.some(({ type }) => type === "array");
	const takesText = alternatives.some(
		({ type, enum: words, title }) => (type === "string" && words === undefined) || title === "$list",
	);
	if (!takesList || takesText) return schema;
	return {
		...(description === undefined ? {} : { description }),
		...(fallback === undefined ? {} : { default: fallback }),
		anyOf: [...alternatives, name],
	};
}
