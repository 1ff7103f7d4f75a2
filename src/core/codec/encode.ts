/**
 * Records to bytes: `C3 01`, the schema's fingerprint, the Avro body.
 *
 * An encoder never writes what its decoder would refuse. A value out of bounds is a broken promise of whoever composed it
 * and is thrown, with a code of the RECORD family. Arguments are not read again here: that they are canonical is their type.
 */

import { AssentError, type ErrorCode, problem } from "../base/errors.ts";
import { err, ok, type Result } from "../base/result.ts";
import { ENTRY_BYTES_MAX, INPUT_BYTES_MAX, RECORD_BYTES_MAX } from "../model/bounds.ts";
import type { LedgerEntry } from "../model/entries.ts";
import type { StoredInput } from "../model/inputs.ts";
import type { DerivedRecord } from "../model/records.ts";
import { REGISTRY, type Schema } from "./registry.ts";
import { beginRecord, createSink, endRecord } from "./sink.ts";

/** Bytes of an input. Throws RECORD_FIELD or RECORD_OVERSIZED. */
export const encodeInput = (record: StoredInput): Uint8Array =>
	write(writerOf("input", record.type), record, RECORD_BYTES_MAX);

/** Bytes of a ledger entry, which are its leaf. Throws RECORD_FIELD or RECORD_OVERSIZED (over ENTRY_BYTES_MAX). */
export const encodeEntry = (entry: LedgerEntry): Uint8Array =>
	write(writerOf("entry", entry.kind), entry, ENTRY_BYTES_MAX);

/** Bytes of a derived record. Throws RECORD_FIELD or RECORD_OVERSIZED. */
export const encodeDerived = (record: DerivedRecord): Uint8Array =>
	write(writerOf("derived", record.type), record, RECORD_BYTES_MAX);

/** Why a publisher must not send an encoded input, or its bytes again. */
export function checkPublishable(
	bytes: Uint8Array,
): Result<Uint8Array, { readonly code: "RECORD_OVERSIZED"; readonly message: string }> {
	if (bytes.length <= INPUT_BYTES_MAX) return ok(bytes);
	return err({
		code: "RECORD_OVERSIZED",
		message: `the record has ${bytes.length} bytes, publishers may send at most ${INPUT_BYTES_MAX}`,
	});
}

/** The schema by which records of a type are written. Throws ASSENT_INTERNAL where there is none. */
export function writerOf(family: "input" | "entry" | "derived", type: string): Schema {
	const schema = REGISTRY.writerOf(family, type);
	if (schema === null) throw new AssentError(problem("ASSENT_INTERNAL", `there is no schema for \`${type}\``));
	return schema;
}

const sink = createSink();

function write(schema: Schema, value: object, bytesMax: number): Uint8Array {
	const { header, write: writeBody } = schema.codec();
	beginRecord(sink, header, bytesMax);
	if (!writeBody(sink, value)) throw unwritable(schema, sink.code, `field \`${sink.path}\` ${sink.what}`);
	const length = sink.at - sink.start;
	if (length > bytesMax) {
		throw unwritable(schema, "RECORD_OVERSIZED", `it has ${length} bytes, at most ${bytesMax} are accepted`);
	}
	return endRecord(sink);
}

const unwritable = (schema: Schema, code: ErrorCode, why: string): AssentError =>
	new AssentError(problem(code, `\`${schema.shape.name}\` cannot be written: ${why}`));
