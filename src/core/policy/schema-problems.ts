/** Turns what zod finds into problems with a place and a suggestion. */
import type { z } from "zod";
import { type ErrorCode, type Problem, problem } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { nearest } from "../base/suggestion.ts";
import { listsSchema, policySchema } from "./document.ts";
import { foreign } from "./foreign-words.ts";
import { boundHelp, clip, expectedAt, formatHelp, typeHelp, unknownKeyHelp, wordHelp } from "./form-help.ts";
import { trustSchema } from "./trust-form.ts";
import type { YamlPath, YamlSource } from "./yaml-source.ts";

type Issue = z.core.$ZodIssue;

/** More than these are not reported: one cause can spoil a whole file, and each place takes a search. */
export const PROBLEMS_MAX = 100;

/** What kind of document it is: its messages say so. */
export interface DocumentForm {
	/** The zod schema, from which the keys are read that could have been meant. */
	readonly schema: unknown;
	readonly schemaCode: ErrorCode;
	readonly unknownKeyCode: ErrorCode;
	/** What to write where a key is missing, by its path. */
	readonly required: Readonly<Record<string, string>>;
	/** Where everything stands. */
	readonly reference: string;
	/** What to write where the document is no map. */
	readonly begin?: string;
	/** Keys whose values are never shown. */
	readonly secrets: readonly string[];
}

const POLICY_FORM: DocumentForm = {
	schema: policySchema,
	schemaCode: "POLICY_SCHEMA",
	unknownKeyCode: "POLICY_UNKNOWN_KEY",
	required: {
		tools: "say which tools may be called: `tools: {allow: all}`, `none`, or a list of globs",
	},
	reference: "see schemas/policy.schema.json",
	begin: "begin with `apiVersion: assent.dev/v1` and `kind: Policy`",
	secrets: [],
};

/** Of documents that only define. */
export const LISTS_FORM: DocumentForm = { ...POLICY_FORM, schema: listsSchema, required: {} };

/** Of documents that say whose keys are believed. */
export const TRUST_FORM: DocumentForm = {
	...POLICY_FORM,
	schema: trustSchema,
	required: {},
	reference: "see schemas/trust.schema.json",
	begin: "begin with `apiVersion: assent.dev/v1` and `kind: Trust`",
};

/** What was read, and where it is written. */
type Places = Pick<YamlSource, "data" | "placeOf" | "placeOfKey">;

export function schemaProblems(issues: readonly Issue[], yaml: Places, form = POLICY_FORM): Problem[] {
	const problems: Problem[] = [];
	for (const [index, issue] of issues.entries()) {
		if (problems.length >= PROBLEMS_MAX) break;
		// Of what is no list at all its length says nothing more.
		const before = issues[index - 1];
		if (issue.code === "too_big" && before?.code === "invalid_type" && isSamePath(issue.path, before.path)) continue;
		problems.push(...problemsOf(issue, { base: [], yaml, form }));
	}
	return problems;
}

const isSamePath = (one: readonly PropertyKey[], other: readonly PropertyKey[]): boolean =>
	one.length === other.length && one.every((step, index) => step === other[index]);

interface Reading {
	readonly base: YamlPath;
	readonly yaml: Places;
	readonly form: DocumentForm;
}

