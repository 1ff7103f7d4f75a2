/** The published schemas: what `npm run schemas` writes, and what a test compares the committed files with. */

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
			.map(({ schema, file }) => [schema.fingerprintHex, { type: `${NAMESPACE}.${schema.shape.name}`, file }] as const)
			.sort(([a], [b]) => (a < b ? -1 : 1)),
	);
	return [
		...published.map(({ schema, file }) => ({ path: `schemas/${file}`, text: jsonFile(schema.avro) })),
		{ path: "schemas/fingerprints.json", text: jsonFile(map) },
	];
}

/** `intent-submitted.avsc`; an earlier version of the schema carries its fingerprint too. */
function fileName(name: string, of: { readonly isCurrent: boolean; readonly fingerprintHex: string }): string {
	const noun = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
	return of.isCurrent ? `${noun}.avsc` : `${noun}.${of.fingerprintHex}.avsc`;
}

const jsonFile = (value: unknown): string => `${JSON.stringify(value, null, "\t")}\n`;
