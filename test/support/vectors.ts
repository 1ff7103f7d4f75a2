/** The golden records of `test/vectors/records`: bytes that stored ledgers are made of, and what they mean. */
import { readdirSync, readFileSync } from "node:fs";

export interface RecordVector {
	readonly file: string;
	readonly family: "input" | "entry" | "derived";
	/** The record's `type` or `kind`. */
	readonly type: string;
	readonly hex: string;
	/** The record, without the parsed arguments of an intent; byte arrays are written as `{"bytes": hex}`. */
	readonly value: Record<string, unknown>;
}

const FOLDER = new URL("../vectors/records/", import.meta.url);

export const recordVectors = (): readonly RecordVector[] =>
	readdirSync(FOLDER)
		.sort()
		.map((file) => {
			const text = readFileSync(new URL(file, FOLDER), "utf8");
			return { file, ...(JSON.parse(text, reviveBytes) as Omit<RecordVector, "file">) };
		});

function reviveBytes(_key: string, value: unknown): unknown {
	if (typeof value !== "object" || value === null || Object.keys(value).join() !== "bytes") return value;
	const { bytes } = value as { readonly bytes: unknown };
	return typeof bytes === "string" ? new Uint8Array(Buffer.from(bytes, "hex")) : value;
}
