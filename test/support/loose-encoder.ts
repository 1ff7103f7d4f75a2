/** Writes records that the codec's own encoders refuse, for tests of hostile input: avsc by itself holds nobody to bounds. */
import { readFileSync } from "node:fs";
import avro from "avsc";
import { HEADER_BYTES, REGISTRY } from "../../src/core/codec/registry.ts";

/** The bytes of a value under a published schema (`intent-submitted`), whatever its bounds say. */
export function encodeLoosely(schemaFile: string, value: object): Uint8Array {
	const text = readFileSync(new URL(`../../schemas/${schemaFile}.avsc`, import.meta.url), "utf8");
	const type = avro.Type.forSchema(JSON.parse(text) as avro.Schema, { wrapUnions: "never" });
	const schema = REGISTRY.schemas.find(
		(known) => known.isCurrent && known.shape.name === type.branchName?.split(".").at(-1),
	);
	if (schema === undefined) throw new Error(`there is no schema like ${schemaFile}`);
	const withBuffers = Object.fromEntries(
		Object.entries(value).map(([name, part]) => [name, part instanceof Uint8Array ? Buffer.from(part) : part]),
	);
	const body = type.toBuffer(withBuffers);
	const bytes = new Uint8Array(HEADER_BYTES + body.length);
	bytes.set(schema.codec().header);
	bytes.set(body, HEADER_BYTES);
	return bytes;
}
