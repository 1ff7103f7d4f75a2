/**
 * The file of an embedded log, changed by somebody who can write it: everything that others could recompute is made to fit again, which is
 * the checksums of records, and with the log's key what it has signed.
 */
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { checksum } from "../../src/adapters/embedded/checksum.ts";
import { anchorOrigin, checkpointText, partitionOrigin, readCheckpoint } from "../../src/core/audit/checkpoint.ts";
import { noteText, readNote } from "../../src/core/audit/note.ts";
import { decodeDerived, decodeEntry, decodeInput } from "../../src/core/codec/decode.ts";
import { encodeDerived, encodeEntry, encodeInput } from "../../src/core/codec/encode.ts";
import { emptyHead, judgeRecord } from "../../src/core/ledger/validity.ts";
import { CompactRange } from "../../src/core/merkle/compact-range.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import type { InputRecord } from "../../src/core/model/inputs.ts";
import type { CheckpointSigned, DerivedRecord } from "../../src/core/model/records.ts";
import { keyId } from "../../src/core/model/signing-keys.ts";
import type { Signer } from "../../src/ports/signer.ts";

export interface StoredRecord {
	/** Rises with the time of arrival. */
	readonly id: number;
	readonly topic: string;
	readonly partition: number;
	readonly offset: number;
	readonly timestamp: number;
	readonly key: string | null;
	readonly headers: Readonly<Record<string, string>>;
	readonly value: Uint8Array;
}

/** Where something was changed. */
export interface Place {
	readonly topic?: string;
	readonly partition: number;
	readonly offset?: number;
	readonly seq?: number;
}

export interface FoundEntry {
	readonly record: StoredRecord;
	readonly entry: LedgerEntry;
	readonly place: Place;
}

export class LogEditor {
	readonly #db: DatabaseSync;

	constructor(file: string) {
		this.#db = new DatabaseSync(file);
	}

	close(): void {
		this.#db.close();
	}

	/** As any SQLite tool would. */
	run(sql: string): void {
		this.#db.exec(sql);
	}

	records(topic: string, partition: number): readonly StoredRecord[] {
		const rows = this.#db
			.prepare(
				"SELECT r.* FROM records r JOIN topics t ON t.id = r.topic WHERE t.name = ? AND r.part = ? ORDER BY r.off",
			)
			.all(topic, partition);
		return rows.map((row) => ({
			id: Number(row["id"]),
			topic,
			partition,
			offset: Number(row["off"]),
			timestamp: Number(row["ts"]),
			key: row["key"] as string | null,
			headers: JSON.parse(String(row["headers"])) as Record<string, string>,
			value: row["value"] as Uint8Array,
		}));
	}

