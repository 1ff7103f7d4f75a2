import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type AvroSchema, canonicalForm, isArray, isRecord, isUnion } from "../../../../src/core/codec/avro-schema.ts";
import { fingerprintHex, fingerprintOf } from "../../../../src/core/codec/fingerprint.ts";
import { schemaFiles } from "../../../../src/core/codec/schema-files.ts";

const ROOT = new URL("../../../../", import.meta.url);
const read = (path: string): string =>
	existsSync(new URL(path, ROOT)) ? readFileSync(new URL(path, ROOT), "utf8") : "";

/** Every record and field of a schema, by its path. */
function documented(schema: AvroSchema, path: string): [path: string, doc: string | undefined][] {
	if (typeof schema === "string") return [];
	if (isUnion(schema)) return schema.flatMap((branch) => documented(branch, path));
	if (isArray(schema)) return documented(schema.items, `${path}[]`);
	if (!isRecord(schema)) return [];
	const fields = schema.fields.flatMap(({ name, doc, type }): [string, string | undefined][] => [
		[`${path}.${name}`, doc],
		...documented(type, `${path}.${name}`),
	]);
	return [[`${path}: ${schema.name}`, schema.doc], ...fields];
}

const PUBLISHED = readdirSync(new URL("schemas/", ROOT)).filter((file) => file.endsWith(".avsc"));

describe("the published schemas", () => {
	it.each(PUBLISHED)("say in %s what each record and field is, as a sentence", (file) => {
		const all = documented(JSON.parse(read(`schemas/${file}`)) as AvroSchema, file);
		expect(all.length).toBeGreaterThan(3);
		expect(all.filter(([, doc]) => !/^[A-Z`].*[.…]$/.test(doc ?? ""))).toEqual([]);
	});

	it.each(PUBLISHED)("have one line for each field in %s", (file) => {
		const text = read(`schemas/${file}`);
		const fields = documented(JSON.parse(text) as AvroSchema, "").filter(([path]) => !path.includes(": "));
		const opening = text.split("\n").filter((line) => line.trimStart().startsWith('{ "name"'));
		expect(opening).toHaveLength(fields.length);
		expect(opening.every((line) => line.indexOf('"fields": [') === -1 || line.endsWith('"fields": ['))).toBe(true);
	});

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
		const map = JSON.parse(read("schemas/fingerprints.json")) as Record<
			string,
			{ type: string; file: string; number: string }
		>;
		for (const [hex, { file, type, number }] of Object.entries(map)) {
			const schema = JSON.parse(read(`schemas/${file}`)) as AvroSchema & { name: string; namespace: string };
			expect(fingerprintHex(fingerprintOf(canonicalForm(schema)))).toBe(hex);
			expect(Buffer.from(number, "hex").reverse().toString("hex")).toBe(hex);
			expect(`${schema.namespace}.${schema.name}`).toBe(type);
		}
	});
});
