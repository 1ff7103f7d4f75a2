/** The page of records: every schema and every type that it names, field by field with its bounds, from the shapes. */

import { REGISTRY, type Schema } from "../../src/core/codec/registry.ts";
import { schemaFiles } from "../../src/core/codec/schema-files.ts";
import type { Family } from "../../src/core/codec/schemas/definition.ts";
import type { RecordShape, Shape } from "../../src/core/codec/shape.ts";
import { INTEGER_MAX } from "../../src/core/model/bounds.ts";
import { between, code, grouped, page, table } from "./markdown.ts";

const FAMILIES: Readonly<Record<Family, string>> = {
	intents: "Inputs on `intents`",
	control: "Inputs on `control`",
	entry: "Entries of the ledger, on `decisions`",
	derived: "Other records",
};

export function recordsPage(): string {
	const current = REGISTRY.schemas.filter(({ isCurrent }) => isCurrent);
	const records = Object.entries(FAMILIES).flatMap(([family, title]) => {
		const schemas = current.filter(({ definition }) => definition.family === family);
		return [`## ${title}`, ...sectionsOf(schemas)];
	});
	const parts = [...partsOf(current.map(({ shape }) => shape))].sort(([a], [b]) => (a < b ? -1 : 1));
	return page({
		title: "Records",
		from: "the shapes in src/core/codec/schemas",
		parts: [
			`Every record that is written to a log, field by field; how to decode one is in [records.md](../records.md). A *count* is a whole number\nfrom 0 to ${grouped(INTEGER_MAX)}, a *digest* 64 lower-case hex digits, a *name* a text without control characters. Lengths of texts\nare UTF-16 code units. Bounds are those that every decoder of Assent holds a record to.`,
			...records,
			"## Types inside records",
			...parts.flatMap(([name, shapes]) => [
				`### ${name}`,
				...shapes.flatMap((shape) => [shape.doc, fieldTable(shape.fields)]),
			]),
		],
	});
}

/** Fields with which every record of a family begins are told once, in front of them. */
function sectionsOf(schemas: readonly Schema[]): readonly string[] {
	const [first, ...others] = schemas.map(({ shape }) => shape.fields.map((field) => JSON.stringify(field)));
	const differs = first?.findIndex((field, at) => others.some((fields) => fields[at] !== field)) ?? 0;
	const shared = differs < 0 ? 0 : differs;
	const fields = schemas[0]?.shape.fields.slice(0, shared) ?? [];
	return [
		...(shared === 0 ? [] : ["Every one of them begins with these fields:", fieldTable(fields)]),
		...schemas.flatMap((schema) => recordSection(schema, shared)),
	];
}

function recordSection(schema: Schema, shared: number): readonly string[] {
	const { shape, definition, fingerprintHex } = schema;
	const file = FILES.get(fingerprintHex) ?? "";
	const types = definition.types.map(code).join(", ");
	return [
		`### ${shape.name}`,
		`${shape.doc} ${definition.family === "entry" ? "Kind" : "Type"} ${types}; fingerprint ${code(fingerprintHex)}, [${file}](../../schemas/${file}).`,
		fieldTable(shape.fields.slice(shared)),
	];
}

/** Files by fingerprint, as they are published. */
const FILES: ReadonlyMap<string, string> = new Map(
	Object.entries(
		JSON.parse(schemaFiles().find(({ path }) => path.endsWith("fingerprints.json"))?.text ?? "{}") as Record<
			string,
			{ file: string }
		>,
	).map(([fingerprint, { file }]) => [fingerprint, file]),
);

const fieldTable = (fields: RecordShape["fields"]): string =>
	fields.length === 0
		? "It has no other fields."
		: table(
				["field", "type", "meaning"],
				fields.map(({ name, of, doc }) => [code(name), typeOf(of), doc]),
			);

/** The types inside records, each by its name; a name has more than one form where bounds differ from place to place. */
function partsOf(records: readonly RecordShape[]): ReadonlyMap<string, readonly RecordShape[]> {
	const found = new Map<string, RecordShape[]>();
	const visit = (shape: Shape): void => {
		if (shape.shape === "nullable" || shape.shape === "list") visit(shape.of);
		if (shape.shape !== "record") return;
		const known = found.get(shape.name) ?? [];
		if (known.some((other) => JSON.stringify(other) === JSON.stringify(shape))) return;
		found.set(shape.name, [...known, shape]);
		for (const { of } of shape.fields) visit(of);
	};
	for (const { fields } of records) for (const { of } of fields) visit(of);
	return found;
}

function typeOf(of: Shape): string {
	switch (of.shape) {
		case "boolean":
			return "boolean";
		case "count":
			return "count";
		case "text":
			return `${of.controls ? "text" : "name"}, ${between(of.lengthMin === 0 ? undefined : of.lengthMin, of.lengthMax)}${of.lengthMin === 0 && !of.controls ? ", may be empty" : ""}`;
		case "word":
			return of.words.map(code).join(", ");
		case "digest":
			return of.optional ? "digest, may be empty" : "digest";
		case "bytes":
			return `bytes, ${between(of.lengthMin === 0 ? undefined : of.lengthMin, of.lengthMax)}`;
		case "nullable":
			return `${typeOf(of.of)}; or null`;
		case "list":
			return `list of ${typeOf(of.of)}; at most ${grouped(of.lengthMax)}`;
		case "record":
			return `[${of.name}](#${of.name.toLowerCase()})`;
	}
}
