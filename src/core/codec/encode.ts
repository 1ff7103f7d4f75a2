/**
 * Records to bytes: `C3 01`, the schema's fingerprint, the Avro body.
 *
 * An encoder never writes what its decoder would refuse: the bytes are walked before they are handed out. A value out of
 * bounds is a broken promise of whoever composed it and is thrown, with a code of the RECORD family.
 */
import { AssentError, type ErrorCode, problem } from "../base/errors.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { LedgerEntry } from "../model/entries.ts";
import type { InputRecord } from "../model/inputs.ts";
import type { DerivedRecord } from "../model/records.ts";
import { parseArguments } from "./arguments.ts";
import { cursorOver } from "./body-check.ts";
import { ENTRY_BYTES_MAX, INPUT_BYTES_MAX, RECORD_BYTES_MAX } from "./bounds.ts";
import { HEADER_BYTES, REGISTRY, type Schema } from "./registry.ts";

/** Bytes of an input. Throws RECORD_FIELD, RECORD_JSON, RECORD_DEPTH or RECORD_OVERSIZED. */
export function encodeInput(record: InputRecord): Uint8Array {
	const schema = writerOf("input", record.type);
	if (record.type !== "intent.submitted") return write(schema, record, RECORD_BYTES_MAX);
	const args = parseArguments(record.argsText);
	if (!args.ok) throw unwritable(schema, args.error.code, args.error.message);
	const wire = { ...record, salt: asBuffer(record.salt), sessionSalt: asBuffer(record.sessionSalt) };
	return write(schema, wire, RECORD_BYTES_MAX);
}

/** Bytes of a ledger entry, which are its leaf. Throws RECORD_FIELD or RECORD_OVERSIZED (over ENTRY_BYTES_MAX). */
export const encodeEntry = (entry: LedgerEntry): Uint8Array =>
	write(writerOf("entry", entry.kind), entry, ENTRY_BYTES_MAX);

/** Bytes of a derived record. Throws RECORD_FIELD or RECORD_OVERSIZED. */
export function encodeDerived(record: DerivedRecord): Uint8Array {
	const wire = record.type === "snapshot.chunk" ? { ...record, bytes: asBuffer(record.bytes) } : record;
	return write(writerOf("derived", record.type), wire, RECORD_BYTES_MAX);
}

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

function writerOf(family: "input" | "entry" | "derived", type: string): Schema {
	const schema = REGISTRY.writerOf(family, type);
	if (schema === null) throw new AssentError(problem("ASSENT_INTERNAL", `there is no schema for \`${type}\``));
	return schema;
}

/** One buffer for all records: encoding is synchronous, and what is handed out is a copy. */
let scratch = Buffer.alloc(16_384);

function write(schema: Schema, value: object, bytesMax: number): Uint8Array {
	const codec = schema.codec();
	const malformed = codec.checkTexts(value);
	if (malformed !== null) {
		throw unwritable(schema, "RECORD_FIELD", `field \`${malformed.slice(1)}\` holds a lone surrogate`);
	}
	const end = writeBody(schema, value, bytesMax);
	const cursor = cursorOver(scratch, HEADER_BYTES, end);
	if (!codec.check(cursor)) throw unwritable(schema, cursor.code, `field \`${cursor.path}\` ${cursor.what}`);
	const bytes = new Uint8Array(end);
	bytes.set(scratch.subarray(0, end));
	bytes.set(codec.header);
	return bytes;
}

function writeBody(schema: Schema, value: object, bytesMax: number): number {
	const { write: writeTo } = schema.codec();
	let end: number;
	try {
		end = writeTo(value, scratch);
		if (end < 0) {
			const needed = scratch.length - end;
			if (needed <= bytesMax) {
				scratch = Buffer.alloc(Math.max(needed, 2 * scratch.length));
				end = writeTo(value, scratch);
			} else {
				end = needed;
			}
		}
	} catch (thrown) {
		throw unwritable(schema, "RECORD_FIELD", thrown instanceof Error ? thrown.message : "a value of the wrong type");
	}
	if (end > bytesMax) {
		throw unwritable(schema, "RECORD_OVERSIZED", `it has ${end} bytes, at most ${bytesMax} are accepted`);
	}
	return end;
}

const unwritable = (schema: Schema, code: ErrorCode, why: string): AssentError =>
	new AssentError(problem(code, `\`${schema.shape.name}\` cannot be written: ${why}`));

/** avsc takes Buffers only. A view, no copy. What is no byte array is left for avsc to refuse. */
const asBuffer = (bytes: Uint8Array): Uint8Array =>
	bytes instanceof Uint8Array ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
