/** v1 grows by addition only: bytes of an earlier schema are read as the present record, and are never rewritten. */
import { describe, expect, it } from "vitest";
import { decodeInput } from "../../../../src/core/codec/decode.ts";
import { encodeInput } from "../../../../src/core/codec/encode.ts";
import { createRegistry, REGISTRY } from "../../../../src/core/codec/registry.ts";
import { schemaFiles } from "../../../../src/core/codec/schema-files.ts";
import type { Definition } from "../../../../src/core/codec/schemas/definition.ts";
import { count, list, name, nullable, type RecordShape, type Shape, words } from "../../../../src/core/codec/shape.ts";
import type { OutcomeReported } from "../../../../src/core/model/inputs.ts";

const OUTCOME: OutcomeReported = {
	type: "outcome.reported",
	actor: [],
	call: { tenant: "acme", agent: "coder", id: "call-1" },
	session: "run-7",
	status: "ok",
	sketch: "",
	usage: { tokens: 1, costMicros: 2, executionMs: 3 },
};

function definitionOf(type: string): Definition {
	const schema = REGISTRY.writerOf("input", type);
	if (schema === null) throw new Error(`no schema for ${type}`);
	return schema.definition;
}

const extended = (shape: RecordShape, additions: RecordShape["fields"]): RecordShape => ({
	...shape,
	fields: [...shape.fields, ...additions],
});

/** A later v1 of the outcome: fields added at the end, and one inside `usage`. */
function laterOutcome(): Definition {
	const today = definitionOf("outcome.reported");
	const fields = today.shape.fields.map((field) => {
		if (field.name !== "usage" || field.of.shape !== "record") return field;
		return {
			...field,
			of: extended(field.of, [
				{ name: "retries", of: count, doc: "How often it was tried again.", absent: 0 },
			]) as Shape,
		};
	});
	const shape = extended({ ...today.shape, fields }, [
		{ name: "note", of: words, doc: "A note.", absent: "none" },
		{ name: "exitCode", of: nullable(count), doc: "The exit code.", absent: null },
		{ name: "labels", of: list(name), doc: "Labels.", absent: [] },
	]);
	return { ...today, shape, older: [today.shape] };
}

describe("a record written under an earlier v1 schema", () => {
	const later = createRegistry([laterOutcome()]);
	const stored = encodeInput(OUTCOME);

	it("is read in the present form, with what was added at its default", () => {
		expect(decodeInput(stored, "intents", later)).toStrictEqual({
			ok: true,
			value: {
				...OUTCOME,
				usage: { ...OUTCOME.usage, retries: 0 },
				note: "none",
				exitCode: null,
				labels: [],
			},
		});
	});

	it("is held to the bounds and the length of its own schema", () => {
		expect(decodeInput(stored.subarray(0, -1), "intents", later)).toMatchObject({
			ok: false,
			error: { code: "RECORD_TRUNCATED", call: OUTCOME.call },
		});
		expect(decodeInput(new Uint8Array([...stored, 0]), "intents", later)).toMatchObject({
			ok: false,
			error: { code: "RECORD_MALFORMED" },
		});
	});

	it("stays published beside the present schema", () => {
		const paths = schemaFiles(later).map((file) => file.path);
		expect(paths).toHaveLength(3);
		expect(paths[0]).toBe("schemas/outcome-reported.avsc");
		expect(paths[1]).toMatch(/^schemas\/outcome-reported\.[0-9a-f]{16}\.avsc$/);
	});

	it("is of unknown schema to a version that came before", () => {
		const [present] = later.schemas;
		const bytes = new Uint8Array([...(present?.codec().header ?? []), 0, 0]);
		expect(decodeInput(bytes, "intents")).toMatchObject({ ok: false, error: { unknownSchema: true } });
	});
});

describe("a registry", () => {
	it("refuses two schemas that cannot be told apart", () => {
		const today = definitionOf("outcome.reported");
		expect(() => createRegistry([today, today])).toThrow("share the fingerprint");
	});
});
