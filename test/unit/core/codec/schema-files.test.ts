import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type AvroSchema, canonicalForm } from "../../../../src/core/codec/avro-schema.ts";
import { fingerprintHex, fingerprintOf } from "../../../../src/core/codec/fingerprint.ts";
import { schemaFiles } from "../../../../src/core/codec/schema-files.ts";

const ROOT = new URL("../../../../", import.meta.url);
const read = (path: string): string =>
	existsSync(new URL(path, ROOT)) ? readFileSync(new URL(path, ROOT), "utf8") : "";

describe("the published schemas", () => {
	it.each(schemaFiles())("$path is what `npm run schemas` writes", ({ path, text }) => {
		expect(read(path)).toBe(text);
	});

	it("are no more than the records there are", () => {
		const published = schemaFiles().map((file) => file.path);
		const committed = readdirSync(new URL("schemas/", ROOT)).filter((file) => file.endsWith(".avsc"));
		expect(committed.map((file) => `schemas/${file}`).sort()).toEqual(
			published.filter((path) => path.endsWith(".avsc")).sort(),
		);
	});

	it("have the fingerprints of the map, taken from the files themselves", () => {
		const map = JSON.parse(read("schemas/fingerprints.json")) as Record<string, { type: string; file: string }>;
		for (const [hex, { file, type }] of Object.entries(map)) {
			const schema = JSON.parse(read(`schemas/${file}`)) as AvroSchema & { name: string; namespace: string };
			expect(fingerprintHex(fingerprintOf(canonicalForm(schema)))).toBe(hex);
			expect(`${schema.namespace}.${schema.name}`).toBe(type);
		}
	});
});
