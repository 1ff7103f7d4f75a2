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
import type { InputRecord } from "../model/inputs.ts";
import type { DerivedRecord } from "../model/records.ts";
import { createSink } from "./body-writer.ts";
import { HEADER_BYTES, REGISTRY, type Schema } from "./registry.ts";

/** Bytes of an input. Throws RECORD_FIELD or RECORD_OVERSIZED. */
export const encodeInput = (record: InputRecord): Uint8Array =>
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
	sink.buffer.set(header);
	sink.at = HEADER_BYTES;
	sink.limit = bytesMax;
	sink.path = "";
	if (!writeBody(sink, value)) throw unwritable(schema, sink.code, `field \`${sink.path}\` ${sink.what}`);
	if (sink.at > bytesMax) {
		throw unwritable(schema, "RECORD_OVERSIZED", `it has ${sink.at} bytes, at most ${bytesMax} are accepted`);
	}
	const bytes = room(sink.at);
	bytes.set(sink.buffer.subarray(0, sink.at));
	return bytes;
}

/** Records lie one behind the other in slabs: a buffer of its own for each costs more than writing it. */
function room(length: number): Uint8Array {
	if (length > SLAB_BYTES / 4) return new Uint8Array(length);
	if (slabAt + length > SLAB_BYTES) {
		slab = new ArrayBuffer(SLAB_BYTES);
		slabAt = 0;
	}
	slabAt += length;
	return new Uint8Array(slab, slabAt - length, length);
}

const SLAB_BYTES = 65_536;
let slab = new ArrayBuffer(SLAB_BYTES);
let slabAt = 0;

const unwritable = (schema: Schema, code: ErrorCode, why: string): AssentError =>
	new AssentError(problem(code, `\`${schema.shape.name}\` cannot be written: ${why}`));
