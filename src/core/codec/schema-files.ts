/**
 * The published schemas: what `npm run schemas` writes, and what a test compares the committed files with.
 *
 * Each field of a record has a line of its own, so that a difference between two versions reads as the fields it changed.
 */

import { type AvroRecord, type AvroSchema, isArray, isRecord, isUnion } from "./avro-schema.ts";
import { numberHex } from "./fingerprint.ts";
import { REGISTRY, type Registry } from "./registry.ts";
import { NAMESPACE } from "./shape.ts";

export interface SchemaFile {
	/** Relative to the project's root, with forward slashes. */
	readonly path: string;
	readonly text: string;
}

/** One `.avsc` file per schema, and the map from fingerprints to them, in a stable order. */
export function schemaFiles(registry: Registry = REGISTRY): readonly SchemaFile[] {
	const published = registry.schemas.map((schema) => ({ schema, file: fileName(schema.shape.name, schema) }));
	const map = Object.fromEntries(
		published
			.map(({ schema, file }) => {
				const type = `${NAMESPACE}.${schema.shape.name}`;
				return [schema.fingerprintHex, { type, file, number: numberHex(schema.fingerprint) }] as const;
			})
			.sort(([a], [b]) => (a < b ? -1 : 1)),
	);
	return [
		...published.map(({ schema, file }) => ({ path: `schemas/${file}`, text: `${recordText(schema.avro, "")}\n` })),
		{ path: "schemas/fingerprints.json", text: `${JSON.stringify(map, null, "\t")}\n` },
	];
}

/** `intent-submitted.avsc`; an earlier version of the schema carries its fingerprint too. */
function fileName(name: string, of: { readonly isCurrent: boolean; readonly fingerprintHex: string }): string {
	const noun = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
	return of.isCurrent ? `${noun}.avsc` : `${noun}.${of.fingerprintHex}.avsc`;
}

/** A record as JSON: its own attributes on the first line, then its fields, one on each line, indented by a tab more than `margin`. */
function recordText({ fields, ...attributes }: AvroRecord, margin: string): string {
	const lines = fields.map(({ name, doc, type, ...others }) => {
		const parts = [...members({ name, doc }), `"type": ${typeText(type, `${margin}\t`)}`, ...members(others)];
		return `\n${margin}\t{ ${parts.join(", ")} }`;
	});
	return `{ ${[...members(attributes), `"fields": [${lines.join(",")}\n${margin}]`].join(", ")} }`;
}

function typeText(type: AvroSchema, margin: string): string {
	if (typeof type === "string") return JSON.stringify(type);
	if (isUnion(type)) return `[${type.map((branch) => typeText(branch, margin)).join(", ")}]`;
	if (isRecord(type)) return recordText(type, margin);
	if (!isArray(type)) return `{ ${members(type).join(", ")} }`;
	const { items, ...others } = type;
	return `{ ${[...members(others), `"items": ${typeText(items, margin)}`].join(", ")} }`;
}

const members = (of: object): string[] =>
	Object.entries(of).map(([name, value]) => `${JSON.stringify(name)}: ${plainText(value)}`);

const plainText = (value: unknown): string =>
	Array.isArray(value) ? `[${value.map(plainText).join(", ")}]` : JSON.stringify(value);