	/** In the place of what has its id. */
	put(record: StoredRecord): void {
		this.#db
			.prepare("UPDATE records SET off = ?, ts = ?, key = ?, headers = ?, value = ?, crc = ? WHERE id = ?")
			.run(...this.#columns(record), record.id);
	}

	/** As a disk does it: the checksum stays. */
	rot({ id, value }: StoredRecord, at: number): void {
		this.#db.prepare("UPDATE records SET value = ? WHERE id = ?").run(flipped(value, at), id);
	}

	/** Leaves a hole where it was. */
	remove({ id }: StoredRecord): void {
		this.#db.prepare("DELETE FROM records WHERE id = ?").run(id);
	}

	/** Takes away what is before an offset, as retention does. */
	begin(topic: string, partition: number, offset: number): void {
		for (const record of this.records(topic, partition)) if (record.offset < offset) this.remove(record);
		this.#db.prepare("INSERT INTO begins VALUES (?, ?, ?)").run(this.#topic(topic), partition, offset);
	}

	/** These in place of all of a partition, at offsets without a gap. */
	replace(topic: string, partition: number, records: readonly Omit<StoredRecord, "id">[]): void {
		for (const record of this.records(topic, partition)) this.remove(record);
		const insert = this.#db.prepare(
			"INSERT INTO records (topic, part, off, ts, key, headers, value, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		);
		for (const [offset, record] of records.entries())
			insert.run(this.#topic(topic), partition, ...this.#columns({ ...record, topic, partition, offset }));
	}

	#columns(record: Omit<StoredRecord, "id">): [number, number, string | null, string, Uint8Array, number] {
		const { partition, offset, timestamp, key, value } = record;
		const headers = JSON.stringify(record.headers);
		const crc = checksum({ topic: this.#topic(record.topic), partition, offset, timestamp }, { key, headers, value });
		return [offset, timestamp, key, headers, value, crc];
	}

	#topic(name: string): number {
		return Number((this.#db.prepare("SELECT id FROM topics WHERE name = ?").get(name) as Row)["id"]);
	}

	get partitions(): number {
		return Number(
			(this.#db.prepare("SELECT partitions FROM topics WHERE name = 'decisions'").get() as Row)["partitions"],
		);
	}

	/** What counts of a ledger, in its order. */
	ledger(partition: number): readonly FoundEntry[] {
		let head = emptyHead;
		return this.records("decisions", partition).flatMap((record) => {
			const judged = judgeRecord(head, record.headers);
			head = judged.head;
			if (judged.kind !== "valid") return [];
			const entry = read(decodeEntry(record.value));
			return [{ record, entry, place: { topic: "decisions", partition, offset: record.offset, seq: head.seq } }];
		});
	}

	/** The first of all ledgers' entries that is meant. */
	entry(isMeant: (entry: LedgerEntry) => boolean): FoundEntry {
		for (let partition = 0; partition < this.partitions; partition++) {
			const found = this.ledger(partition).find(({ entry }) => isMeant(entry));
			if (found !== undefined) return found;
		}
		throw new Error("no entry of any ledger is the one that is meant");
	}

	/** What an entry answers. */
	inputOf({ entry: { cause } }: FoundEntry): { readonly record: StoredRecord; readonly input: InputRecord } {
		const record = this.records(cause.topic, cause.partition).find(({ offset }) => offset === cause.offset);
		if (record === undefined) throw new Error(`${cause.topic} ${cause.offset} is not there`);
		const input = read(decodeInput(record.value, cause.topic));
		if (input.type === "intent.sealed") throw new Error(`${cause.topic} ${cause.offset} is sealed`);
		return { record, input };
	}

	putEntry<Entry extends LedgerEntry>(record: StoredRecord, entry: Entry): void {
		this.put({ ...record, value: encodeEntry(entry) });
	}

	putInput(record: StoredRecord, input: InputRecord): void {
		this.put({ ...record, value: encodeInput(input) });
	}

	putDerived(record: StoredRecord, derived: DerivedRecord): void {
		this.put({ ...record, value: encodeDerived(derived) });
	}

	/** Records of one type. */
	derived<Type extends DerivedRecord["type"]>(topic: string, partition: number, type: Type): readonly Derived<Type>[] {
		return this.records(topic, partition).flatMap((record) => {
			const { value } = decodeDerived(record.value) as { readonly value?: DerivedRecord };
			return value?.type === type ? [{ record, of: value as Derived<Type>["of"] }] : [];
		});
	}

	/**
	 * Everything that follows from the ledgers' bytes, once more, as whoever has the log's key can make it: roots of checkpoints, what was signed of
	 * them, the anchor over that. What is of more entries than there are goes. Cosignatures of witnesses cannot be made: they are left out.
	 */
	signAgain(signer: Signer): void {
		const roots = Array.from({ length: this.partitions }, (_, partition) => rootsOf(this.ledger(partition)));
		const signed: { readonly record: StoredRecord; readonly of: CheckpointSigned }[] = [];
		for (const [partition, known] of roots.entries()) {
			for (const { record, of } of this.derived("checkpoints", partition, "checkpoint.created")) {
				const root = known[of.size];
				if (root === undefined) this.remove(record);
				else this.putDerived(record, { ...of, root });
			}
			signed.push(...this.derived("checkpoints", partition, "checkpoint.signed"));
		}
		const isAnchor = ({ of }: (typeof signed)[number]): boolean => of.origin === anchorOrigin(signer.key.name);
		signed.sort((one, next) => one.record.id - next.record.id);
		const tree = new CompactRange();
		let round: { readonly partition: number; readonly note: string }[] = [];
		const sizes = new Map<string, number>();
		for (const each of signed) {
			const { record, of } = each;
			const head = { origin: of.origin, size: of.size };
			if (isAnchor(each)) {
				round.sort((one, next) => one.partition - next.partition);
				for (const { note } of round) tree.append(Buffer.from(note));
				round = [];
				this.#putSigned(record, signer, { ...head, size: tree.size, root: tree.root() });
				continue;
			}
			const root = roots[record.partition]?.[of.size];
			if (root === undefined) this.remove(record);
			else {
				const note = this.#putSigned(record, signer, { ...head, root });
				if (of.size > (sizes.get(of.origin) ?? 0)) round.push({ partition: record.partition, note });
				sizes.set(of.origin, of.size);
			}
		}
		for (let partition = 0; partition < this.partitions; partition++)
			this.replace("checkpoints", partition, this.records("checkpoints", partition));
	}

	#putSigned(record: StoredRecord, signer: Signer, head: Omit<CheckpointSigned, "type" | "note">): string {
		const note = signedNote(signer, head);
		this.putDerived(record, { type: "checkpoint.signed", ...head, note });
		return note;
	}
}

type Row = Record<string, SQLOutputValue>;

interface Derived<Type extends DerivedRecord["type"]> {
	readonly record: StoredRecord;
	readonly of: Extract<DerivedRecord, { readonly type: Type }>;
}

/** As a notary signs it. */
export function signedNote({ key, sign }: Signer, head: Omit<CheckpointSigned, "type" | "note">): string {
	const text = checkpointText(head);
	return noteText({ text, signatures: [{ name: key.name, id: keyId(key), bytes: sign(Buffer.from(text)) }] });
}

/** What a note says. */
export function headOf(note: string): Omit<CheckpointSigned, "type" | "note"> {
	const checkpoint = readCheckpoint(readNote(note)?.text ?? "");
	if (checkpoint === null) throw new Error(`no checkpoint: ${note}`);
	return checkpoint;
}

/** Of a partition's ledger, by size. */
function rootsOf(ledger: readonly FoundEntry[]): readonly string[] {
	const tree = new CompactRange();
	const roots = [tree.root()];
	for (const { record } of ledger) {
		tree.append(record.value);
		roots.push(tree.root());
	}
	return roots;
}

export const isOfLedger = (of: CheckpointSigned, { key }: Signer, partition: number): boolean =>
	of.origin === partitionOrigin(key.name, partition);

export function flipped(bytes: Uint8Array, at: number): Uint8Array {
	const changed = Uint8Array.from(bytes);
	changed[at] = (changed[at] ?? 0) ^ 1;
	return changed;
}

function read<Value>(
	result: { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown },
): Value {
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	return result.value;
}
