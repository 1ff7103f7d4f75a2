/**
 * Many records in two statements: first where they lie and how long they are, then the bytes of all of them in one. A value that SQLite
 * hands over costs more than most records take to be read, and whoever reads a ledger from its beginning reads millions.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Offset } from "../../core/model/units.ts";
import { checksumWithin, PLACE_BYTES } from "./checksum.ts";

/** A record as it is stored. */
export interface StoredRecord {
	readonly offset: Offset;
	readonly timestamp: number;
	readonly key: string | null;
	/** JSON. */
	readonly headers: string;
	/** Of a page, a view into the page's bytes. */
	readonly value: Uint8Array;
	/** The checksum fits. */
	readonly isSound: boolean;
}

export interface PageAsked {
	/** `id` in `topics`. */
	readonly topic: number;
	readonly partition: number;
	readonly offset: Offset;
	readonly recordsMax: number;
	/** Of keys, headers and values; at least one record. */
	readonly bytesMax: number;
	/** False: those of the records are empty texts. */
	readonly hasHeaders: boolean;
}

/** Offsets, times, checksums, lengths of keys (null: none), headers and values; a list of each. */
type Places = readonly [number[], number[], number[], (number | null)[], number[], number[]];

export class PageReader {
	readonly #db: DatabaseSync;
	readonly #sql: ReturnType<typeof prepare>;

	constructor(db: DatabaseSync) {
		this.#db = db;
		this.#sql = prepare(db);
	}

	read(asked: PageAsked): StoredRecord[] {
		// Of one moment: retention may remove records between the two.
		this.#db.exec("BEGIN");
		try {
			const places = this.#places(asked);
			const count = countWithin(places, asked.bytesMax);
			return count === 0 ? [] : recordsIn(this.#bytes(asked, count), places, { ...asked, count });
		} finally {
			this.#db.exec("COMMIT");
		}
	}

	#places({ topic, partition, offset, recordsMax }: PageAsked): Places {
		const lists = this.#sql.places.get(topic, partition, offset, recordsMax) as unknown as readonly string[];
		return lists.map((list) => JSON.parse(list)) as unknown as Places;
	}

	#bytes({ topic, partition, offset }: PageAsked, count: number): Buffer {
		const [bytes] = this.#sql.bytes.get(topic, partition, offset, count) as unknown as readonly [Uint8Array];
		return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}
}

function countWithin([offsets, , , keys, headers, values]: Places, bytesMax: number): number {
	let bytes = 0;
	for (let index = 0; index < offsets.length; index++) {
		bytes += (keys[index] ?? 0) + (headers[index] as number) + (values[index] as number);
		if (bytes > bytesMax && index > 0) return index;
	}
	return offsets.length;
}

function recordsIn(
	page: Buffer,
	[offsets, times, checksums, keys, headers, values]: Places,
	{ topic, partition, count, hasHeaders }: PageAsked & { readonly count: number },
): StoredRecord[] {
	const within = checksumWithin(page);
	const records: StoredRecord[] = [];
	let at = 0;
	for (let index = 0; index < count; index++) {
		const [offset, timestamp, keyBytes] = [offsets[index] as number, times[index] as number, keys[index] ?? null];
		const keyAt = at + PLACE_BYTES;
		const headersAt = keyAt + (keyBytes ?? 0);
		const valueAt = headersAt + (headers[index] as number);
		const end = valueAt + (values[index] as number);
		records.push({
			offset,
			timestamp,
			key: keyBytes === null ? null : page.toString("utf8", keyAt, headersAt),
			headers: hasHeaders ? page.toString("utf8", headersAt, valueAt) : "",
			value: page.subarray(valueAt, end),
			isSound: within({ topic, partition, offset, timestamp }, at, end) === checksums[index],
		});
		at = end;
	}
	return records;
}

function prepare(db: DatabaseSync) {
	const asked = "FROM (SELECT * FROM records WHERE topic = ? AND part = ? AND off >= ? ORDER BY off LIMIT ?)";
	const places = db.prepare(
		"SELECT json_group_array(off), json_group_array(ts), json_group_array(crc), json_group_array(octet_length(key)), " +
			`json_group_array(octet_length(headers)), json_group_array(octet_length(value)) ${asked}`,
	);
	// Room before each for its place, which its checksum covers: so one sum is over bytes that lie together.
	const bytes = db.prepare(
		`SELECT CAST(group_concat(zeroblob(${PLACE_BYTES}) || coalesce(key, '') || headers || value, '') AS BLOB) ${asked}`,
	);
	for (const statement of [places, bytes]) statement.setReturnArrays(true);
	return { places, bytes };
}
