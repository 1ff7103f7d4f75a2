/**
 * Ledger entries as a stock Avro library sees them. Other programs read the ledger with such libraries, and this one with a
 * reader of its own: a sample of every ledger that is read in full is held against avsc, so that nobody has to take our
 * word for what the bytes say.
 */
import avro from "avsc";
import { HEADER_BYTES, REGISTRY } from "../../core/codec/registry.ts";
import type { EntryKind, LedgerEntry } from "../../core/model/entries.ts";
import { DIGEST_EVERY } from "../../core/state/digest.ts";

export class StockAvro {
	readonly #types = new Map<EntryKind, avro.Type>();
	#compared = 0;
	#differsAt: number | null = null;

	/** Entries that were compared. */
	get compared(): number {
		return this.#compared;
	}

	/** `seq` of the first entry whose bytes avsc reads otherwise; null where there is none. */
	get differsAt(): number | null {
		return this.#differsAt;
	}

	/** Compares the first entry of each kind, and one in 64 of the others. `value`: the entry's bytes as they are stored. */
	take(entry: LedgerEntry, value: Uint8Array): void {
		if (this.#types.has(entry.kind) && entry.seq % DIGEST_EVERY !== 0) return;
		this.#compared += 1;
		if (!this.#isRead(entry, value)) this.#differsAt ??= entry.seq;
	}

	/** What avsc writes for the values that we have read are the stored bytes, so that it reads these values from them. */
	#isRead(entry: LedgerEntry, value: Uint8Array): boolean {
		try {
			return this.#typeOf(entry.kind).toBuffer(entry).equals(value.subarray(HEADER_BYTES));
		} catch {
			return false;
		}
	}

	#typeOf(kind: EntryKind): avro.Type {
		let type = this.#types.get(kind);
		if (type === undefined) {
			type = avro.Type.forSchema(REGISTRY.writerOf("entry", kind)?.avro as avro.Schema, { wrapUnions: "never" });
			this.#types.set(kind, type);
		}
		return type;
	}
}
