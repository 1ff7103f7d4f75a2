/**
 * Bytes to records. Bytes are hostile until they are through here: every fault is a value, nothing throws, and time and
 * memory stay proportional to the bytes.
 */

import { parseArguments } from "../arguments/canonical.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { RECORD_BYTES_MAX } from "../model/bounds.ts";
import type { LedgerEntry } from "../model/entries.ts";
import type { CallId } from "../model/ids.ts";
import type { StoredInput } from "../model/inputs.ts";
import type { DerivedRecord } from "../model/records.ts";
import { type Cursor, compileBodyReader, cursorOver } from "./body-reader.ts";
import { HEADER_BYTES, REGISTRY, type Registry } from "./registry.ts";
import type { Family, Lead } from "./schemas/definition.ts";
import { name } from "./shape.ts";

/** Why bytes are not a record, and what could still be read of them. */
export interface RecordFault {
	/** One of the RECORD family. */
	readonly code: ErrorCode;
	/** A lower-case sentence; never holds what the record said. */
	readonly message: string;
	/** The call that the record is about, where it could be read: it can be answered. */
	readonly call: CallId | null;
	readonly session: string | null;
	/** The record may be fine: its schema is not known to this version. */
	readonly unknownSchema: boolean;
}

/** An input as it is on its topic: sealed, where it is sealed there. A record of the other input topic is RECORD_TOPIC. */
export function decodeInput(
	bytes: Uint8Array,
	topic: "intents" | "control",
	registry: Registry = REGISTRY,
): Result<StoredInput, RecordFault> {
	const read = readRecord<StoredInput>(bytes, topic, registry);
	if (!read.ok || read.value.type !== "intent.submitted") return read;
	const args = parseArguments(read.value.argsText);
	if (!args.ok) {
		return err({ ...nothingRead(args.error.code, args.error.message), ...recover(asBuffer(bytes), "intent") });
	}
	(read.value as { args: JsonObject }).args = args.value;
	return read;
}

/** An entry of the ledger. A claim, which is on the same topic, is RECORD_TOPIC here: see `identify`. */
export const decodeEntry = (bytes: Uint8Array, registry: Registry = REGISTRY): Result<LedgerEntry, RecordFault> =>
	readRecord(bytes, "entry", registry);

/** A claim, a projection, a bundle, a part of a snapshot. */
export const decodeDerived = (bytes: Uint8Array, registry: Registry = REGISTRY): Result<DerivedRecord, RecordFault> =>
	readRecord(bytes, "derived", registry);

/** What a record says it is, from its header alone. */
export interface Identity {
	readonly family: Family;
	/** `type` or `kind`; two for the schema that serves both kinds of halt. */
	readonly types: readonly string[];
	/** 16 hex digits, as in `schemas/fingerprints.json`. */
	readonly fingerprint: string;
}

/** Null when the header is damaged or the schema is not known. */
export function identify(bytes: Uint8Array, registry: Registry = REGISTRY): Identity | null {
	if (bytes.length < HEADER_BYTES || !isMarked(bytes)) return null;
	const schema = registry.schemaOf(bytes);
	if (schema === null) return null;
	return { family: schema.definition.family, types: schema.definition.types, fingerprint: schema.fingerprintHex };
}

const isMarked = (bytes: Uint8Array): boolean => bytes[0] === 0xc3 && bytes[1] === 0x01;

/** That a record of the family is one of type T follows from its shape. */
function readRecord<T>(bytes: Uint8Array, family: Family, registry: Registry): Result<T, RecordFault> {
	if (bytes.length < HEADER_BYTES) {
		return err(
			nothingRead("RECORD_TRUNCATED", `the record has ${bytes.length} bytes, a header alone has ${HEADER_BYTES}`),
		);
	}
	if (!isMarked(bytes)) {
		return err(nothingRead("RECORD_MALFORMED", "the record does not begin with the Avro single-object marker `c3 01`"));
	}
	const schema = registry.schemaOf(bytes);
	if (schema === null) return err(unknown(bytes));

	const buffer = asBuffer(bytes);
	const { definition, shape } = schema;
	const fault = (code: ErrorCode, message: string): { readonly ok: false; readonly error: RecordFault } =>
		err({ ...nothingRead(code, message), ...recover(buffer, definition.lead) });
	if (bytes.length > RECORD_BYTES_MAX) {
		return fault("RECORD_OVERSIZED", `the record has ${bytes.length} bytes, at most ${RECORD_BYTES_MAX} are accepted`);
	}
	if (definition.family !== family) {
		return fault("RECORD_TOPIC", `\`${shape.name}\` does not belong ${PLACES[family]}`);
	}
	const cursor = cursorOver(buffer, HEADER_BYTES);
	const record = schema.codec().read(cursor);
	if (record === undefined) {
		return fault(cursor.code, `field \`${cursor.path}\` of \`${shape.name}\` ${cursor.what}`);
	}
	if (cursor.at < buffer.length) {
		return fault("RECORD_MALFORMED", `${buffer.length - cursor.at} bytes follow after the end of \`${shape.name}\``);
	}
	return ok(record as T);
}

const PLACES: Readonly<Record<Family, string>> = {
	intents: "on `intents`",
	control: "on `control`",
	entry: "among the entries of the ledger",
	derived: "among derived records",
};

const nothingRead = (code: ErrorCode, message: string): RecordFault => ({
	code,
	message,
	call: null,
	session: null,
	unknownSchema: false,
});

function unknown(bytes: Uint8Array): RecordFault {
	const hex = Buffer.from(bytes.subarray(2, HEADER_BYTES)).toString("hex");
	const message = `no schema with the fingerprint \`${hex}\` is known to this version`;
	return { ...nothingRead("RECORD_SCHEMA_UNKNOWN", message), unknownSchema: true };
}

const readName = compileBodyReader(name) as (cursor: Cursor) => string | undefined;

/** Reads the names with which a record begins, as far as they are whole and within bounds. */
function recover(bytes: Buffer, lead: Lead): { readonly call: CallId | null; readonly session: string | null } {
	if (lead === null) return { call: null, session: null };
	const cursor = cursorOver(bytes, HEADER_BYTES);
	const [first, second, third] = [readName(cursor), readName(cursor), readName(cursor)];
	if (first === undefined || second === undefined || third === undefined) return { call: null, session: null };
	const call =
		lead === "intent" ? { id: first, tenant: second, agent: third } : { tenant: first, agent: second, id: third };
	return { call, session: readName(cursor) ?? null };
}

const asBuffer = (bytes: Uint8Array): Buffer =>
	Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