function problemsOf(issue: Issue, { base, yaml, form }: Reading): Problem[] {
	const path: YamlPath = [...base, ...(issue.path as (string | number)[])];
	const value = valueAt(yaml.data, path);
	if (value !== undefined && form.secrets.includes(String(path.at(-1)))) {
		const message = `${nameOf(path)} does not have the form of one`;
		return [problem(form.schemaCode, message, "put it in single quotes", yaml.placeOf(path))];
	}
	switch (issue.code) {
		case "unrecognized_keys":
			return issue.keys.slice(0, PROBLEMS_MAX).map((key) => unknownKey(key, path, { base, yaml, form }));
		case "invalid_union":
			return nearestBranch(issue.errors, value).flatMap((inner) => problemsOf(inner, { base: path, yaml, form }));
		case "invalid_key":
			return [
				problem(
					form.schemaCode,
					`the name \`${clip(path.at(-1))}\` is not accepted: ${issue.issues[0]?.message ?? ""}`,
					"rename it",
					yaml.placeOfKey(path),
				),
			];
		case "invalid_value": {
			const known = issue.values.map(String);
			if (value === undefined) {
				const help = form.required[path.join(".")] ?? `write \`${String(path.at(-1))}: ${known[0] ?? ""}\``;
				return missing(path, { base, yaml, form }, help);
			}
			return [
				problem(
					form.schemaCode,
					value !== null && typeof value === "object"
						? `${nameOf(path)} must be one word, not ${kindOf(value)}`
						: `${nameOf(path)} cannot be ${value === null ? "empty" : `\`${clip(value)}\``}`,
					wordHelp(path, value, known),
					yaml.placeOf(path),
				),
			];
		}
		case "invalid_type": {
			if (value === undefined) {
				const help = form.required[path.join(".")] ?? `add it; ${expectedAt(path, issue.expected)} is expected`;
				return missing(path, { base, yaml, form }, help);
			}
			return [
				problem(
					form.schemaCode,
					`${nameOf(path)} must be ${expectedAt(path, issue.expected)}, not ${kindOf(value)}`,
					typeHelp(path, { type: issue.expected, value, instead: form.reference, begin: form.begin }),
					yaml.placeOf(path),
				),
			];
		}
		case "too_small":
		case "too_big": {
			const isTooSmall = issue.code === "too_small";
			const bound = Number(isTooSmall ? issue.minimum : issue.maximum);
			const noun = SIZED[issue.origin];
			const amount = noun === undefined ? String(bound) : countedAs(bound, noun);
			return [
				problem(
					form.schemaCode,
					`${nameOf(path)} must ${noun === undefined ? "be" : "have"} at ${isTooSmall ? "least" : "most"} ${amount}`,
					boundHelp(path, value, { isTooSmall, bound, origin: issue.origin }),
					yaml.placeOf(path),
				),
			];
		}
		case "invalid_format":
		case "not_multiple_of":
		case "invalid_element":
		case "custom":
			return [
				problem(
					form.schemaCode,
					`${nameOf(path)} cannot be ${value === "" ? "empty" : `\`${clip(value)}\``}: ${issue.message}`,
					formatHelp(path, value),
					yaml.placeOf(path),
				),
			];
	}
}

const SIZED: Readonly<Record<string, { readonly one: string; readonly many: string } | undefined>> = {
	string: { one: "character", many: "characters" },
	array: { one: "entry", many: "entries" },
};

const countedAs = (value: number, noun: { readonly one: string; readonly many: string }): string =>
	`${value} ${value === 1 ? noun.one : noun.many}`;

function unknownKey(key: string, path: YamlPath, { yaml, form }: Reading): Problem {
	const place = yaml.placeOfKey([...path, key]);
	const where = path.length === 0 ? "" : ` in ${nameOf(path)}`;
	return problem(
		form.unknownKeyCode,
		`unknown key \`${clip(key)}\`${where}`,
		valueAt(yaml.data, [...path, key]) === null && path.length > 0 && !/^\d+$/.test(key)
			? "a comma ends the value before it: several values are a list, `[a, b]`"
			: unknownKeyHelp(key, keysAt(form.schema, path)),
		place,
	);
}

/** Nothing where the key is there with a slip in its name: that problem says it all. */
function missing(path: YamlPath, { yaml, form }: Reading, help: string): Problem[] {
	const parent = path.slice(0, -1);
	const key = String(path.at(-1));
	if (isMisspelt(key, valueAt(yaml.data, parent), keysAt(form.schema, parent))) return [];
	const where = parent.length === 0 ? "" : ` in ${nameOf(parent)}`;
	const instead = (key !== "tools" || parent.length > 0) && Object.hasOwn(NEEDED, key) ? (NEEDED[key] ?? help) : help;
	return [problem(form.schemaCode, `\`${key}\` is missing${where}`, instead, yaml.placeOf(parent))];
}

/** Keys that many maps need. */
const NEEDED: Readonly<Record<string, string | undefined>> = {
	in: "say what it looks at: `in: args.NAME`",
	key: "give its public key: `assent keys create NAME --out FILE` prints one",
	tenants: "say for whom it may speak: `tenants: [...]`, or `['*']` for all of them",
	name: "give it a name, such as `name: no-shell`, by which it is known",
	approvers: "say who may decide: `approvers: [alice@example.com]`",
	owner: "say who answers for it: `owner: alice@example.com`",
	reason: "say why it is needed: `reason: …`",
	tools: "say which tools it is about: `tools: [...]`",
	max: "say how much: `max: 100`",
	metadata: "write `metadata: { name: … }`",
};

const isMisspelt = (key: string, map: Json | undefined, known: readonly string[]): boolean =>
	map !== null &&
	typeof map === "object" &&
	Object.keys(map).some(
		(written) => !known.includes(written) && (nearest(written, known) === key || foreign(written, known)?.key === key),
	);

/** Of a union's branches, the one that the author meant: the one whose outermost type fits what is written. */
function nearestBranch(branches: readonly (readonly Issue[])[], value: Json | undefined): readonly Issue[] {
	const fits = (branch: readonly Issue[]): boolean =>
		!branch.some(
			(issue) => issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value"),
		);
	const close = (branch: readonly Issue[]): boolean =>
		branch.some((issue) => issue.path.length === 0 && issue.code === "invalid_value") && typeof value === "string";
	const takesText = (branch: readonly Issue[]): boolean =>
		branch.some(
			(issue) =>
				issue.path.length === 0 &&
				(issue.code === "invalid_value" || (issue.code === "invalid_type" && issue.expected === "string")),
		);
	const isScalar = value === null || typeof value !== "object";
	const scalar = isScalar || Array.isArray(value) ? branches.find(takesText) : undefined;
	return branches.find(fits) ?? branches.find(close) ?? scalar ?? branches.at(-1) ?? [];
}

/** The keys that a document may have at a place, read from the schema itself. */
export function keysAt(schema: unknown, path: YamlPath): readonly string[] {
	let schemas: readonly Inner[] = objects(schema as Inner);
	for (const step of path) {
		schemas = schemas.flatMap((schema) => {
			const inner = typeof step === "number" ? schema.def.element : (schema.def.shape?.[step] ?? schema.def.valueType);
			return inner === undefined ? [] : objects(inner);
		});
	}
	return [...new Set(schemas.flatMap((schema) => Object.keys(schema.def.shape ?? {})))];
}

/** The part of a zod schema's definition that `keysAt` walks. */
interface Inner {
	readonly def: {
		readonly shape?: Readonly<Record<string, Inner>>;
		readonly element?: Inner;
		readonly valueType?: Inner;
		readonly innerType?: Inner;
		/** Of what is read in one form and taken in another. */
		readonly out?: Inner;
		readonly options?: readonly Inner[];
	};
}

const objects = (schema: Inner): readonly Inner[] => {
	if (schema.def.out !== undefined) return objects(schema.def.out);
	if (schema.def.innerType !== undefined) return objects(schema.def.innerType);
	if (schema.def.options !== undefined) return schema.def.options.flatMap(objects);
	return [schema];
};

function valueAt(data: Json, path: YamlPath): Json | undefined {
	let value: Json | undefined = data;
	for (const step of path) {
		if (value === null || typeof value !== "object" || !Object.hasOwn(value, step)) return undefined;
		value = (value as { readonly [key: string]: Json })[step];
	}
	return value;
}

/** `patterns[2].name`, in backticks. */
export function nameOf(path: YamlPath): string {
	let text = "";
	for (const step of path) text += typeof step === "number" ? `[${step}]` : `${text === "" ? "" : "."}${step}`;
	return text === "" ? "the document" : `\`${clip(text)}\``;
}

function kindOf(value: Json): string {
	if (value === null) return "empty";
	if (Array.isArray(value)) return "a list";
	return typeof value === "object" ? "a map" : `\`${clip(value)}\``;
}
